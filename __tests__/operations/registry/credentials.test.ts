import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Failure } from '../../../console/failure.ts';
import { dockerCredentials } from '../../../operations/registry/credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-docker-'));
afterAll(() => rmSync(folder, { recursive: true }));

const auth = (pair: string) => Buffer.from(pair).toString('base64');

/** Writes a Docker configuration and reads credentials by it. */
function stored(config: unknown, path = '') {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  writeFileSync(join(folder, 'config.json'), text);
  return dockerCredentials({ DOCKER_CONFIG: folder, PATH: path });
}

/** A credential helper that answers with a text and keeps what it was asked. */
function helper(name: string, script: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const file = join(bin, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return `${bin}:/usr/bin:/bin`;
}

const ANNA = { kind: 'password', username: 'anna', password: 'a:b' };

describe('dockerCredentials', () => {
  test.each([
    ['the name of the registry', 'ghcr.io', 'ghcr.io'],
    ['its address', 'https://ghcr.io', 'ghcr.io'],
    ['an address with a path', 'https://ghcr.io/v2/', 'ghcr.io'],
    ['a registry with a port', 'registry.example.org:5000', 'registry.example.org:5000'],
    ["the old address of Docker's own", 'https://index.docker.io/v1/', 'docker.io'],
  ])('finds a pair stored under %s', async (_, key, registry) => {
    const store = stored({ auths: { [key]: { auth: auth('anna:a:b') } } });
    await expect(store(registry)).resolves.toEqual(ANNA);
    await expect(store('quay.io')).resolves.toBeUndefined();
  });

  test('takes user and password written apart, and a token that stands for a login', async () => {
    const store = stored({
      auths: {
        'a.io': { username: 'anna', password: 'a:b' },
        'b.io': { auth: auth('anna:'), identitytoken: 'token' },
        'c.io': {},
      },
    });
    await expect(store('a.io')).resolves.toEqual(ANNA);
    await expect(store('b.io')).resolves.toEqual({ kind: 'identity-token', token: 'token' });
    await expect(store('c.io')).resolves.toBeUndefined();
  });

  test('asks the helper of the registry before the one for all', async () => {
    helper('all', 'echo \'{"Username":"all","Secret":"x"}\'');
    const path = helper(
      'one',
      `cat > ${join(folder, 'asked')}; echo '{"Username":"<token>","Secret":"t"}'`,
    );
    const store = stored({ credsStore: 'all', credHelpers: { 'ghcr.io': 'one' } }, path);
    await expect(store('ghcr.io')).resolves.toEqual({ kind: 'identity-token', token: 't' });
    await expect(store('quay.io')).resolves.toMatchObject({ username: 'all' });
  });

  test("asks a helper for Docker's own registry by its old address", async () => {
    const path = helper('echo', 'read server; printf \'{"Username":"u","Secret":"%s"}\' "$server"');
    await expect(stored({ credsStore: 'echo' }, path)('docker.io')).resolves.toMatchObject({
      password: 'https://index.docker.io/v1/',
    });
  });

  test('goes without where a helper knows nothing', async () => {
    const path = helper('none', 'echo "credentials not found in native keychain"; exit 1');
    const store = stored(
      { credsStore: 'none', auths: { 'a.io': { auth: auth('anna:a:b') } } },
      path,
    );
    await expect(store('quay.io')).resolves.toBeUndefined();
    await expect(store('a.io')).resolves.toEqual(ANNA);
  });

  test('goes without where there is no file', async () => {
    const store = dockerCredentials({ DOCKER_CONFIG: join(folder, 'nowhere') });
    await expect(store('ghcr.io')).resolves.toBeUndefined();
  });

  test('looks into the home folder when nothing else is said', async () => {
    mkdirSync(join(folder, '.docker'), { recursive: true });
    writeFileSync(
      join(folder, '.docker', 'config.json'),
      JSON.stringify({ auths: { 'a.io': { auth: auth('anna:a:b') } } }),
    );
    await expect(dockerCredentials({ HOME: folder })('a.io')).resolves.toEqual(ANNA);
  });

  test('rejects a file that is no JSON without repeating it', () => {
    expect(() => stored('{"auths": {"ghcr.io": {"auth": "c2VjcmV0"}')).toThrow(
      new Failure(`${join(folder, 'config.json')} is no Docker configuration: it is not JSON`),
    );
  });

  test.each([
    [
      'missing',
      'missing',
      '',
      'docker-credential-missing, which the Docker configuration names, cannot be run: ENOENT',
    ],
    ['a path', '../evil', '', '"../evil" is no credential helper'],
    [
      'babbling',
      'babble',
      'echo hello',
      'docker-credential-babble answers with something that is no credential',
    ],
  ])('rejects a helper that is %s', async (_, name, script, message) => {
    const path = script === '' ? '/nowhere' : helper(name, script);
    await expect(stored({ credsStore: name }, path)('ghcr.io')).rejects.toThrow(
      new Failure(message),
    );
  });
});
