import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forEachOf, isAllowed, objectPath } from '../../../operations/kubernetes/cluster-client.ts';
import { ClusterTrouble } from '../../../operations/kubernetes/cluster-trouble.ts';
import { HttpsClient } from '../../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../../operations/kubernetes/kube-access.ts';
import { KUBE_SYSTEM, startApiServer, type TestApiServer } from '../../support/api-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-client-'));
afterAll(() => rmSync(folder, { recursive: true }));

let server: TestApiServer;
beforeEach(async () => {
  server = await startApiServer();
});
afterEach(() => server.close());

function client(timeoutMs = 2000, kubeconfig = server.kubeconfig('honey')) {
  const file = join(folder, 'kubeconfig.json');
  writeFileSync(file, kubeconfig);
  return new HttpsClient(findCluster({ KUBE_CONFIG_PATH: file }), { timeoutMs });
}

async function troubleOf(run: Promise<unknown>): Promise<[string, string]> {
  const error = await run.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof ClusterTrouble) return [error.kind, error.message];
  throw error;
}

const SECRETS = objectPath('v1', 'secrets', { namespace: 'default' });

describe('objectPath', () => {
  test.each([
    ['v1', 'namespaces', { name: 'a' }, '/api/v1/namespaces/a'],
    [
      'apps/v1',
      'deployments',
      { namespace: 'a', name: 'b' },
      '/apis/apps/v1/namespaces/a/deployments/b',
    ],
    ['v1', 'secrets', { namespace: 'a', name: '../b' }, '/api/v1/namespaces/a/secrets/..%2Fb'],
  ])('is where %s %s are', (version, resource, where, path) => {
    expect(objectPath(version, resource, where)).toBe(path);
  });
});

describe('HttpsClient', () => {
  test('reads, and knows what is not there', async () => {
    expect(await client().get(KUBE_SYSTEM)).toMatchObject({ metadata: { uid: 'uid-of-honey' } });
    expect(await client().get('/api/v1/namespaces/none')).toBeUndefined();
    expect(server.headers[0]?.authorization).toBe('Bearer token-of-operator');
  });

  test('creates and changes, and says when somebody was faster', async () => {
    server.state.objects.set('/api/v1/namespaces/default', {});
    const body = { metadata: { name: 'a' }, data: { x: 'MQ==' } };
    const created = await client().create(SECRETS, body);
    expect(await troubleOf(client().create(SECRETS, body))).toEqual([
      'conflict',
      `${SECRETS}: AlreadyExists (409)`,
    ]);
    const { resourceVersion } = created.metadata as { resourceVersion: string };
    const change = { metadata: { resourceVersion }, data: { y: 'Mg==' } };
    expect(await client().change(`${SECRETS}/a`, change)).toMatchObject({
      data: { x: 'MQ==', y: 'Mg==' },
    });
    expect((await troubleOf(client().change(`${SECRETS}/a`, change)))[0]).toBe('conflict');
  });

  test.each<[string, number, unknown, string, RegExp]>([
    ['credentials that are not known', 401, {}, 'unauthorized', /does not know who asks \(401\)/],
    [
      'a refusal',
      403,
      { message: 'you may not' },
      'forbidden',
      /^\/api\/v1\/nodes: you may not \(403\)$/,
    ],
    [
      'an object that is wrong',
      422,
      { message: 'spec is wrong' },
      'refused',
      /answers 422 .*spec is wrong/,
    ],
    [
      'a server in trouble',
      503,
      { message: 'etcd is away' },
      'unreachable',
      /answers 503 .*etcd is away/,
    ],
    [
      'something else that answers',
      200,
      '<html>',
      'unreachable',
      /something that is no Kubernetes API$/,
    ],
  ])('explains %s', async (_, status, body, kind, sentence) => {
    server.state.instead = () => ({ status, body });
    const [found, message] = await troubleOf(client().get('/api/v1/nodes'));
    expect(found).toBe(kind);
    expect(message).toMatch(sentence);
  });

  test('repeats nothing of a refused Secret but the names of its fields', async () => {
    const body = {
      reason: 'Invalid',
      message: 'Secret is invalid: data: "hunter2hunter2"',
      details: { causes: [{ field: 'data[token]', message: '"hunter2hunter2"' }] },
    };
    server.state.instead = () => ({ status: 422, body });
    const [, message] = await troubleOf(client().create(SECRETS, {}));
    expect(message).toMatch(/answers 422 for .*: Invalid \(data\[token\]\)$/);
    expect(message).not.toContain('hunter2');
  });

  test('waits no longer than its time for a server that says nothing', async () => {
    const sockets = new Set<{ destroy(): void }>();
    const silent = createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const kubeconfig = server.kubeconfig('honey').replace(server.authority, `127.0.0.1:${port}`);
    expect(await troubleOf(client(200, kubeconfig).get('/version'))).toEqual([
      'unreachable',
      `http://127.0.0.1:${port} does not answer within 0.2 s`,
    ]);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  test('says that nobody listens', async () => {
    const kubeconfig = server.kubeconfig('honey');
    await server.close();
    expect(await troubleOf(client(2000, kubeconfig).get('/version'))).toEqual([
      'unreachable',
      `http://${server.authority} refuses connections: the server is down, or the address is wrong`,
    ]);
  });

  test('asks about rights as the person that it is', async () => {
    server.state.allows = ({ verb, namespace }) => verb === 'get' && namespace === 'a';
    const question = { verb: 'get', group: '', resource: 'secrets', namespace: 'a' };
    expect(await isAllowed(client(), question)).toBe(true);
    expect(await isAllowed(client(), { ...question, namespace: '' })).toBe(false);
  });
});

describe('forEachOf', () => {
  test('runs no more than a few at once and keeps the order', async () => {
    let running = 0;
    let most = 0;
    const results = await forEachOf(
      [5, 4, 3, 2, 1],
      async (milliseconds) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        running -= 1;
        return milliseconds * 2;
      },
      2,
    );
    expect(results).toEqual([10, 8, 6, 4, 2]);
    expect(most).toBe(2);
  });
});
