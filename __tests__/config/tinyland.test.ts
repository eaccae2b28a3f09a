import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  atticForPeople,
  atticForPods,
  bazelForPods,
  dashboardForPeople,
} from '../../config/addresses.ts';
import { readSettings } from '../../config/read-settings.ts';
import { runnerNamespaces } from '../../config/runner-namespaces.ts';
import { exampleFile } from '../support/examples.ts';

const tinyland = readSettings(exampleFile('tinyland'));
const single = readSettings(exampleFile('single-node-r2'));

describe('the settings of tinyland', () => {
  test('have honey as the only cluster and the storage on bumble (T1)', () => {
    expect(tinyland.cluster.name).toBe('honey');
    expect(tinyland.cluster.nodes.map(({ name }) => name)).toEqual(['honey', 'bumble']);
    expect(tinyland.objectStore).toMatchObject({ kind: 'rustfs', node: 'bumble' });
  });

  test('use the namespaces of the contract (T2)', () => {
    expect(tinyland.namespaces).toEqual({
      cache: 'nix-cache',
      gitlabRunners: 'gitlab-runners',
      arcSystems: 'arc-systems',
      arcRunners: 'arc-runners',
      dashboard: 'runner-dashboard',
      database: 'cnpg-system',
    });
  });

  test('lead pods and people to Attic by their own addresses (T3, T4)', () => {
    expect(String(atticForPods(tinyland))).toBe('http://attic.nix-cache.svc.cluster.local');
    expect(String(atticForPeople(tinyland))).toBe('https://nix-cache.tinyland.dev');
    expect(String(atticForPeople(tinyland).below(tinyland.attic.defaultCache))).toBe(
      'https://nix-cache.tinyland.dev/main',
    );
    expect(String(dashboardForPeople(tinyland))).toBe('https://runners.tinyland.dev');
  });

  test('promise one address of the Bazel cache, for pods (T5)', () => {
    expect(String(bazelForPods(tinyland))).toBe(
      'grpc://bazel-cache.nix-cache.svc.cluster.local:9092',
    );
  });

  test('name FlakeHub nowhere, since it is no substituter (T6)', () => {
    expect(tinyland.substituters).toEqual([]);
    expect(JSON.stringify(tinyland)).not.toMatch(/flakehub/i);
  });

  test('keep objects in one RustFS with a bucket for each identity (T7, T8)', () => {
    expect(tinyland.objectStore).toMatchObject({
      name: 'attic-rustfs-openebs',
      buckets: { attic: 'attic', bazel: 'bazel-cache' },
      volume: { zfs: { name: 'openebs-zfs-rustfs' } },
      highlyAvailable: false,
    });
    expect(tinyland.state.bucket).toBe('tofu-state');
  });

  test('serve one public cache that is called main (T9)', () => {
    expect(tinyland.attic.defaultCache).toBe('main');
    expect(Object.keys(tinyland.attic.caches)).toEqual(['main']);
    expect(tinyland.attic.caches.main?.public).toBe(true);
  });

  test('keep every state under its key (S2)', () => {
    expect(tinyland.state.keys).toEqual({
      attic: 'attic/terraform.tfstate',
      arcRunners: 'arc-runners/terraform.tfstate',
      gitlabRunners: 'tinyland-infra/gitlab-runners/terraform.tfstate',
      dashboard: 'tinyland-infra/runner-dashboard/terraform.tfstate',
    });
  });

  test('have one operator lane, for protected branches, in a namespace of its own (T1, F5)', () => {
    const lanes = Object.entries(tinyland.runners.gitlab.pools).filter(
      ([, { lane }]) => lane === 'operator',
    );
    expect(lanes.map(([name]) => name)).toEqual(['tinyland-nix-operator']);
    expect(lanes[0]?.[1].protected).toBe(true);
    expect(runnerNamespaces(tinyland, 'gitlab')).toEqual([
      { name: 'gitlab-runners', trust: 'jobs' },
      { name: 'gitlab-runners-privileged', trust: 'privileged-jobs' },
      { name: 'tinyland-nix-operator', trust: 'operator' },
    ]);
    expect(runnerNamespaces(tinyland, 'github')).toEqual([
      { name: 'arc-runners', trust: 'jobs' },
      { name: 'arc-runners-privileged', trust: 'privileged-jobs' },
    ]);
  });
});

describe('the settings of a single node', () => {
  test('keep two logical caches in one bucket of R2 (L18)', () => {
    expect(Object.keys(single.attic.caches)).toEqual(['dev-cache', 'blog-cache']);
    expect(single.objectStore).toMatchObject({ kind: 'r2', buckets: { attic: 'attic-cache' } });
  });

  test('keep the state in a second bucket under the default keys', () => {
    expect(single.state).toMatchObject({ bucket: 'tofu-state', store: 'elsewhere' });
    expect(Object.values(single.state.keys)).toEqual([
      'attic/terraform.tfstate',
      'arc-runners/terraform.tfstate',
      'gitlab-runners/terraform.tfstate',
      'runner-dashboard/terraform.tfstate',
    ]);
  });

  test('push to Cachix first, and that push must not fail (L10)', () => {
    expect(single.substituters).toMatchObject([
      { url: 'https://homelab.cachix.org', push: 'primary' },
    ]);
  });

  test('run no Bazel cache, so that nobody gets an address of one', () => {
    expect(bazelForPods(single)).toBeUndefined();
  });
});

describe('the least settings', () => {
  test('are fifteen lines or fewer', () => {
    const lines = readFileSync(exampleFile('minimal'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(15);
  });

  test('derive every public name from the domain (T4)', () => {
    const minimal = readSettings(exampleFile('minimal'));
    expect(String(atticForPeople(minimal))).toBe('https://nix-cache.example.org');
    expect(String(dashboardForPeople(minimal))).toBe('https://runners.example.org');
    expect(runnerNamespaces(minimal, 'gitlab')).toEqual([
      { name: 'gitlab-runners', trust: 'jobs' },
    ]);
  });
});
