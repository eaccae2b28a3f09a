import { describe, expect, test } from 'vitest';
import { exampleContext, type Json, named, synthesizeStacks } from '../support/synthesized.ts';

const tinyland: Json = JSON.parse(
  synthesizeStacks(exampleContext('tinyland'))['arc-runners'] ?? '{}',
);

const valuesOf = (release: string) =>
  JSON.parse(named(tinyland, 'helm_release', release).values[0]);

describe('the stack arc-runners of tinyland', () => {
  test('keeps its state under the key of the contract (S1, S2)', () => {
    expect(tinyland.terraform.backend.s3).toMatchObject({
      bucket: 'tofu-state',
      key: 'arc-runners/terraform.tfstate',
      use_lockfile: true,
    });
  });

  test('has the namespaces of the contract, and one more for privileged runners (W-A16)', () => {
    expect(tinyland.output.namespaces.value).toEqual([
      'arc-systems',
      'arc-runners',
      'arc-runners-privileged',
    ]);
    const enforced = tinyland.output.namespaces.value.map(
      (name: string) =>
        valuesOf(`namespace-${name}`).objects[0].metadata.labels[
          'pod-security.kubernetes.io/enforce'
        ],
    );
    expect(enforced).toEqual(['restricted', 'baseline', 'privileged']);
  });

  test('serves the labels that workflows name', () => {
    const { value } = tinyland.output.pools;
    expect(Object.entries<Json>(value).map(([name, pool]) => [name, pool.runs_on])).toEqual([
      ['gh-dind', 'tinyland-dind'],
      ['gh-docker', 'tinyland-docker'],
      ['gh-nix', 'tinyland-nix'],
    ]);
  });

  test('scales each set with its queue, between the bounds of the settings', () => {
    expect(valuesOf('gh-nix')).toMatchObject({ minRunners: 0, maxRunners: 5 });
    expect(valuesOf('gh-dind')).toMatchObject({ minRunners: 0, maxRunners: 3 });
  });

  test('needs the GitHub App in every namespace of scale sets, and not in that of the controller (W-C19)', () => {
    const apps = tinyland.output.required_secrets.value.filter(
      ({ kind }: Json) => kind === 'github-app',
    );
    expect(apps.map(({ namespace, name }: Json) => `${namespace}/${name}`)).toEqual([
      'arc-runners-privileged/github-app-secret',
      'arc-runners/github-app-secret',
    ]);
    expect(apps[0].keys).toContain('github_app_private_key');
  });

  test('has the address of every pool, with its own before the common one', () => {
    expect(valuesOf('gh-nix').githubConfigUrl).toBe('https://github.com/tinyland-inc');
  });

  test('runs no image without a digest (W-C1)', () => {
    const images = JSON.stringify(tinyland).match(/"image\\":\\"[^\\]+/g) ?? [];
    expect(images.length).toBeGreaterThan(3);
    expect(images.filter((image) => !image.includes('@sha256:'))).toEqual([]);
  });
});

describe('the stack arc-runners of an installation without GitHub', () => {
  const none: Json = JSON.parse(
    synthesizeStacks(exampleContext('single-node-r2'))['arc-runners'] ?? '{}',
  );

  test('still has the namespaces of the contract', () => {
    expect(none.output.namespaces.value).toEqual(['arc-systems', 'arc-runners']);
    expect(none.output.pools.value).toEqual({});
  });
});
