import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localStore, markMoved } from '../../../backend/recovery/state-home.ts';
import { status } from '../../../backend/status/command.ts';
import { openWitness } from '../../../backend/witness/open-witness.ts';
import { plural } from '../../../operations/preflight/api-types.ts';
import { definedObjects } from '../../../policy/model/cluster.ts';
import { resourcesOf } from '../../../policy/model/stack-json.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { markOfBytes, stateBytes } from '../recovery/recovery-ground.ts';
import { Home, SETTINGS } from '../witness/witness-fixtures.ts';

const STACK = 'runner-dashboard';
const outdir = mkdtempSync(join(tmpdir(), 'flywheel-status-'));
let declared: { readonly addresses: string[]; readonly paths: string[] };

/** What a synthesis leaves, and where a cluster has what it declares. */
beforeAll(() => {
  const env = { ...process.env, FLYWHEEL_CONFIG: 'config/tinyland.yaml', CDKTF_OUTDIR: outdir };
  spawnSync(process.execPath, ['bin/flywheel.cjs', 'synth'], { env });
  const text = readFileSync(join(outdir, 'stacks', STACK, 'cdk.tf.json'), 'utf8');
  const stack = { name: STACK, json: JSON.parse(text) };
  declared = {
    addresses: resourcesOf(stack).map(({ type, id }) => `${type}.${id}`),
    paths: definedObjects([stack]).map(({ apiVersion, kind, namespace, name }) => {
      const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
      const within = namespace === '' ? '' : `/namespaces/${namespace}`;
      return `${root}${within}/${plural(kind)}/${name}`;
    }),
  };
});
afterAll(() => rmSync(outdir, { recursive: true }));

let server: TestApiServer;
let home: Home;
let results: string[];
beforeEach(async () => {
  server = await startApiServer();
  home = new Home(server);
  results = [];
});
afterEach(async () => {
  await server.close();
  home.remove();
});

/** Lets the state of the stack be on this machine, and be remembered. */
async function keep(addresses: readonly string[], proved = true): Promise<void> {
  const state = home.state(STACK);
  const bytes = stateBytes(4, Object.fromEntries(addresses.map((address) => [address, 'id'])));
  markMoved(state, { at: '2026-11-20T10:00:00.000Z', by: 'ada@laptop' });
  await localStore(state).send({ method: 'PUT', key: state.key, body: bytes });
  if (!proved) return;
  const witness = await openWitness(state, { settings: SETTINGS, environment: home.environment });
  await witness.advance(STACK, markOfBytes(bytes));
}

function live(paths: readonly string[]): void {
  for (const path of paths) server.state.objects.set(path, { metadata: {} });
}

async function look(...options: string[]): Promise<number> {
  const printer = { result: (line: string) => void results.push(line), problem: () => {} };
  return await status([STACK, ...options], printer, { ...home.environment, CDKTF_OUTDIR: outdir });
}

describe('status', () => {
  test('shows code, state and cluster side by side, in the order in which they count (S5, L19)', async () => {
    const { addresses, paths } = declared;
    await keep(addresses);
    live(paths);
    expect(await look()).toBe(0);
    expect(results).toEqual([
      STACK,
      `  declared  ${addresses.length} resources in the synthesized stack`,
      `  state     serial 4 on this machine, ${addresses.length} resources, as it was proved`,
      `  live      ${paths.length} of ${paths.length} objects are in the cluster`,
      'what fields an object has by itself is another question: just drift <stack>',
    ]);
  });

  test('names what the state lacks, what nobody declares, and what does not live (S5, L19)', async () => {
    const { addresses, paths } = declared;
    await keep([...addresses.slice(1), 'kubernetes_secret_v1.by-hand']);
    live(paths.slice(1));
    expect(await look('--json')).toBe(2);
    const { exitCode, stacks } = JSON.parse(results.join('\n'));
    expect(exitCode).toBe(2);
    expect(stacks[0].lines).toMatchObject([
      { place: 'declared', exitCode: 0, details: [] },
      {
        place: 'state',
        exitCode: 2,
        details: [`not in it: ${addresses[0]}`, 'not declared: kubernetes_secret_v1.by-hand'],
      },
      { place: 'live', exitCode: 2, details: [expect.stringMatching(/^not there: \w+ \S+$/)] },
    ]);
  });

  test('knows nothing good of a state that nobody has proved', async () => {
    await keep(declared.addresses, false);
    live(declared.paths);
    expect(await look()).toBe(1);
    expect(results[2]).toMatch(/^ {2}state .*, which nobody has proved yet$/);
  });

  test('looks at nothing where the stacks are not what the settings make of them now', async () => {
    home.environment.FLYWHEEL_CONFIG = 'config/minimal.yaml';
    await expect(look()).rejects.toThrow(
      /is not what the settings make of it now\n {4}run just synth$/,
    );
  });

  test('tells a state that is lost from one that never was (S9)', async () => {
    await keep(declared.addresses);
    const { key } = home.state(STACK);
    await localStore(home.state(STACK)).send({ method: 'DELETE', key });
    expect(await look()).toBe(2);
    expect(results.slice(2, 4)).toEqual([
      '  state     none on this machine, and serial 4 is remembered',
      '            hidden or lost: just tofu-state-authority-deep-check runner-dashboard',
    ]);
  });

  test('says of each place by itself why it is not known', async () => {
    rmSync(home.environment.KUBE_CONFIG_PATH ?? '');
    expect(await look()).toBe(1);
    expect(results.filter((line) => line.includes('not known'))).toEqual([
      expect.stringMatching(/^ {2}state {5}not known: the store of the states cannot be reached/),
      expect.stringMatching(/^ {2}live {6}not known: /),
    ]);
  });
});
