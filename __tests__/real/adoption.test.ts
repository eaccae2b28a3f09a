import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { adopt } from '../../backend/recovery/commands/adopt.ts';
import { journalFolder } from '../../backend/recovery/journal.ts';
import { leftProviders } from '../../backend/recovery/living-process.ts';
import { type StackState, stackState } from '../../backend/stack-state.ts';
import { apply } from '../../backend/tofu/commands/apply.ts';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { destroy } from '../../backend/tofu/commands/destroy.ts';
import { plan } from '../../backend/tofu/commands/plan.ts';
import { unlock } from '../../backend/tofu/commands/unlock.ts';
import { readSettings } from '../../config/read-settings.ts';
import { Failure } from '../../console/failure.ts';
import { table } from '../../console/table.ts';
import { type Ground, startGround } from '../../operations/rehearsal/stacks/ground.ts';
import { ensure } from '../../operations/secrets/command.ts';
import { STACK_ORDER } from '../../operations/stack-order.ts';
import { eventually } from '../support/cluster-objects.ts';
import { exampleFile } from '../support/examples.ts';
import { figure } from '../support/long.ts';
import type { Command } from './driver-stack.ts';
import { missingForStacks } from './stacks/ground.ts';
import { type Inventory, takeInventory } from './stacks/inventory.ts';
import { differenceOf } from './stacks/recovery.ts';

const missing = await missingForStacks();
const CLUSTER = 'adoption';
const ROUND_MS = 600_000;
const NAMES = STACK_ORDER.slice(figure(3, 0));
/** How much of a run is over when tofu is killed. */
const SHARES = figure(0, 1) === 1 ? [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95] : [0.3, 0.7];

/** One stack of a ground, through the recipes. */
class Operator {
  readonly state: StackState;
  private readonly name: string;
  private readonly folder: string;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(name: string, ground: Ground) {
    this.name = name;
    this.environment = { ...ground.environment, ...ground.stateVariables };
    this.folder = resolve(this.environment.CDKTF_OUTDIR ?? '', 'stacks', name);
    this.state = stackState(name, readSettings(ground.settings), this.environment);
  }

  async run(command: Command, args: readonly string[] = []) {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const printer = { result: say, problem: say };
    const code = await command([this.name, ...args], printer, this.environment).catch((error) => {
      if (!(error instanceof Failure)) throw error;
      say(error.message);
      return error.exitCode;
    });
    return { code, said: lines.join('\n') };
  }

  async succeed(command: Command, args: readonly string[] = []): Promise<string> {
    const { code, said } = await this.run(command, args);
    expect(code, said).toBe(0);
    return said;
  }

  /** Applies the saved plan, and kills tofu and its providers when so many events were journalled. */
  async applyKilled(events: number): Promise<{ code: number; said: string }> {
    const ending = this.run(apply);
    await eventually('events', () => (this.journalled() > events ? true : undefined), 120_000);
    process.kill(-this.tofu(), 'SIGKILL');
    return await ending;
  }

  async inventory(ground: Ground): Promise<Inventory> {
    return await takeInventory(ground.cluster.api);
  }

  /** Events that the journal holds, its head left out. */
  journalled(): number {
    const folder = journalFolder(this.state);
    const [name] = existsSync(folder) ? readdirSync(folder) : [];
    return name === undefined ? 0 : readFileSync(join(folder, name), 'utf8').split('\n').length - 2;
  }

  private tofu(): number {
    const found = readdirSync('/proc').find((pid) => {
      try {
        const isTofu = readlinkSync(`/proc/${pid}/exe`).endsWith('/tofu');
        return isTofu && readlinkSync(`/proc/${pid}/cwd`) === this.folder;
      } catch {
        return false;
      }
    });
    if (found === undefined) throw new Error('no tofu runs there');
    return Number(found);
  }
}

