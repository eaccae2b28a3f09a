import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deepCheckCommand } from '../../backend/authority/deep-check.ts';
import { stackState } from '../../backend/stack-state.ts';
import type { StoreAccess } from '../../backend/store/store-access.ts';
import { StoreClient } from '../../backend/store/store-client.ts';
import { showWitness } from '../../backend/witness/command.ts';
import { openWitness } from '../../backend/witness/open-witness.ts';
import type { StateMark } from '../../backend/witness/state-mark.ts';
import { readSettings } from '../../config/read-settings.ts';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { missingOf } from '../../operations/rehearsal/installed.ts';
import { KINDS, type StoreKind } from '../../operations/rehearsal/store/kinds.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { stateVariables } from '../../operations/rehearsal/store/variables.ts';

const SETTINGS_FILE = 'config/tinyland.yaml';
const SETTINGS = readSettings(SETTINGS_FILE);
const NAME = `witness-${process.pid}`;
const OBJECT = '/api/v1/namespaces/flywheel-state/configmaps/flywheel-state-witness';
const WRITERS = 8;
const KIND_NAMES = Object.keys(KINDS) as StoreKind[];

const LINEAGE = '8d3f6f0a-6f0e-4e3e-9c0f-3d5f1a7f2b11';
const missing = await missingPrograms();
const STORES = await Promise.all(
  KIND_NAMES.map(async (kind) => ({ kind, missing: await missingOf([kind]) })),
);
const notRun = (why: readonly string[]) => (why.length > 0 ? ` (not run: ${why.join('; ')})` : '');

const folder = mkdtempSync(join(tmpdir(), 'flywheel-real-witness-'));
afterAll(() => rmSync(folder, { recursive: true }));

function mark(serial: number, over: Partial<StateMark> = {}): StateMark {
  const hash = serial.toString(16).padStart(64, '0');
  return { lineage: LINEAGE, serial, hash, at: '2026-11-20T10:00:00.000Z', by: 'ada', ...over };
}

function stateBody(serial: number): Buffer {
  return Buffer.from(JSON.stringify({ version: 4, serial, lineage: LINEAGE, resources: [] }));
}

let results: string[];
let problems: string[];
const printer = {
  result: (line: string) => void results.push(line),
  problem: (line: string) => void problems.push(line),
};
beforeEach(() => {
  results = [];
  problems = [];
});

describe.skipIf(missing.length > 0)(`the witness in a real API server${notRun(missing)}`, () => {
  let launched: Launched;
  let own: OwnCluster;

  beforeAll(async () => {
    launched = await launchCluster({ name: NAME, settings: SETTINGS_FILE });
    own = await ownCluster(NAME);
  }, 120_000);

  afterAll(async () => {
    own?.api.close();
    await launched?.stop();
  });

  /** A machine of its own, which reaches the cluster as the operator and as nobody else. */
  function machine(name: string): NodeJS.ProcessEnv {
    const home = join(folder, name);
    return {
      HOME: home,
      XDG_STATE_HOME: join(home, 'state'),
      FLYWHEEL_CONFIG: SETTINGS_FILE,
      KUBE_CONFIG_PATH: own.kubeconfig,
    };
  }

  function open(environment: NodeJS.ProcessEnv, stack = 'attic') {
    const state = stackState(stack, SETTINGS, environment);
    return openWitness(state, { settings: SETTINGS, environment });
  }

  test('makes its namespace and its ConfigMap with no more than the rights of the operator', async () => {
    const witness = await open(machine('laptop'));
    expect(await witness.recall('attic')).toEqual({ kind: 'never-seen' });
    await witness.advance('attic', mark(4));
    expect(witness.notes).toEqual([]);
    const { data } = await own.api.get<ConfigMap>(OBJECT);
    expect(Object.keys(data)).toEqual(['tofu-state.attic']);
    expect(JSON.parse(data['tofu-state.attic'] ?? '')).toMatchObject({ serial: 4, accepted: 0 });
    expect(await showWitness(['attic'], printer, machine('laptop'))).toBe(0);
    expect(results.at(-1)).toBe('attic: serial 4 is the last that was proved');
  });

  test('a laptop after CI has applied is no alarm', async () => {
    await (await open(machine('ci'))).advance('attic', mark(5));
    const memory = await (await open(machine('laptop'))).recall('attic');
    expect(memory).toEqual({ kind: 'remembers', mark: mark(5) });
  });

  test('of many that write at the same time nobody loses what another one has written', async () => {
    const stacks = ['arc-runners', 'gitlab-runners'];
    const writers = Array.from({ length: WRITERS }, (_, index) => index + 1);
    const outcomes = await Promise.allSettled(
      stacks.flatMap((stack) =>
        writers.map(async (serial) => {
          const witness = await open(machine(`writer-${stack}-${serial}`), stack);
          await witness.advance(stack, mark(serial));
          return witness.notes;
        }),
      ),
    );
    const kept = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(kept.length).toBeGreaterThanOrEqual(stacks.length);
    expect(kept.flat()).toEqual([]);
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused.filter(({ name }) => name !== 'WitnessRefusal')).toEqual([]);
    for (const stack of stacks) {
      const memory = await (await open(machine('onlooker'), stack)).recall(stack);
      expect(memory).toEqual({ kind: 'remembers', mark: mark(WRITERS) });
    }
    const { data } = await own.api.get<ConfigMap>(OBJECT);
    expect(JSON.parse(data['tofu-state.attic'] ?? '')).toMatchObject({ serial: 5 });
  });

  test('two histories stop the run, and a person ends that', async () => {
    const alone = { ...machine('alone'), KUBE_CONFIG_PATH: join(folder, 'none') };
    await (await open(alone)).advance('attic', mark(5, { hash: 'f'.repeat(64) }));
    const environment = machine('alone');
    expect(await (await open(environment)).recall('attic')).toMatchObject({
      kind: 'contradiction',
    });
    expect(await showWitness(['attic'], printer, environment)).toBe(2);
    await (await open(environment)).accept('attic', mark(3));
    expect(await (await open(machine('laptop'))).recall('attic')).toEqual({
      kind: 'remembers',
      mark: mark(3),
    });
  });

  test('another cluster under the same name is not asked, and the file counts alone', async () => {
    const environment = { ...machine('moved'), FLYWHEEL_CLUSTER_UID: 'another' };
    const witness = await open(environment);
    await witness.advance('attic', mark(9));
    const { halves } = await witness.inspect('attic');
    expect(halves.find(({ name }) => name === 'cluster')?.memory).toMatchObject({
      kind: 'not-at-hand',
      because: expect.stringContaining('this is another cluster'),
    });
    const { data } = await own.api.get<ConfigMap>(OBJECT);
    expect(JSON.parse(data['tofu-state.attic'] ?? '')).toMatchObject({ serial: 3 });
  });
});

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>;
}

