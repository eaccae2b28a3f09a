import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { fieldOf } from '../../../operations/drift/deviation.ts';
import { releaseDrift, undeclared } from '../../../operations/drift/release-drift.ts';
import { HttpsClient } from '../../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../../operations/kubernetes/kube-access.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import type { Json } from '../../support/synthesized.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-release-drift-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RELEASE = { address: 'helm_release.pool', name: 'pool', namespace: 'runners' };
const CONFIG = '/api/v1/namespaces/runners/configmaps/pool';
const TOKEN = '/api/v1/namespaces/runners/secrets/pool';
const RECORDS = '/api/v1/namespaces/runners/secrets?labelSelector=owner%3Dhelm%2Cname%3Dpool';
const DRY_RUN = '?dryRun=All&force=true&fieldManager=flywheel';

let server: TestApiServer;
/** What the API server makes of an object that is applied, by its path. */
let applied: Record<string, { status: number; body: Json }>;
let records: Json[];
let asked: string[];

beforeEach(async () => {
  server = await startApiServer();
  applied = {};
  records = [];
  asked = [];
  server.state.instead = (method, path) => {
    asked.push(`${method} ${path}`);
    if (path === RECORDS) return { status: 200, body: { items: records } };
    return method === 'PATCH' ? applied[path.replace(DRY_RUN, '')] : undefined;
  };
});
afterEach(() => server.close());

function client() {
  const file = join(folder, 'kubeconfig.json');
  writeFileSync(file, server.kubeconfig('honey'));
  return new HttpsClient(findCluster({ KUBE_CONFIG_PATH: file }), { timeoutMs: 2000 });
}

/** A record as Helm keeps it: packed, encoded, and encoded once more by the API server. */
function record(version: number, status: string, objects: readonly Json[]): Json {
  const manifest = objects.map((object) => `---\n${stringify(object)}`).join('');
  const packed = gzipSync(JSON.stringify({ info: { status }, manifest })).toString('base64');
  return {
    metadata: { labels: { owner: 'helm', name: 'pool', version: String(version) } },
    data: { release: Buffer.from(packed).toString('base64') },
  };
}

function configMap(data: Json, metadata: Json = {}): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pool', ...metadata }, data };
}

describe('drift inside of a release', () => {
  test('is what the API server would change, and not what it keeps for itself', async () => {
    records = [record(1, 'superseded', []), record(2, 'deployed', [configMap({ a: '1', b: '2' })])];
    const kept = { resourceVersion: '5', managedFields: [{}], uid: 'x' };
    server.state.objects.set(CONFIG, configMap({ a: '1', b: 'by hand' }, kept));
    const metadata = { ...kept, resourceVersion: '6', managedFields: [{}, {}] };
    applied[CONFIG] = { status: 200, body: configMap({ a: '1', b: '2' }, metadata) };
    const { deviations, blind, compared } = await releaseDrift(client(), [RELEASE]);
    expect(deviations).toEqual([
      {
        object: 'ConfigMap runners/pool',
        by: 'helm_release.pool',
        field: 'data.b',
        declared: '2',
        live: 'by hand',
      },
    ]);
    expect({ blind, compared }).toEqual({ blind: [], compared: 1 });
    expect(asked.filter((one) => !one.startsWith('GET '))).toEqual([`PATCH ${CONFIG}${DRY_RUN}`]);
  });

  test('is what somebody added, of which an apply says nothing', async () => {
    records = [record(1, 'deployed', [configMap({ a: '1' })])];
    const live = configMap({ a: '1', extra: 'by hand' });
    server.state.objects.set(CONFIG, live);
    applied[CONFIG] = { status: 200, body: live };
    const { deviations } = await releaseDrift(client(), [RELEASE]);
    expect(deviations).toMatchObject([
      { field: 'data.extra', declared: '(not there)', live: 'by hand' },
    ]);
  });

  test('is an object that is gone, or whose type is gone', async () => {
    const custom = { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w' } };
    records = [record(1, 'deployed', [configMap({}), custom])];
    const { deviations } = await releaseDrift(client(), [RELEASE]);
    expect(deviations.map(({ object, field, live }) => [object, field, live])).toEqual([
      ['ConfigMap runners/pool', '', '(not there)'],
      ['Widget runners/w', '', '(not there)'],
    ]);
  });

  test('never shows a value of a Secret', async () => {
    const secret = (value: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pool', labels: { tier: value } },
      data: { token: value },
    });
    records = [record(1, 'deployed', [secret('declared')])];
    server.state.objects.set(TOKEN, { ...secret('live'), data: { token: 'live', more: 'live' } });
    applied[TOKEN] = {
      status: 200,
      body: { ...secret('declared'), data: { token: 'declared', more: 'live' } },
    };
    const { deviations } = await releaseDrift(client(), [RELEASE]);
    expect(
      deviations.map(({ field, declared, live }) => `${field}: ${declared} / ${live}`),
    ).toEqual([
      'data.token: (not shown) / (not shown)',
      'metadata.labels.tier: declared / live',
      'data.more: (not there) / (not shown)',
    ]);
  });

  test('is not known where the API server refuses, or Helm did not finish', async () => {
    records = [record(3, 'pending-upgrade', [configMap({ a: '1' })])];
    server.state.objects.set(CONFIG, configMap({ a: '1' }));
    applied[CONFIG] = { status: 403, body: { reason: 'Forbidden', message: 'may not patch' } };
    const { deviations, blind } = await releaseDrift(client(), [RELEASE]);
    expect(deviations).toEqual([]);
    expect(blind).toEqual([
      { object: 'release runners/pool', because: 'its last record is pending-upgrade' },
      { object: 'ConfigMap runners/pool', because: expect.stringContaining('may not patch (403)') },
    ]);
  });

  test('is not known where Helm keeps no record', async () => {
    const { blind, compared } = await releaseDrift(client(), [RELEASE]);
    expect({ blind, compared }).toEqual({
      blind: [{ object: 'release runners/pool', because: 'Helm keeps no record of it' }],
      compared: 0,
    });
  });
});

describe('what nobody declared', () => {
  const fields = (declared: unknown, live: unknown) =>
    undeclared(declared, live).map(({ path }) => fieldOf(path));

  test('is an item of a list, and a key of a map that is closed', () => {
    const env = [{ name: 'A' }];
    const declared = { env, args: ['x'], selector: { app: 'a' }, metadata: { labels: { a: '1' } } };
    const live = {
      env: [...env, { name: 'DEBUG' }],
      args: ['x', '--verbose'],
      selector: { app: 'a', tier: 'b' },
      metadata: { labels: { a: '1', controller: 'x' } },
    };
    expect(fields(declared, live)).toEqual(['env.DEBUG', 'args.1', 'selector.tier']);
  });

  test('is no field that the API server fills in', () => {
    expect(fields({ spec: { a: 1 } }, { spec: { a: 1, b: 2 }, status: {} })).toEqual([]);
  });
});