describe.skipIf(missing.length > 0)(
  `what a killed apply has made${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    const rows: string[][] = [];
    let home: string;
    let ground: Ground;

    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'flywheel-adoption-'));
      const settings = join(home, 'settings.yaml');
      const text = readFileSync(exampleFile('tinyland'), 'utf8');
      // Its plans lie in the checkout, and are not to be those of the cluster that the example declares. Its state is not in the
      // store of the stacks, so each of them can be the first.
      const own = text
        .replace(/^ {2}name: honey$/m, `  name: ${CLUSTER}`)
        .replace(/^ {2}store: object-store$/m, '  store: elsewhere');
      writeFileSync(settings, own);
      const charts = process.env.FLYWHEEL_CHARTS ?? '';
      ground = await startGround({ settings, charts, stacks: NAMES });
    }, 240_000);

    afterAll(async () => {
      await ground?.stop();
      rmSync(home, { recursive: true, force: true });
      rmSync(resolve('.flywheel', CLUSTER), { recursive: true, force: true });
      const header = [
        'stack',
        'killed at',
        'taken in',
        'records removed',
        'then made',
        'difference',
      ];
      process.stdout.write(`\n${table(header, rows).join('\n')}\n`);
    });

    describe.each(NAMES)('of %s', (name) => {
      let operator: Operator;
      let reference: Inventory;
      let events: number;

      beforeAll(async () => {
        operator = new Operator(name, ground);
        const given = join(ground.folder, 'given');
        await operator.succeed((args, printer, env) =>
          ensure([...args, '--from', given], printer, env),
        );
        await operator.succeed(plan, ['--first-run']);
        const ending = operator.run(apply);
        let seen = 0;
        const count = setInterval(() => {
          seen = Math.max(seen, operator.journalled());
        }, 20);
        const { code, said } = await ending;
        clearInterval(count);
        expect(code, said).toBe(0);
        events = seen;
        reference = await operator.inventory(ground);
        await end();
      }, ROUND_MS);

      afterEach(async () => await end(), ROUND_MS);

      async function end(): Promise<void> {
        await operator.succeed(destroy, ['--confirm', name]);
      }

      test.each(SHARES)(
        'is taken in after %f of its run: nothing is made twice, and nothing is missing (S8)',
        async (share) => {
          await operator.succeed(plan);
          const cut = await operator.applyKilled(Math.max(1, Math.round(share * events)));
          expect(cut.code, cut.said).toBe(4);
          while ((leftProviders() ?? []).length > 0) await pause(100);
          expect((await operator.run(plan)).code).toBe(4);
          const [, id = ''] = /just tofu-unlock \S+ (\S+)/.exec(cut.said) ?? [];
          await operator.succeed(unlock, [id, '--confirm', name]);

          const before = await operator.inventory(ground);
          const said = await operator.succeed(adopt, ['--confirm', name]);
          const imported = [...said.matchAll(/^import +(\S+)/gm)].map(
            ([, address = '']) => address,
          );
          const removed = [...said.matchAll(/^removed (Secret \S+),/gm)];
          expect(said).toContain('nothing that is there is made again');

          const made = await operator.succeed(deploy);
          expect(made).toContain('a second plan has nothing to do');
          const now = await operator.inventory(ground);
          const { extra, missing: lost } = differenceOf(reference, now);
          rows.push([
            name,
            `${share}`,
            `${imported.length}`,
            `${removed.length}`,
            /(\d+) added/.exec(made)?.[1] ?? '',
            `${extra.length} second revisions`,
          ]);
          expect(lost).toEqual([]);
          // Of a release the provider reads no values, so what was taken in gets a second revision, equal to the first.
          expect(extra.every((title) => /sh\.helm\.release\.v1\..*\.v2$/.test(title))).toBe(true);
          const releases = imported.filter((address) => address.startsWith('helm_release.'));
          expect(extra.length).toBeLessThanOrEqual(releases.length);
          // What was there is what is there.
          const kept = [...before].filter(
            ([title]) => reference.has(title) && !/^(Pod|Secret) /.test(title),
          );
          const replaced = kept.filter(([title, uid]) => now.has(title) && now.get(title) !== uid);
          expect(replaced.map(([title]) => title)).toEqual([]);
        },
        ROUND_MS,
      );
    });
  },
);
