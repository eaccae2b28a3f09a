import { describe, expect, test } from 'vitest';
import { document, GLRT, heldIn, put, run, server, useApiServer, writes } from './secrets-run.ts';

useApiServer();

describe('secrets rotate', () => {
  test('replaces one kind and nothing else', async () => {
    await run('attic');
    const before = new Map(server.state.objects);
    const told = await run('attic', { rotation: { kind: 's3-credentials', only: undefined } });
    expect(told.code).toBe(0);
    expect(new Set(Object.values(told.states))).toEqual(new Set(['replaced']));
    const changed = [...server.state.objects].flatMap(([path, object]) =>
      before.get(path) === object ? [] : [path.split('/').pop()],
    );
    expect(changed.sort()).toEqual(['attic-s3', 'bazel-cache-s3', 'tofu-state-s3']);
  });

  test('replaces one Secret of a kind where one is named', async () => {
    await run('attic');
    server.requests.length = 0;
    const only = 'nix-cache/attic-s3';
    await run('attic', { rotation: { kind: 's3-credentials', only } });
    expect(writes()).toEqual(['PATCH /api/v1/namespaces/nix-cache/secrets/attic-s3']);
  });

  test('needs a new value from the person where it cannot make one', async () => {
    put('gitlab-runners', 'docker-runner-token', {
      'runner-token': GLRT('a'),
      'runner-registration-token': '',
    });
    const rotation = {
      kind: 'runner-token',
      only: 'gitlab-runners/docker-runner-token',
    } as const;
    expect((await run('gitlab-runners', { rotation })).code).toBe(1);
    expect(heldIn('gitlab-runners', 'docker-runner-token', 'runner-token')).toBe(GLRT('a'));
    const given = document({ 'docker-runner-token': { 'runner-token': GLRT('b') } });
    expect((await run('gitlab-runners', { rotation, given })).code).toBe(0);
    expect(heldIn('gitlab-runners', 'docker-runner-token', 'runner-token')).toBe(GLRT('b'));
  });

  test('makes a token that the key in the cluster has signed', async () => {
    await run('attic');
    await run('attic', { rotation: { kind: 'jwt-signing-key', only: undefined } });
    expect((await run('attic')).code).toBe(2);
    await run('attic', { rotation: { kind: 'attic-push-token', only: undefined } });
    expect((await run('attic')).code).toBe(0);
  });
});
