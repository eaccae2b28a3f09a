import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Failure } from '../../../console/failure.ts';
import { findCluster } from '../../../operations/kubernetes/kube-access.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-kubeconfig-'));
afterAll(() => rmSync(folder, { recursive: true }));

function kubeconfig(file: string, ...names: string[]): string {
  const path = join(folder, file);
  mkdirSync(join(path, '..'), { recursive: true });
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': names[0],
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example:6443` } })),
    users: names.map((name) => ({ name, user: { token: 'token-that-nobody-may-see' } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const honey = kubeconfig('honey.yaml', 'honey', 'bumble');
const other = kubeconfig('other.yaml', 'other');
const EMPTY_HOME = { HOME: join(folder, 'nobody') };

describe('findCluster', () => {
  test('takes the kubeconfig and the context that the providers of tofu take', () => {
    expect(
      findCluster({ KUBE_CONFIG_PATH: honey, KUBE_CTX: 'bumble', KUBECONFIG: other }),
    ).toMatchObject({
      source: 'KUBE_CONFIG_PATH',
      seenByTofu: true,
      inPod: false,
      context: 'bumble',
      cluster: 'bumble',
      server: 'https://bumble.example:6443',
    });
  });

  test('takes several files as one', () => {
    const found = findCluster({ KUBE_CONFIG_PATHS: `${honey}:${other}`, KUBE_CTX: 'other' });
    expect(found).toMatchObject({ context: 'other', server: 'https://other.example:6443' });
  });

  test('finds the home folder that the person wrote as ~', () => {
    expect(findCluster({ HOME: folder, KUBE_CONFIG_PATH: '~/honey.yaml' }).context).toBe('honey');
  });

  test('falls back to what kubectl takes, and says that tofu does not', () => {
    kubeconfig('home/.kube/config', 'own');
    expect(findCluster({ KUBECONFIG: other })).toMatchObject({
      context: 'other',
      seenByTofu: false,
    });
    expect(findCluster({ HOME: join(folder, 'home') })).toMatchObject({
      context: 'own',
      seenByTofu: false,
    });
  });

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['nothing is given', EMPTY_HOME, /^no cluster is named: set KUBE_CONFIG_PATH to a kubeconfig/],
    [
      'the context is not in the file',
      { KUBE_CONFIG_PATH: honey, KUBE_CTX: 'hony' },
      /^KUBE_CONFIG_PATH has no context hony; name one with KUBE_CTX: honey, bumble$/,
    ],
    [
      'a file is missing',
      { KUBE_CONFIG_PATH: join(folder, 'gone') },
      /gone cannot be read: ENOENT$/,
    ],
    [
      'tofu would be led elsewhere',
      { KUBE_CONFIG_PATH: honey, KUBE_HOST: 'https://other', KUBE_TOKEN: 'x' },
      /^KUBE_HOST, KUBE_TOKEN would lead tofu past the kubeconfig, to a cluster that is not checked\n {4}unset it/,
    ],
  ])('rejects when %s', (_, environment, message) => {
    expect(() => findCluster({ ...EMPTY_HOME, ...environment })).toThrow(message);
  });

  test('rejects a broken file without repeating any of it', () => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, 'users: [{token: token-that-nobody-may-see');
    expect(() => findCluster({ KUBE_CONFIG_PATH: file })).toThrow(
      new Failure(`${file} is no kubeconfig that can be read`),
    );
  });
});
