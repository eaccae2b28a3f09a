import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ClusterPods, inTime } from '../../../backend/rustfs/pod-connection.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';

const PLACE = { namespace: 'nix-cache', pod: 'store-0', container: 'rustfs' };

let server: TestApiServer;
let pods: ClusterPods;
beforeEach(async () => {
  server = await startApiServer();
  const config = new KubeConfig();
  config.loadFromString(server.kubeconfig('honey'));
  pods = new ClusterPods(config);
});
afterEach(() => server.close());

function answerWith(status: number, body: unknown = { message: 'of the test' }): void {
  server.state.instead = () => ({ status, body });
}

describe('a pod of the cluster', () => {
  test.each([
    [403, 'ls in pod store-0: this account may not (403)'],
    [404, 'ls in pod store-0: it is not there (404)'],
    [401, 'ls in pod store-0: the cluster does not know who asks (401)'],
    [500, 'ls in pod store-0: 500'],
  ])('says of a command that is refused with %i what that means', async (status, message) => {
    answerWith(status);
    await expect(pods.exec(PLACE, ['ls', '/data'])).rejects.toThrow(message);
  });

  test.each([
    [403, 'the log of pod store-0: this account may not (403)'],
    [400, 'the log of pod store-0: there is none yet (400)'],
  ])('says of a log that is refused with %i what that means', async (status, message) => {
    answerWith(status);
    await expect(pods.log(PLACE, { previous: false })).rejects.toThrow(message);
  });

  test('gives the last lines of a log, and asks for no more than those', async () => {
    answerWith(200, 'the first line\nthe second line\n');
    expect(await pods.log(PLACE, { previous: true })).toBe('the first line\nthe second line\n');
    expect(server.requests).toEqual([
      'GET /api/v1/namespaces/nix-cache/pods/store-0/log?container=rustfs&follow=false&limitBytes=262144&pretty=false&previous=true&tailLines=500&timestamps=true',
    ]);
  });

  test('keeps the first 256 KiB of a log that a server sends whole', async () => {
    answerWith(200, 'x'.repeat(400_000));
    expect(await pods.log(PLACE, { previous: false })).toHaveLength(256 * 1024);
  });
});

describe('inTime', () => {
  test('gives up on what does not come, with a sentence', async () => {
    const never = new Promise<never>(() => {});
    await expect(inTime(never, 10, 'the way to pod store-0')).rejects.toThrow(
      'the way to pod store-0: no answer within 0.01 s',
    );
  });

  test('hands on what comes, good or bad', async () => {
    expect(await inTime(Promise.resolve(7), 1000, 'it')).toBe(7);
    await expect(inTime(Promise.reject(new Error('no')), 1000, 'it')).rejects.toThrow('no');
  });
});
