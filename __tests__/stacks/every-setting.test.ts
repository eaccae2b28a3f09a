import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { afterAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../config/read-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { clusterOf, judge } from '../../policy/check.ts';
import { defineStacks } from '../../stacks/all-stacks.ts';
import { EXAMPLES } from '../support/examples.ts';
import { exampleContext, type Json, named, synthesizeStacks } from '../support/synthesized.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function settingsOf(text: string): Settings {
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, text);
  return readSettings(file);
}

const REQUIRED = `
organization: { name: example, domain: example.org }
cluster: { name: ci }
objectStore: { kind: rustfs }
`;

describe('settings that say no more than they must', () => {
  test.each(['external-dns', 'none', 'route53, zoneId: Z0123456789, target: ingress.example.org'])(
    'are taken with their defaults, and their public names follow from the domain: dns by %s (W-B27)',
    (provider) => {
      const settings = settingsOf(`${REQUIRED}dns: { provider: ${provider} }`);
      const stacks = synthesizeStacks(exampleContext('minimal', () => settings));
      const parsed = Object.entries(stacks).map(([name, text]) => ({
        name,
        json: JSON.parse(text) as Record<string, unknown>,
      }));
      const cluster = clusterOf({
        stacks: parsed,
        previous: [],
        declared: { nodes: [], requireDigests: false },
      });
      const errors = judge(cluster).filter(({ severity }) => severity === 'error');
      expect(errors).toEqual([]);
      const ingress = (stack: string, name: string): Json =>
        named(parsed.find((one) => one.name === stack)?.json, 'kubernetes_ingress_v1', name);
      expect(ingress('attic', 'attic').spec.rule[0].host).toBe('nix-cache.example.org');
      expect(ingress('runner-dashboard', 'runner-dashboard').spec.rule[0].host).toBe(
        'runners.example.org',
      );
    },
  );
});

/** Everything that has a name of its own by default, named otherwise. */
const RENAMED = `
organization: { name: example, domain: example.org }
cluster:
  name: ci
  storageClass: other-class
  dnsNamespace: other-dns
  ingress: { class: other-ingress, namespace: other-ingress-system }
  certManager: { issuer: other-issuer }
namespaces:
  cache: other-cache
  gitlabRunners: other-gitlab
  arcSystems: other-systems
  arcRunners: other-arc
  dashboard: other-dashboard
  database: other-database
objectStore: { kind: rustfs, name: other-store, buckets: { attic: other-chunks, bazel: other-blobs } }
state: { bucket: other-state }
monitoring: { enabled: true, namespace: other-monitoring }
runners:
  gitlab: { pools: { a: { type: docker } } }
  github: { url: https://github.com/example, appSecret: other-app, scaleSets: { b: { type: docker, containerMode: kubernetes-novolume } } }
`;

const DEFAULTS = [
  ...['nix-cache', 'gitlab-runners', 'arc-systems', 'arc-runners', 'runner-dashboard'],
  ...['cnpg-system', 'monitoring', 'object-store', 'attic', 'bazel-cache', 'tofu-state'],
  ...['traefik', 'kube-system', 'letsencrypt-prod', 'github-app-secret'],
];

/** Keys whose value is the name of something that the settings name. */
const NAMING = new Set([
  'namespace',
  'ingress_class_name',
  'storage_class_name',
  'storageClassName',
  'bucket',
  'cert-manager.io/cluster-issuer',
  'kubernetes.io/metadata.name',
  'githubConfigSecret',
]);

/** Every value under a key that names something, also in the JSON that charts are given as text. */
function namesIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') {
    const below = /^[[{]/.test(value) ? parsedOrNothing(value) : undefined;
    if (below !== undefined) return namesIn(below);
    return NAMING.has(key) ? [value] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) =>
    namesIn(child, Array.isArray(value) ? key : name),
  );
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

test('a default stands in one place: what the settings name otherwise is named so by every stack (W-C5)', () => {
  const settings = settingsOf(RENAMED);
  const stacks = synthesizeStacks(exampleContext('minimal', () => settings));
  for (const [stack, text] of Object.entries(stacks)) {
    const names = new Set(namesIn(JSON.parse(text)));
    expect(names.size, stack).toBeGreaterThan(2);
    expect([...names].filter((name) => DEFAULTS.includes(name))).toEqual([]);
  }
});

/** The same value, which notes the path of everything that someone reads in it. */
function watched<T>(value: T, path: string, read: Set<string>): T {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      if (typeof key === 'symbol') return Reflect.get(target, key, receiver);
      read.add(`${path}.${key}`);
      return watched(Reflect.get(target, key, receiver), `${path}.${key}`, read);
    },
  });
}

function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function leaves(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return [path];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}.${key}`));
}

/** What others read: the judge of the result, the report, and the preflight. */
const READ_ELSEWHERE =
  /^settings\.(waivers|organization\.name|cluster\.name|images\.requireDigests|cluster\.nodes)\b/;

/** A path in which the names that people choose, and the places in lists, are the same for all. */
function general(path: string): string {
  return path
    .replace(/\.(pools|scaleSets|caches|quotas|labels|parameters|nodeSelector)\.[^.]+/g, '.$1.*')
    .replace(/\.\d+(?=\.|$)/g, '.*');
}

/** Synthesizes with the settings, and returns what of them was read and what there is. */
function useOf(settings: Settings): { readonly read: string[]; readonly all: string[] } {
  const read = new Set<string>();
  const app = new App({ outdir: mkdtempSync(join(folder, 'out-')) });
  const context = exampleContext('minimal', () => watched(settings, 'settings', read));
  defineStacks(app, context);
  app.synth();
  return { read: [...read].map(general), all: leaves(settings, 'settings').map(general) };
}

test('every setting is read by a stack, a judge, the report or the preflight (W-C6)', () => {
  const uses = [
    ...EXAMPLES.map((example) => exampleContext(example).settings),
    settingsOf(RENAMED.replace('kubernetes-novolume', 'kubernetes')),
  ].map(useOf);
  const read = new Set(uses.flatMap((use) => use.read));
  const unread = new Set(uses.flatMap(({ all }) => all).filter((path) => !read.has(path)));
  expect([...unread].filter((path) => !READ_ELSEWHERE.test(path))).toEqual([]);
});
