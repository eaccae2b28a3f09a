import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adoptOrphans } from '../../../backend/recovery/adopt.ts';
import { keepErroredState, keptStates } from '../../../backend/recovery/errored-state.ts';
import { type Journal, openJournal } from '../../../backend/recovery/journal.ts';
import { pendingJournals } from '../../../backend/recovery/left-journal.ts';
import { takeLock } from '../../../backend/recovery/store-lock.ts';
import { HttpsClient } from '../../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../../operations/kubernetes/kube-access.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import type { Json } from '../../support/synthesized.ts';
import { isTidy, ModelTofu } from './model-tofu.ts';
import { LINEAGE, RecoveryGround, stateBytes, typed } from './recovery-ground.ts';

const SELECTED =
  /^\/api\/v1\/namespaces\/(\w+)\/secrets\?labelSelector=owner%3Dhelm%2Cname%3D(.*)$/;
const BEFORE = '2020-01-01T00:00:00Z';
const ROLE = '/apis/rbac.authorization.k8s.io/v1/namespaces/ci/roles/pool';

/** A role, a class for pods of the whole cluster, a release, a bucket, and something that is nowhere but in a state. */
const STACK: Json = {
  resource: {
    kubernetes_role_v1: { role: { metadata: { name: 'pool', namespace: 'ci' } } },
    kubernetes_priority_class_v1: { class: { metadata: { name: 'job' } } },
    helm_release: { release: { name: 'pool', namespace: 'ci' } },
    aws_s3_bucket: { bucket: { bucket: 'caches' } },
    terraform_data: { wait: {} },
  },
};

let ground: RecoveryGround;
let server: TestApiServer;
let there: Set<string>;
beforeEach(async () => {
  ground = new RecoveryGround();
  server = await startApiServer();
  there = new Set();
  // The server of the tests knows no selectors.
  server.state.instead = (method, path) => {
    const [, namespace, name] = SELECTED.exec(path) ?? [];
    if (method !== 'GET' || name === undefined) return undefined;
    const items = [...server.state.objects].flatMap(([key, object]) =>
      key.startsWith(`/api/v1/namespaces/${namespace}/secrets/`) &&
      object.metadata.labels?.name === name
        ? [object]
        : [],
    );
    return { status: 200, body: { items } };
  };
  writeFileSync(join(ground.stackFolder, 'cdk.tf.json'), JSON.stringify(STACK));
});
afterEach(async () => {
  await server.close();
  ground.remove();
});

function place(path: string, metadata: Json = {}): void {
  const creationTimestamp = new Date().toISOString();
  const base = { name: path.split('/').at(-1), uid: `uid-of-${path}`, resourceVersion: '7' };
  server.state.objects.set(path, { metadata: { ...base, creationTimestamp, ...metadata } });
  const id = path === ROLE ? 'ci/pool' : 'job';
  there.add(id);
}

function record(revision: number, status: string, metadata: Json = {}): string {
  const path = `/api/v1/namespaces/ci/secrets/sh.helm.release.v1.pool.v${revision}`;
  const labels = { owner: 'helm', name: 'pool', status, version: String(revision) };
  place(path, { labels, ...metadata });
  there.add('ci/pool');
  return path;
}

function note(journal: Journal, type: string, address: string, more: Json = {}): void {
  const [resourceType] = address.split('.');
  journal.note({
    type,
    hook: { resource: { addr: address, resource_type: resourceType }, action: 'create', ...more },
  });
}

/** The journal of a run that was killed: what it made, and what was under way. */
function killedRun(made: readonly string[], underWay: readonly string[] = []): void {
  const journal = openJournal(ground.state);
  for (const address of [...made, ...underWay]) note(journal, 'apply_start', address);
  for (const address of made) note(journal, 'apply_complete', address);
  journal.close('failed');
}

