import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../config/settings.ts';
import type { Prompt } from '../../../operations/secrets/prompt.ts';
import { makePair, publicHalf } from '../../../operations/secrets/signing-pair.ts';
import { exampleContext, type Json } from '../../support/synthesized.ts';
import {
  APP,
  document,
  folder,
  GLRT,
  heldIn,
  jsonOf,
  live,
  PEM,
  put,
  run,
  server,
  stacksOf,
  useApiServer,
  writes,
} from './secrets-run.ts';

useApiServer();

describe('secrets ensure', () => {
  test('makes all that attic needs, each Secret in one request, and shows no value (Q7, W-C19)', async () => {
    const told = await run('attic');
    expect(told).toMatchObject({ code: 0, problems: '' });
    expect(new Set(Object.values(told.states))).toEqual(new Set(['created', 'awaited']));
    expect(writes()).toEqual([
      'POST /api/v1/namespaces',
      'POST /api/v1/namespaces',
      'POST /api/v1/namespaces/nix-cache/secrets',
      'POST /api/v1/namespaces/nix-cache-warming/secrets',
      ...Array.from({ length: 5 }, () => 'POST /api/v1/namespaces/nix-cache/secrets'),
    ]);
    const key = heldIn('nix-cache', 'attic-jwt-signing', 'hs256-secret-base64');
    expect(Buffer.from(key, 'base64')).toHaveLength(64);
    const half = publicHalf(heldIn('nix-cache', 'attic-main-signing', 'keypair'));
    expect(told.results).toContain(`nix-cache/attic-main-signing: publicKey: ${half}`);
    for (const [path, { data = {} }] of server.state.objects) {
      if (!path.includes('/secrets/')) continue;
      for (const encoded of Object.values<string>(data)) {
        expect(told.results).not.toContain(Buffer.from(encoded, 'base64').toString());
      }
    }
    expect(live('nix-cache', 'attic-s3').metadata.labels).toEqual({
      'app.kubernetes.io/managed-by': 'flywheel-secrets',
      'flywheel/secret-kind': 's3-credentials',
    });
  });

  test('makes a namespace as the stack defines it, so that the stack finds its own', async () => {
    await run('attic');
    const release = Object.values<Json>(
      (stacksOf('attic').asked.json as Json).resource.helm_release,
    ).find(({ name }) => name === 'namespace-nix-cache');
    const [defined] = JSON.parse(release.values[0]).objects;
    const { labels, annotations } = server.state.objects.get(
      '/api/v1/namespaces/nix-cache',
    ).metadata;
    expect({ labels, annotations }).toEqual({
      labels: defined.metadata.labels,
      annotations: defined.metadata.annotations,
    });
    expect(labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
    expect(release.take_ownership).toBe(true);
  });

  test('writes nothing the second time', async () => {
    await run('attic');
    const first = [...server.state.objects].map(([path, object]) => [path, JSON.stringify(object)]);
    server.requests.length = 0;
    const told = await run('attic');
    expect(told.code).toBe(0);
    expect(new Set(Object.values(told.states))).toEqual(new Set(['present', 'awaited']));
    expect(writes()).toEqual([]);
    expect(
      [...server.state.objects].map(([path, object]) => [path, JSON.stringify(object)]),
    ).toEqual(first);
  });

  test('takes tokens from a person, and says of each that is missing how to give it', async () => {
    const given = document({
      'docker-runner-token': { 'runner-token': GLRT('a') },
      'gitlab-runners/nix-runner-token': { 'runner-token': GLRT('b') },
    });
    const told = await run('gitlab-runners', { given });
    expect(told.code).toBe(1);
    expect(told.states).toMatchObject({
      'gitlab-runners/docker-runner-token runner-token': 'created',
      'gitlab-runners/docker-runner-token runner-registration-token': 'created',
      'gitlab-runners/rocky8-runner-token runner-token': 'missing',
    });
    expect(live('gitlab-runners', 'docker-runner-token').data['runner-registration-token']).toBe(
      '',
    );
    expect(told.problems).toContain(
      [
        'gitlab-runners/rocky8-runner-token runner-token is not there, and was not given (glrt-… without a line end; the second key stays empty)',
        '    give it as the file <folder>/rocky8-runner-token/runner-token with --from <folder>, as FLYWHEEL_SECRET_ROCKY8_RUNNER_TOKEN__RUNNER_TOKEN, or with --stdin',
      ].join('\n'),
    );
  });

  test('names everything that was given wrongly at once, and then writes nothing at all (L3)', async () => {
    const given = document({
      'docker-runner-token': { 'runner-token': `${GLRT('a')}\n` },
      'nix-runner-token': { 'runner-token': 'gltr-hunter2hunter2hunter2' },
      'rocky8-runner-token': { 'runner-token': GLRT('c') },
    });
    const told = await run('gitlab-runners', { given });
    expect(told.code).toBe(2);
    expect(writes()).toEqual([]);
    expect(told.problems).toContain(
      'gitlab-runners/docker-runner-token runner-token ends with a line end; write it with printf %s (given as docker-runner-token on standard input)\n    nothing was written',
    );
    expect(told.problems).toContain(
      'gitlab-runners/nix-runner-token runner-token is not a token of a runner',
    );
    expect(told.problems).not.toContain('hunter2');
    expect(told.states).toMatchObject({
      'gitlab-runners/rocky8-runner-token runner-token': 'not written',
    });
  });

  test('takes a GitHub App only when it is complete', async () => {
    const { github_app_private_key: _, ...half } = APP;
    const told = await run('arc-runners', { given: document({ 'github-app-secret': half }) });
    expect(told.code).toBe(1);
    expect(told.problems).toContain(
      'arc-runners/github-app-secret github_app_private_key is not there',
    );
    expect(writes()).toEqual([]);
    expect((await run('arc-runners', { given: document({ 'github-app-secret': APP }) })).code).toBe(
      0,
    );
    expect(heldIn('arc-runners-privileged', 'github-app-secret', 'github_app_private_key')).toBe(
      PEM,
    );
  });

  test('never overwrites: another value that was given is passed over, in the open', async () => {
    put('gitlab-runners', 'docker-runner-token', {
      'runner-token': GLRT('a'),
      'runner-registration-token': '',
    });
    const given = document({ 'docker-runner-token': { 'runner-token': GLRT('b') } });
    const told = await run('gitlab-runners', { given });
    expect(heldIn('gitlab-runners', 'docker-runner-token', 'runner-token')).toBe(GLRT('a'));
    expect(told.problems).toMatch(
      /docker-runner-token runner-token: another value was given than the one that is there \([0-9a-f]{12}\); it was left as it is\n {4}to replace it: just secrets-rotate gitlab-runners runner-token --only gitlab-runners\/docker-runner-token/,
    );
    expect(told.code).toBe(1);
  });

  test('names a present value that is malformed by its fingerprint, and leaves it', async () => {
    put('gitlab-runners', 'docker-runner-token', {
      'runner-token': `${GLRT('a')}\n`,
      'runner-registration-token': '',
    });
    const told = await run('gitlab-runners');
    expect(told.code).toBe(2);
    expect(told.problems).toContain(
      'gitlab-runners/docker-runner-token runner-token ends with a line end; write it with printf %s\n    to replace it: just secrets-rotate gitlab-runners runner-token --only gitlab-runners/docker-runner-token',
    );
    expect(told.results).toMatch(
      /docker-runner-token +runner-token +runner-token +bad +[0-9a-f]{12}/,
    );
    expect(told.results + told.problems).not.toContain(GLRT('a'));
    expect(heldIn('gitlab-runners', 'docker-runner-token', 'runner-token')).toBe(`${GLRT('a')}\n`);
  });

  test('completes what follows from what is there, only if nobody has changed it meanwhile', async () => {
    const pair = { 'access-key-id': 'ABCDEFGH', 'secret-access-key': 'ijklmnop' };
    put('nix-cache', 'attic-s3', pair);
    const told = await run('attic');
    expect(told.states).toMatchObject({
      'nix-cache/attic-s3 access-key-id': 'present',
      'nix-cache/attic-s3 credentials': 'created',
    });
    expect(heldIn('nix-cache', 'attic-s3', 'credentials')).toBe(
      '[default]\naws_access_key_id = ABCDEFGH\naws_secret_access_key = ijklmnop\n',
    );
    put('nix-cache', 'bazel-cache-s3', pair);
    server.state.instead = (method) => {
      if (method === 'PATCH')
        put('nix-cache', 'bazel-cache-s3', pair, { metadata: { resourceVersion: '8' } });
      return undefined;
    };
    await expect(run('attic')).rejects.toThrow(
      'nix-cache/bazel-cache-s3 was changed by somebody else meanwhile, and was left as it is; run it again',
    );
    expect(live('nix-cache', 'bazel-cache-s3').data.credentials).toBeUndefined();
  });

  test('does not make half of a pair to fit the other half', async () => {
    put('nix-cache', 'attic-s3', { 'access-key-id': 'ABCDEFGH' });
    const told = await run('attic');
    expect(told.code).toBe(1);
    expect(told.problems).toBe(
      'nix-cache/attic-s3: only a part of it is there, and secret-access-key cannot be made to fit\n    to make it anew: just secrets-rotate attic s3-credentials --only nix-cache/attic-s3',
    );
    expect(Object.keys(live('nix-cache', 'attic-s3').data)).toEqual(['access-key-id']);
  });

  test.each<[string, Record<string, string>, Json, RegExp]>([
    [
      'holds a key of another kind',
      { 'hs256-secret-base64': 'AAAA', keypair: 'x' },
      {},
      /nix-cache\/attic-jwt-signing holds keys of another kind: keypair \(cache-signing-key\); each kind needs a Secret of its own/,
    ],
    [
      'was written as another kind',
      { 'hs256-secret-base64': 'AAAA' },
      { metadata: { labels: { 'flywheel/secret-kind': 'session-key' } } },
      /nix-cache\/attic-jwt-signing was written as session-key, and the stack reads it as jwt-signing-key/,
    ],
  ])('names a Secret that %s (Q7)', async (_, values, more, problem) => {
    put('nix-cache', 'attic-jwt-signing', values, more);
    const told = await run('attic');
    expect(told.code).toBe(2);
    expect(told.problems).toMatch(problem);
    expect(Object.keys(live('nix-cache', 'attic-jwt-signing').data)).toEqual(Object.keys(values));
  });

  test('mints no token where the key that signs it is wrong', async () => {
    put('nix-cache', 'attic-jwt-signing', { 'hs256-secret-base64': 'AAAA' });
    const told = await run('attic');
    expect(told.states).toMatchObject({ 'nix-cache-warming/attic-push-token token': 'missing' });
    expect(told.problems).toContain(
      'it is signed with the jwt-signing-key, which is not right yet',
    );
  });

  test('knows a token that another key has signed (L4)', async () => {
    await run('attic');
    put('nix-cache', 'attic-jwt-signing', {
      'hs256-secret-base64': Buffer.alloc(64, 3).toString('base64'),
    });
    const told = await run('attic');
    expect(told.code).toBe(2);
    expect(told.problems).toContain(
      'nix-cache-warming/attic-push-token token is signed with another key than the one in the cluster: Attic refuses it\n    to replace it: just secrets-rotate attic attic-push-token',
    );
  });

  test('asks the person at the terminal, for a file where a value has several lines', async () => {
    const file = join(folder, 'app.pem');
    writeFileSync(file, PEM);
    const asked: string[] = [];
    const answers = [APP.github_app_id, APP.github_app_installation_id];
    const prompt: Prompt = {
      secret: async (question) => {
        asked.push(question);
        return answers[(asked.length - 1) % 3];
      },
      text: async (question) => {
        asked.push(question);
        return file;
      },
    };
    expect((await run('arc-runners', { prompt })).code).toBe(0);
    expect(asked.slice(0, 3)).toEqual([
      'arc-runners-privileged/github-app-secret github_app_id (not shown): ',
      'arc-runners-privileged/github-app-secret github_app_installation_id (not shown): ',
      'arc-runners-privileged/github-app-secret github_app_private_key, from which file: ',
    ]);
    expect(heldIn('arc-runners', 'github-app-secret', 'github_app_private_key')).toBe(PEM);
  });
});

describe('the signing pair of a cache whose public half stands in the settings', () => {
  const pair = makePair('main');
  const context = exampleContext('tinyland', (settings) => ({
    ...settings,
    attic: {
      ...settings.attic,
      caches: {
        main: { ...settings.attic.caches.main, publicKey: publicHalf(pair) },
      } as Settings['attic']['caches'],
    },
  }));
  const around = { settings: context.settings, stacks: stacksOf('attic', jsonOf(context)) };

  test('is never made anew, because nobody would trust it', async () => {
    const told = await run('attic', around);
    expect(told.states).toMatchObject({ 'nix-cache/attic-main-signing keypair': 'missing' });
    expect(told.problems).toContain(
      'a new pair would not be the one that the settings name under publicKey',
    );
  });

  test('is taken when it is the one, and refused when it is another', async () => {
    const other = { given: document({ 'attic-main-signing': { keypair: makePair('main') } }) };
    const refused = await run('attic', { ...around, ...other });
    expect(refused.problems).toMatch(/keypair belongs to main:\S+, and the settings say main:/);
    expect(writes()).toEqual([]);
    const right = { given: document({ 'attic-main-signing': { keypair: pair } }) };
    expect((await run('attic', { ...around, ...right })).code).toBe(0);
    expect(heldIn('nix-cache', 'attic-main-signing', 'keypair')).toBe(pair);
  });
});
