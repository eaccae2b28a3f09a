import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { liesNamed } from '../../backend/lying-store/lies.ts';
import { LyingStore } from '../../backend/lying-store/lying-store.ts';
import { serveStore } from '../../backend/lying-store/serve-store.ts';
import { adopt } from '../../backend/recovery/commands/adopt.ts';
import { recover } from '../../backend/recovery/commands/recover.ts';
import { apply } from '../../backend/tofu/commands/apply.ts';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { output } from '../../backend/tofu/commands/output.ts';
import { plan } from '../../backend/tofu/commands/plan.ts';
import { packRecovery, unpackRecovery } from '../../backend/tofu/commands/recovery-bundle.ts';
import { unlock } from '../../backend/tofu/commands/unlock.ts';
import type { RunNote } from '../../backend/witness/run-note.ts';
import { readSettings } from '../../config/read-settings.ts';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { missingOf } from '../../operations/rehearsal/installed.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { exampleFile } from '../support/examples.ts';
import { bundleDriver, DriverProcess, runningTofu } from './authority/driver-process.ts';
import { type Command, DriverStack, resources, type TestedStore, waiting } from './driver-stack.ts';
import { stateIdentity } from './tofu-folder.ts';

const NAME = `run-notes-${process.pid}`;
const OBJECT = '/api/v1/namespaces/flywheel-state/configmaps/flywheel-state-witness';
const OUTPUT = { output: { greeting: { value: 'hello' } } };
const packed: Command = async (...given) => packRecovery(...given);
const unpacked: Command = async (...given) => unpackRecovery(...given);
const missing = [...(await missingPrograms()), ...(await missingOf(['tofu', 'versitygw']))];

