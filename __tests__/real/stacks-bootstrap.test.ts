import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootstrap } from '../../backend/bootstrap/command.ts';
import { movedState } from '../../backend/recovery/state-home.ts';
import { stackState } from '../../backend/stack-state.ts';
import { status } from '../../backend/status/command.ts';
import { state } from '../../backend/tofu/commands/state.ts';
import { readSettings } from '../../config/read-settings.ts';
import { Failure } from '../../console/failure.ts';
import { pinFile } from '../../operations/kubernetes/declared-cluster.ts';
import { type Ground, startGround } from '../../operations/rehearsal/stacks/ground.ts';
import { STACK_ORDER } from '../../operations/stack-order.ts';
import { exampleFile } from '../support/examples.ts';
import { missingForStacks } from './stacks/ground.ts';

const missing = await missingForStacks();
const CLUSTER = 'bootstrap';
const NOBODY = { TOFU_BACKEND_S3_ENDPOINT: 'http://127.0.0.1:9' };
const ROUND_MS = 600_000;

const home = mkdtempSync(join(tmpdir(), 'flywheel-bootstrap-'));
const settings = join(home, 'settings.yaml');
let ground: Ground;

async function start(): Promise<void> {
  // Its plans lie in the checkout, and are not to be those of the cluster that the example declares.
  const text = readFileSync(exampleFile('tinyland'), 'utf8');
  writeFileSync(settings, text.replace(/^ {2}name: honey$/m, `  name: ${CLUSTER}`));
  ground = await startGround({ settings, charts: process.env.FLYWHEEL_CHARTS ?? '' });
}

/** The same person in whatever cluster there is: what is remembered is remembered by the machine. */
function environment(over: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { environment: own, stateVariables } = ground;
  return { ...own, ...stateVariables, XDG_STATE_HOME: join(home, 'state'), ...over };
}

async function run(args: readonly string[] = [], over: NodeJS.ProcessEnv = {}) {
  const results: string[] = [];
  const told: string[] = [];
  const printer = {
    result: (line: string) => void results.push(line),
    problem: (line: string) => void told.push(line),
  };
  const given = ['--from', join(ground.folder, 'given'), '--json'];
  const code = await bootstrap([...given, ...args], printer, environment(over)).catch((error) => {
    if (!(error instanceof Failure)) throw error;
    told.push(error.message);
    return error.exitCode;
  });
  const { steps = [] } = results.length === 0 ? {} : JSON.parse(results.join('\n'));
  const taken = steps.map(({ stack, step }: Record<string, string>) => `${stack} ${step}`);
  return { code, taken, told: told.join('\n') };
}

const stateOf = (name: string) => stackState(name, readSettings(ground.settings), environment());

async function resourcesOf(name: string): Promise<number> {
  const lines: string[] = [];
  const printer = { result: (line: string) => void lines.push(line), problem: () => {} };
  expect(await state([name, 'list'], printer, environment())).toBe(0);
  return lines.length;
}

const wayOf = (name: string, ...more: string[]) =>
  ['secrets', 'preflight', 'state', 'deploy', ...more].map((step) => `${name} ${step}`);

describe.skipIf(missing.length > 0)(
  `a bootstrap${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    beforeAll(start, 240_000);
    afterAll(async () => {
      await ground?.stop();
      rmSync(home, { recursive: true, force: true });
      rmSync(resolve('.flywheel', CLUSTER), { recursive: true, force: true });
    });

    test(
      'keeps the state of attic on this machine as long as the store is not there',
      async () => {
        const { code, taken, told } = await run([], NOBODY);
        expect(code, told).toBe(1);
        expect(taken).toEqual(wayOf('attic', 'move'));
        expect(told).toContain(
          'the state of attic begins on this machine, until its store is there',
        );
        expect(told).toContain('stopped at attic: move');
        expect(movedState(stateOf('attic'))).toBeDefined();
        expect(await resourcesOf('attic')).toBeGreaterThan(40);
      },
      ROUND_MS,
    );

    test(
      'goes on where it has stopped, and ends with four stacks and nothing left to do (F1)',
      async () => {
        const { code, taken, told } = await run();
        expect(code, told).toBe(0);
        expect(taken).toEqual(
          STACK_ORDER.flatMap((name) => wayOf(name, ...(name === 'attic' ? ['move'] : []))),
        );
        expect(movedState(stateOf('attic'))).toBeUndefined();
        for (const name of STACK_ORDER) expect(await resourcesOf(name)).toBeGreaterThan(5);
      },
      ROUND_MS,
    );

    test('leaves code, states and cluster in agreement (S5, L19)', async () => {
      const lines: string[] = [];
      const printer = { result: (line: string) => void lines.push(line), problem: () => {} };
      expect(await status([], printer, environment()), lines.join('\n')).toBe(0);
      expect(lines.filter((line) => line.startsWith('  live'))).toHaveLength(STACK_ORDER.length);
    });

    test(
      'is done when it was done',
      async () => {
        const { code, taken, told } = await run();
        expect(code, told).toBe(0);
        expect(taken).toEqual(STACK_ORDER.flatMap((name) => wayOf(name)));
        expect(told).toContain('Deployment nix-cache/attic-rustfs-openebs is there');
      },
      ROUND_MS,
    );

    test(
      'after a total loss goes the same way, with the history that was lost (F1)',
      async () => {
        await ground.stop();
        await start();
        const other = await run();
        expect(other.code).toBe(2);
        expect(other.told).toContain(`if ${CLUSTER} was really made anew, remove `);
        rmSync(pinFile(CLUSTER, environment()));
        const refused = await run();
        expect(refused.code).toBe(2);
        expect(refused.taken.at(-1)).toBe('attic state');
        expect(refused.told).toContain('just bootstrap --after-total-loss goes on from there');
        const { code, told } = await run(['--after-total-loss', '--confirm', CLUSTER]);
        expect(code, told).toBe(0);
        for (const name of STACK_ORDER) expect(await resourcesOf(name)).toBeGreaterThan(5);
      },
      2 * ROUND_MS,
    );
  },
);