async function subject(over: { name?: string; older?: boolean; replaced?: Set<string> } = {}) {
  const { state, store, printer, stackFolder: folder } = ground;
  const { name = 'attic', older = false, replaced = new Set<string>() } = over;
  const kubeconfig = join(ground.folder, 'kubeconfig.json');
  writeFileSync(kubeconfig, server.kubeconfig('honey'));
  const client = new HttpsClient(findCluster({ KUBE_CONFIG_PATH: kubeconfig }));
  const witness = await ground.witness();
  const tofu = new ModelTofu({ state, store, witness, folder, there, replaced });
  const common = { state, store, printer, client, tofu, json: STACK, guard: async () => {} };
  return { ...common, confirm: typed(name), takesOlder: older };
}

async function inState(): Promise<Record<string, string>> {
  const { resources } = JSON.parse((await ground.stored())?.toString('utf8') ?? '{"resources":[]}');
  return Object.fromEntries(
    resources.map(({ type, name, instances }: Json) => [
      `${type}.${name}`,
      instances[0].attributes.id,
    ]),
  );
}

describe('tofu-state-adopt', () => {
  test('takes in what was made and what was under way, and creates nothing twice (S8)', async () => {
    await ground.keep(stateBytes(3, {}));
    place(ROLE);
    place('/apis/scheduling.k8s.io/v1/priorityclasses/job');
    record(1, 'deployed');
    there.add('caches');
    killedRun(
      ['kubernetes_role_v1.role', 'kubernetes_priority_class_v1.class', 'aws_s3_bucket.bucket'],
      ['helm_release.release', 'terraform_data.wait'],
    );
    expect(await adoptOrphans(await subject())).toBe(0);
    expect(ground.results).toEqual([
      'import     kubernetes_role_v1.role  ci/pool',
      'import     kubernetes_priority_class_v1.class  job',
      'import     helm_release.release  ci/pool',
      'import     aws_s3_bucket.bucket  caches',
      'duplicated terraform_data.wait: it was under way, and is nowhere but in a state; the next apply makes it a second time',
      'a plan now makes 1, changes 0, removes or replaces 0; nothing that is there is made again',
    ]);
    expect(await inState()).toEqual({
      'kubernetes_role_v1.role': 'ci/pool',
      'kubernetes_priority_class_v1.class': 'job',
      'helm_release.release': 'ci/pool',
      'aws_s3_bucket.bucket': 'caches',
    });
    expect(pendingJournals(ground.state)).toEqual([]);
    expect(isTidy(ground.stackFolder)).toBe(true);
    expect(readdirSync(ground.state.work)).toEqual([]);
  });

  test('takes in the first resources of a stack that had no state yet', async () => {
    place(ROLE);
    killedRun(['kubernetes_role_v1.role']);
    expect(await adoptOrphans(await subject())).toBe(0);
    expect(await inState()).toEqual({ 'kubernetes_role_v1.role': 'ci/pool' });
  });

  test('leaves to the next apply what is not there, also where its provider says so', async () => {
    await ground.keep(stateBytes(3, {}));
    place(ROLE);
    killedRun(['kubernetes_role_v1.role'], ['aws_s3_bucket.bucket', 'helm_release.release']);
    expect(await adoptOrphans(await subject())).toBe(0);
    expect(ground.results).toEqual([
      'import     kubernetes_role_v1.role  ci/pool',
      '4 declared resources are not there; the next apply makes them',
      'a plan now makes 4, changes 0, removes or replaces 0; nothing that is there is made again',
    ]);
  });

  test('removes the record of a release that never ended, so that it can be made again', async () => {
    await ground.keep(stateBytes(3, {}));
    const path = record(1, 'pending-install');
    killedRun([], ['helm_release.release']);
    expect(await adoptOrphans(await subject())).toBe(0);
    expect(ground.results[0]).toMatch(
      /^remove {5}Secret ci\/sh\.helm\.release\.v1\.pool\.v1: the release is pending-install since /,
    );
    expect(server.state.objects.has(path)).toBe(false);
    expect(await inState()).toEqual({});
  });

  test('removes the record of a half update, and takes in the revision before it', async () => {
    await ground.keep(stateBytes(3, {}));
    const kept = record(1, 'deployed');
    const half = record(2, 'pending-upgrade');
    killedRun([], ['helm_release.release']);
    expect(await adoptOrphans(await subject())).toBe(0);
    expect([kept, half].map((path) => server.state.objects.has(path))).toEqual([true, false]);
    expect(await inState()).toEqual({ 'helm_release.release': 'ci/pool' });
  });

  test('removes the half update of a release that the state knows', async () => {
    await ground.keep(stateBytes(3, { 'helm_release.release': 'pool' }));
    record(1, 'deployed');
    const half = record(2, 'pending-upgrade');
    const journal = openJournal(ground.state);
    note(journal, 'apply_start', 'helm_release.release', { action: 'update' });
    journal.close('failed');
    expect(await adoptOrphans(await subject())).toBe(0);
    expect(server.state.objects.has(half)).toBe(false);
  });

  test('does not remove a record that has changed since it was shown', async () => {
    await ground.keep(stateBytes(3, {}));
    const path = record(1, 'pending-install');
    killedRun([], ['helm_release.release']);
    const confirm = {
      named: async () => {
        record(1, 'deployed', { resourceVersion: '8' });
        return true;
      },
    };
    await expect(adoptOrphans({ ...(await subject()), confirm })).rejects.toThrow(/409/);
    expect(server.state.objects.has(path)).toBe(true);
    expect(pendingJournals(ground.state)).toHaveLength(1);
  });

  test('leaves alone what was there before the run, until that is asked for', async () => {
    await ground.keep(stateBytes(3, {}));
    place(ROLE, { creationTimestamp: BEFORE });
    killedRun([], ['kubernetes_role_v1.role']);
    expect(await adoptOrphans(await subject())).toBe(2);
    expect(ground.results[0]).toBe(
      `left alone kubernetes_role_v1.role: ci/pool is there since ${BEFORE}, before the run; --older takes it in`,
    );
    expect(ground.results.at(-1)).toBe(
      'kubernetes_role_v1.role would be made, and is there already',
    );
    expect(await inState()).toEqual({});
    expect(await adoptOrphans(await subject({ older: true }))).toBe(0);
    expect(await inState()).toEqual({ 'kubernetes_role_v1.role': 'ci/pool' });
  });

  test('takes in what is declared and there, where no journal tells: after an empty state was accepted', async () => {
    await ground.keep(stateBytes(8, {}));
    place(ROLE, { creationTimestamp: BEFORE });
    expect(await adoptOrphans(await subject())).toBe(0);
    expect(ground.results[0]).toBe('import     kubernetes_role_v1.role  ci/pool, in no journal');
    expect(await inState()).toEqual({ 'kubernetes_role_v1.role': 'ci/pool' });
  });

  test('takes in what a run made whose journal went with its machine, and nothing older', async () => {
    await ground.keep(stateBytes(3, {}));
    const since = new Date().toISOString();
    place(ROLE);
    place('/apis/scheduling.k8s.io/v1/priorityclasses/job', { creationTimestamp: BEFORE });
    expect(await adoptOrphans({ ...(await subject()), since })).toBe(2);
    expect(ground.results.slice(0, 2)).toEqual([
      'import     kubernetes_role_v1.role  ci/pool, in no journal',
      `left alone kubernetes_priority_class_v1.class: job is there since ${BEFORE}, before the run; --older takes it in`,
    ]);
    expect(await adoptOrphans({ ...(await subject({ older: true })), since })).toBe(0);
    expect(await inState()).toEqual({
      'kubernetes_role_v1.role': 'ci/pool',
      'kubernetes_priority_class_v1.class': 'job',
    });
  });

  test('takes in what only a state knows that was not written, and clears it', async () => {
    await ground.keep(stateBytes(5, {}));
    place(ROLE);
    const lost = stateBytes(4, { 'kubernetes_role_v1.role': 'ci/pool' });
    keepErroredState(ground.state, ground.stackFolder, lost);
    expect(await adoptOrphans(await subject())).toBe(0);
    expect(await inState()).toEqual({ 'kubernetes_role_v1.role': 'ci/pool' });
    expect(keptStates(ground.state)).toEqual([]);
  });

  test('leaves to a person what was made and is no longer declared', async () => {
    await ground.keep(stateBytes(3, {}));
    const journal = openJournal(ground.state);
    note(journal, 'apply_complete', 'kubernetes_role_v1.gone', { id_key: 'id', id_value: 'ci/x' });
    journal.close('failed');
    expect(await adoptOrphans(await subject())).toBe(4);
    expect(ground.results[0]).toBe(
      'by hand    kubernetes_role_v1.gone: it was made with the id ci/x, and is no longer declared; synthesize what was applied then, or remove it by hand',
    );
    expect(pendingJournals(ground.state)).toHaveLength(1);
  });

  test('leaves to a person what is being removed', async () => {
    await ground.keep(stateBytes(3, {}));
    place(ROLE, { deletionTimestamp: new Date().toISOString() });
    killedRun(['kubernetes_role_v1.role']);
    expect(await adoptOrphans(await subject())).toBe(4);
    expect(ground.results[0]).toContain('it is being removed; wait until it is gone');
  });

  test('changes nothing when another name was typed', async () => {
    await ground.keep(stateBytes(3, {}));
    place(ROLE);
    const path = record(1, 'pending-install');
    killedRun(['kubernetes_role_v1.role'], ['helm_release.release']);
    expect(await adoptOrphans(await subject({ name: 'arc-runners' }))).toBe(1);
    expect(await inState()).toEqual({});
    expect(server.state.objects.has(path)).toBe(true);
    expect(pendingJournals(ground.state)).toHaveLength(1);
  });

  test('takes nothing in where the plan would replace what is there', async () => {
    await ground.keep(stateBytes(3, {}));
    place(ROLE);
    killedRun(['kubernetes_role_v1.role']);
    const replaced = new Set(['kubernetes_role_v1.role']);
    expect(await adoptOrphans(await subject({ replaced }))).toBe(2);
    expect(ground.problems[0]).toBe('kubernetes_role_v1.role: the plan would replace it');
    expect(await inState()).toEqual({});
  });

  test('waits for whoever holds the lock', async () => {
    await ground.keep(stateBytes(3, {}));
    killedRun([]);
    const purpose = { operation: 'OperationTypeApply', info: '', who: 'eve@ci' };
    const lock = await takeLock(ground.store, ground.state, purpose);
    await expect(adoptOrphans(await subject())).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(`just tofu-unlock attic ${lock.info.id}`),
    });
  });

  test.runIf(process.platform === 'linux')('waits for whoever still applies', async () => {
    await ground.keep(stateBytes(3, {}));
    openJournal(ground.state);
    await expect(adoptOrphans(await subject())).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(`process ${process.pid} still applies`),
    });
  });

  test('keeps the journal when the store does not keep the state', async () => {
    await ground.keep(stateBytes(3, {}));
    place(ROLE);
    killedRun(['kubernetes_role_v1.role']);
    const store = {
      send: (request: Json) =>
        request.method === 'PUT' && request.key === ground.state.key
          ? Promise.resolve({ status: 403, headers: {}, body: Buffer.alloc(0) })
          : ground.store.send(request),
    };
    const { state, stackFolder: folder } = ground;
    const tofu = new ModelTofu({ state, store, witness: await ground.witness(), folder, there });
    await expect(adoptOrphans({ ...(await subject()), tofu })).rejects.toThrow(
      /^not everything could be taken in/,
    );
    expect(pendingJournals(ground.state)).toHaveLength(1);
  });

  test('names a cluster that is missing only where something is in one', async () => {
    await ground.keep(stateBytes(3, {}));
    killedRun([], ['terraform_data.wait']);
    const json = { resource: { terraform_data: { wait: {} } } };
    const without = { ...(await subject()), client: undefined };
    expect(await adoptOrphans({ ...without, json })).toBe(0);
    killedRun([], ['kubernetes_role_v1.role']);
    await expect(adoptOrphans(without)).rejects.toThrow(/is in a cluster, and none is at hand$/);
  });
});

test('the state that is taken in goes on with its lineage', async () => {
  await ground.keep(stateBytes(3, {}));
  place(ROLE);
  killedRun(['kubernetes_role_v1.role']);
  await adoptOrphans(await subject());
  expect(JSON.parse(`${await ground.stored()}`)).toMatchObject({ lineage: LINEAGE, serial: 4 });
  expect(readFileSync(join(ground.stackFolder, 'cdk.tf.json'), 'utf8')).toBe(JSON.stringify(STACK));
});