describe.skipIf(missing.length > 0)(
  `an apply that was killed, and its machine is gone${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    let launched: Launched;
    let own: OwnCluster;
    let store: RunningStore;
    const machines: DriverStack[] = [];

    beforeAll(async () => {
      const settings = exampleFile('minimal');
      launched = await launchCluster({ name: NAME, settings });
      own = await ownCluster(NAME);
      store = await startStore({ kind: 'versitygw', settings: readSettings(settings) });
      await bundleDriver();
    }, 180_000);
    afterEach(async () => {
      for (const machine of machines.splice(0)) {
        await machine.forget();
        machine.remove();
      }
    });
    afterAll(async () => {
      own?.api.close();
      await store?.stop();
      await launched?.stop();
    });

    /** A machine of its own: checkout and memory. Store and cluster are the same for all. */
    function machine(
      stack: string,
      at: TestedStore = { endpoint: store.endpoint, keys: stateIdentity(store) },
    ): DriverStack {
      const made = new DriverStack(at, stack);
      machines.push(made);
      const { name } = readSettings(made.environment.FLYWHEEL_CONFIG ?? '').cluster;
      const config = JSON.parse(readFileSync(own.kubeconfig, 'utf8'));
      const contexts = config.contexts.map((each: { name: string }) =>
        each.name === own.context ? { ...each, name } : each,
      );
      const kubeconfig = join(made.home, 'kubeconfig');
      const text = JSON.stringify({ ...config, contexts, 'current-context': name });
      writeFileSync(kubeconfig, text, { mode: 0o600 });
      made.environment.KUBE_CONFIG_PATH = kubeconfig;
      made.write(resources({ one: 'first' }), OUTPUT);
      return made;
    }

    async function notesOf({ stack }: DriverStack): Promise<RunNote[]> {
      const { data } = await own.api.get<{ data: Record<string, string> }>(OBJECT);
      const text = data[`tofu-state.${stack}.runs`];
      return text === undefined ? [] : JSON.parse(text).runs;
    }

    async function succeed(on: DriverStack, command: Command, args: readonly string[] = []) {
      const said = await on.run(command, args);
      expect(said.code, said.problems).toBe(0);
      return said;
    }

    /** A machine whose driver and tofu are killed in the middle of an apply, and whose memory is gone. */
    async function killed(stack: string): Promise<DriverStack> {
      const job = machine(stack);
      await succeed(job, deploy, ['--first-run']);
      expect(await notesOf(job)).toEqual([]);
      job.write(resources({ one: 'first', two: 'second', three: waiting(job.home) }), OUTPUT);
      await succeed(job, plan);
      const run = new DriverProcess(job);
      while (!existsSync(join(job.home, 'held'))) await pause(20);
      expect(await notesOf(job)).toMatchObject([{ what: 'apply', waits: [] }]);
      run.killDriver();
      run.killTofu();
      await run.end();
      writeFileSync(join(job.home, 'free'), '');
      rmSync(job.environment.XDG_STATE_HOME ?? '', { recursive: true });
      return job;
    }

    async function unlocked(on: DriverStack): Promise<void> {
      const { ID } = JSON.parse(String(await on.object(`${on.key}.tflock`)));
      await succeed(on, unlock, [ID, '--confirm', on.stack]);
    }

    test('is named by the next run on another machine, and taken in there without its journal (S8)', async () => {
      await killed('arc-runners');
      const next = machine('arc-runners');
      const typed = ['--confirm', next.stack];
      next.write(resources({ one: 'first', two: 'second', three: 'third' }), OUTPUT);
      for (const command of [plan, apply, recover]) {
        const said = await next.run(command);
        expect(said.code, said.problems).toBe(4);
        expect(said.problems).toContain('apply by ');
        expect(said.problems).toMatch(/it holds the lock \S+ of the state/);
        expect(said.problems).toContain('just tofu-unlock arc-runners ');
        expect(said.problems).toContain('just tofu-state-adopt arc-runners');
      }
      expect((await succeed(next, output)).problems).toContain('apply by ');
      await unlocked(next);
      const still = await next.run(plan);
      expect(still.code).toBe(4);
      expect(still.problems).toContain('it has not said how it ended');

      expect((await next.run(adopt, ['--confirm', 'attic'])).code).toBe(1);
      const adopted = await succeed(next, adopt, typed);
      expect(adopted.results).toContain('what that run knew alone is given up');
      expect(await notesOf(next)).toEqual([]);
      await succeed(next, deploy);
      await succeed(machine('arc-runners'), plan);
      expect(await notesOf(next)).toEqual([]);
    });

    test('is given up there by the name of the stack', async () => {
      await killed('gitlab-runners');
      const next = machine('gitlab-runners');
      await unlocked(next);
      expect((await next.run(plan)).code).toBe(4);
      expect((await next.run(recover, ['--discard', '--confirm', 'attic'])).code).toBe(1);
      await succeed(next, recover, ['--discard', '--confirm', next.stack]);
      expect(await notesOf(next)).toEqual([]);
      await succeed(next, deploy);
    });

    test('is brought to another machine by its bundle, and its note goes with it (S8)', async () => {
      const lying = new LyingStore(new HonestStore({ bucket: 'tofu-state', region: 'us-east-1' }));
      const keys = freshIdentity();
      const served = await serveStore({ store: lying, keys, region: 'us-east-1' });
      const passphrase = { FLYWHEEL_RECOVERY_PASSPHRASE: 'a passphrase of this test' };
      const there = { endpoint: served.endpoint, keys };
      const job = machine('attic', there);
      await succeed(job, deploy, ['--first-run']);
      job.write(resources({ one: 'first', three: waiting(job.home) }), OUTPUT);
      await succeed(job, plan);
      const ending = job.run(apply);
      while (!existsSync(join(job.home, 'held'))) await pause(20);
      lying.lie(liesNamed(['write-denied']));
      writeFileSync(join(job.home, 'free'), '');
      expect([2, 4]).toContain((await ending).code);
      lying.cease();
      expect(await notesOf(job)).toMatchObject([
        { waits: [{ kind: 'state', what: 'a state that could not be written, serial 3' }] },
      ]);
      const bundle = join(job.home, 'bundle');
      expect((await job.run(packed, [bundle], passphrase)).code).toBe(0);
      rmSync(job.environment.XDG_STATE_HOME ?? '', { recursive: true });

      const next = machine('attic', there);
      next.write(resources({ one: 'first', three: 'waits' }), OUTPUT);
      expect((await next.run(recover)).problems).toContain('could not be written, serial 3: ');
      expect((await next.run(unpacked, [bundle], passphrase)).code).toBe(0);
      const said = await succeed(next, recover);
      expect(said.results).toContain('attic: nothing waits to be recovered');
      expect(await notesOf(next)).toEqual([]);
      await succeed(next, plan);
      await succeed(machine('attic', there), plan);
      await served.stop();
    });

    test('is no more than a state that waits, where its machine is still there', async () => {
      const job = machine('runner-dashboard');
      await succeed(job, deploy, ['--first-run']);
      job.write(resources({ one: 'first', three: waiting(job.home) }), OUTPUT);
      await succeed(job, plan);
      const ending = job.run(apply);
      while (!existsSync(join(job.home, 'held'))) await pause(20);
      const other = await machine('runner-dashboard').run(plan);
      expect(other.code).toBe(4);
      expect(other.problems).toContain('it still goes on, as process');
      const [tofu] = runningTofu(job);
      process.kill(-(tofu?.pid ?? Number.NaN), 'SIGKILL');
      expect((await ending).code).toBe(4);
      writeFileSync(join(job.home, 'free'), '');
      expect(await notesOf(job)).toMatchObject([
        { waits: [{ kind: 'journal', what: 'an apply that was killed' }, { kind: 'lock' }] },
      ]);
      const waits = await machine('runner-dashboard').run(plan);
      expect(waits.code).toBe(4);
      expect(waits.problems).toContain('an apply that was killed: ');
      await unlocked(job);
      await succeed(job, adopt, ['--confirm', job.stack]);
      expect(await notesOf(job)).toEqual([]);
      await succeed(machine('runner-dashboard'), plan);
    });
  },
);
