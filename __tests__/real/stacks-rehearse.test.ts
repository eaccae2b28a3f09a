import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { REHEARSAL_ROOT } from '../../operations/rehearsal/folder.ts';
import { eventually } from '../support/cluster-objects.ts';
import { missingForStacks } from './stacks/ground.ts';

const missing = await missingForStacks();
const MINUTES = 60_000;
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** What a person has in the environment: a cluster that no rehearsal may touch. */
const LIVE = { FLYWHEEL_CONFIG: '', KUBE_CONFIG_PATH: '/nowhere/kubeconfig', KUBE_CTX: 'live' };

interface Ran {
  readonly child: ChildProcess;
  readonly said: { stdout: string; stderr: string };
  readonly ended: Promise<number | null>;
}

/** Starts a command as a person does. */
function flywheel(words: readonly string[], environment: NodeJS.ProcessEnv = LIVE): Ran {
  const child = spawn(process.execPath, ['bin/flywheel.cjs', ...words], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    said.stdout += text;
  });
  child.stderr.on('data', (text) => {
    said.stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, ended };
}

/** The name of the cluster and of the store, as it is said while they start. */
function nameIn({ stderr }: Ran['said']): string {
  return /^cluster (\S+) …$/m.exec(stderr)?.[1] ?? 'none was started';
}

/** Folders of a rehearsal. */
function folders(name: string): string[] {
  return existsSync(REHEARSAL_ROOT)
    ? readdirSync(REHEARSAL_ROOT).filter((folder) => folder.includes(name))
    : [];
}

/** Processes that name a rehearsal or work in its folder, as the providers of tofu do, without those that are dead already. */
function processes(name: string): string[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => {
      const [pid = '', state = ''] = line.trim().split(/\s+/);
      return !state.startsWith('Z') && (line.includes(name) || workplace(pid).includes(name));
    });
}

/** Where a process works; nothing where the system does not say, or it has just ended. */
function workplace(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function nothingLeft(said: Ran['said']): Promise<true> {
  const name = nameIn(said);
  return eventually('everything to be gone', () =>
    folders(name).length === 0 && processes(name).length === 0 ? true : undefined,
  );
}

describe.skipIf(missing.length > 0)(
  `a rehearsal${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    test(
      'takes a stack from nothing to an empty second plan, and leaves nothing',
      async () => {
        const { said, ended } = flywheel(['rehearse', '--stack', 'runner-dashboard', '--json']);
        expect({ code: await ended, ...said }).toMatchObject({ code: 0 });
        const { stacks, environment } = JSON.parse(said.stdout);
        expect(environment).toBeUndefined();
        expect(stacks).toMatchObject([{ stack: 'runner-dashboard', settled: true }]);
        expect(stacks[0].resources).toBeGreaterThan(3);
        expect(said.stderr).toContain('runner-dashboard: apply …\n');
        await nothingLeft(said);
      },
      5 * MINUTES,
    );

    test('refuses a stack that would reach outside of this machine, before anything is started', async () => {
      const settings = { ...LIVE, FLYWHEEL_CONFIG: 'config/single-node-r2.yaml' };
      const { said, ended } = flywheel(['rehearse', '--stack', 'attic'], settings);
      expect(await ended).toBe(1);
      expect(said.stderr).toContain(
        'attic needs the provider aws, which reaches outside of this machine: a rehearsal does not\n',
      );
      expect(nameIn(said)).toBe('none was started');
    });

    test.each([
      ['while the cluster starts', /^cluster \S+ …$/m],
      ['in the middle of an apply', /^gitlab-runners: apply …$/m],
    ])(
      'ends with Ctrl-C %s, with all that it has started',
      async (_, moment) => {
        const { child, said, ended } = flywheel(['rehearse', '--stack', 'gitlab-runners']);
        await eventually('the moment', () => moment.test(said.stderr) || undefined, 2 * MINUTES);
        await eventually('a process of it', () => processes(nameIn(said)).length > 0 || undefined);
        child.kill('SIGINT');
        expect(await ended).toBe(130);
        expect(said.stderr).toContain('interrupted: ending the cluster and the store …\n');
        await nothingLeft(said);
      },
      5 * MINUTES,
    );

    test(
      'leaves cluster and store where it is asked to, and says how to go on and how to end them',
      async () => {
        const { said, ended } = flywheel(['rehearse', '--stack', 'runner-dashboard', '--keep']);
        expect({ code: await ended, ...said }).toMatchObject({ code: 0 });
        const exported = [...said.stdout.matchAll(/^export (\w+)=(\S+)$/gm)];
        const variables = Object.fromEntries(exported.map(([, name, value]) => [name, value]));
        expect(Object.keys(variables)).toEqual(
          expect.arrayContaining([
            'KUBECONFIG',
            'KUBE_CTX',
            'XDG_STATE_HOME',
            'TOFU_BACKEND_S3_ENDPOINT',
            'TOFU_BACKEND_S3_SECRET_ACCESS_KEY',
          ]),
        );
        const checked = flywheel(['preflight', 'runner-dashboard'], variables);
        expect({ code: await checked.ended, ...checked.said }).toMatchObject({ code: 0 });
        expect(checked.said.stdout).toContain(`as ${variables.XDG_STATE_HOME}`);
        const [, name = '', folder = ''] =
          /just cluster down --name (\S+) .* rm -r (\S+)$/m.exec(said.stdout) ?? [];
        for (const part of ['cluster', 'store']) {
          expect(await flywheel([part, 'down', '--name', name]).ended).toBe(0);
        }
        rmSync(folder, { recursive: true });
        await nothingLeft(said);
      },
      5 * MINUTES,
    );
  },
);