describe.each(STORES)('the deep check on $kind', ({ kind, missing: lacking }) => {
  describe.skipIf(lacking.length > 0)(`started once${notRun(lacking)}`, () => {
    let store: RunningStore;
    let client: StoreClient;
    let environment: NodeJS.ProcessEnv;
    const check = (...words: string[]) => deepCheckCommand(words, printer, environment);
    const state = stackState('attic', SETTINGS);

    beforeAll(async () => {
      store = await startStore({ kind, settings: SETTINGS });
      const variables = stateVariables({ ...store, endpoint: store.endpoint, pathStyle: true });
      const home = join(folder, kind);
      environment = {
        HOME: home,
        XDG_STATE_HOME: join(home, 'state'),
        FLYWHEEL_CONFIG: SETTINGS_FILE,
        ...variables,
      };
      const access: StoreAccess = {
        endpoint: store.endpoint,
        bucket: state.bucket,
        region: store.region,
        pathStyle: true,
        keys: {
          accessKeyId: variables.TOFU_BACKEND_S3_ACCESS_KEY_ID,
          secretAccessKey: variables.TOFU_BACKEND_S3_SECRET_ACCESS_KEY,
        },
      };
      client = new StoreClient(access);
    }, 120_000);

    afterAll(async () => {
      client?.close();
      await store?.stop();
    });

    const put = (body: Buffer) => client.send({ method: 'PUT', key: state.key, body });

    test('an empty store is unknown, and good when the run is declared to be the first (S9)', async () => {
      expect(await check('attic')).toBe(1);
      expect(problems).toContain('      fix: if attic was never applied, say so: --first-run');
      problems = [];
      expect(await check('attic', '--first-run')).toBe(0);
      expect(problems).toEqual([]);
    });

    test('a state is proved, again and again, and nothing is left behind (S7)', async () => {
      await put(stateBody(7));
      for (const _ of [1, 2, 3]) {
        const began = Date.now();
        expect(await check('attic')).toBe(0);
        process.stdout.write(`${kind}: deep check in ${Date.now() - began} ms\n`);
      }
      const query = { 'list-type': '2' };
      const { body } = await client.send({ method: 'GET', query });
      expect(body.toString('utf8').match(/<Key>[^<]*<\/Key>/g)).toEqual([
        `<Key>${state.key}</Key>`,
      ]);
    });

    test('a state that goes back, goes away or is overwritten is found out', async () => {
      const witness = await openWitness(stackState('attic', SETTINGS, environment), {
        settings: SETTINGS,
        environment,
      });
      await put(stateBody(7));
      const { headers } = await client.send({ method: 'GET', key: state.key });
      expect(headers['content-length']).toBe(String(stateBody(7).length));
      await witness.advance('attic', mark(8));
      expect(await check('attic')).toBe(2);
      expect(problems.join('\n')).toContain('serial 8 was proved before: the store has gone back');
      await put(Buffer.alloc(0));
      expect(await check('attic')).toBe(2);
      await client.send({ method: 'DELETE', key: state.key });
      problems = [];
      expect(await check('attic', '--first-run')).toBe(2);
      expect(problems.join('\n')).toContain('it is hidden, or lost');
    });
  });
});
