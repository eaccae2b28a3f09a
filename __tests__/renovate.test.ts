import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHARTS_FILE, readCharts } from '../config/charts.ts';
import { IMAGES_FILE, readImages } from '../config/images.ts';

interface Manager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
  readonly datasourceTemplate: string;
}

interface Rule {
  readonly matchFileNames?: readonly string[];
  readonly matchDepTypes?: readonly string[];
  readonly matchPackageNames?: readonly string[];
  readonly versioning?: string;
  readonly groupName?: string;
  readonly enabled?: boolean;
}

const { enabledManagers, customManagers, packageRules } = JSON.parse(
  readFileSync('renovate.json', 'utf8'),
) as { enabledManagers: string[]; customManagers: Manager[]; packageRules: Rule[] };

/** What Renovate finds in a file: it applies each pattern again and again. */
function found(file: string, datasource: string): Record<string, string>[] {
  const managers = customManagers.filter(
    ({ managerFilePatterns, datasourceTemplate }) =>
      datasourceTemplate === datasource &&
      managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
  );
  const text = readFileSync(file, 'utf8');
  return managers.flatMap(({ matchStrings }) =>
    matchStrings.flatMap((pattern) =>
      [...text.matchAll(new RegExp(pattern, 'g'))].map(({ groups }) => ({ ...groups })),
    ),
  );
}

describe('Renovate', () => {
  test('finds every image that has a digest, with tag and digest apart (W-C2)', () => {
    const pinned = Object.values(readImages()).filter(({ digest }) => digest !== undefined);
    const images = found(IMAGES_FILE, 'docker');
    expect(
      images.map(
        ({ depName, currentValue, currentDigest }) => `${depName}:${currentValue}@${currentDigest}`,
      ),
    ).toEqual(pinned.map(String));
  });

  test('finds every chart, by its repository or its registry (W-C2)', () => {
    const charts = [
      ...found(CHARTS_FILE, 'helm').map(
        ({ registryUrl, depName, currentValue }) => `${registryUrl} ${depName} ${currentValue}`,
      ),
      ...found(CHARTS_FILE, 'docker').map(
        ({ folder, depName, currentValue }) => `oci://${folder} ${depName} ${currentValue}`,
      ),
    ];
    const pins = Object.values(readCharts()).map(
      ({ repository, name, version }) => `${repository} ${name} ${version}`,
    );
    expect(charts.toSorted()).toEqual(pins.toSorted());
  });

  test('understands tags that begin with a word', () => {
    const versionings = packageRules.flatMap(({ versioning }) => versioning ?? []);
    const pattern = new RegExp(versionings[0]?.replace('regex:', '') ?? '^$');
    const tags = Object.values(readImages())
      .filter(({ name }) => name.includes('gitlab-runner'))
      .map(({ tag }) => tag);
    expect(tags.length).toBe(2);
    for (const tag of tags) expect(tag).toMatch(pattern);
  });
});

interface GoModule {
  readonly file: string;
  readonly depType: string;
  readonly name: string;
  readonly version: string;
}

/** The modules that Renovate raises in a go.mod: what stands in a `tool` line is no indirect dependency, and replacements. */
function goModules(file: string): GoModule[] {
  const text = readFileSync(file, 'utf8');
  const tools = [...text.matchAll(/^(?:tool)?\s+([\w./-]+)$/gm)].map(([, path]) => `${path}/`);
  const required = [...text.matchAll(/^(?:require)?\s+(\S+\/\S+) (v\S+)(?: \/\/ indirect)?$/gm)]
    .filter(([, name]) => tools.some((path) => path.startsWith(`${name}/`)))
    .map(([, name = '', version = '']) => ({ file, depType: 'indirect', name, version }));
  const replaced = [...text.matchAll(/^(?:replace)?\s+\S+(?: v\S+)? => (\S+) (v\S+)$/gm)].map(
    ([, name = '', version = '']) => ({ file, depType: 'replace', name, version }),
  );
  return [...required, ...replaced];
}

/** What the rules say of a module: later ones win. */
function verdictOn({ file, depType, name }: GoModule) {
  const isNamed = (patterns: readonly string[]) =>
    patterns.some((pattern) =>
      pattern.endsWith('/**') ? name.startsWith(pattern.slice(0, -2)) : name === pattern,
    );
  const rules = packageRules.filter(
    ({ matchFileNames, matchDepTypes, matchPackageNames }) =>
      (matchFileNames?.includes(file) ?? true) &&
      (matchDepTypes?.includes(depType) ?? true) &&
      (matchPackageNames === undefined || isNamed(matchPackageNames)) &&
      (matchFileNames ?? matchPackageNames) !== undefined,
  );
  const { groupName, enabled = true } = Object.assign({}, ...rules) as Rule;
  return enabled ? (groupName ?? 'alone') : 'stays';
}

describe('Renovate of the tools', () => {
  const files = readdirSync('tools')
    .map((tool) => join('tools', tool, 'go.mod'))
    .filter((file) => existsSync(file));

  test('raises each program alone, Kubernetes with all its staging modules, and never what is archived', () => {
    expect(enabledManagers).toContain('gomod');
    const verdicts = files.flatMap(goModules).map((one) => [one.name, verdictOn(one)] as const);
    expect(verdicts.filter(([, verdict]) => verdict !== 'kubernetes')).toEqual([
      ['github.com/buchgr/bazel-remote/v2', 'bazel-remote'],
      ['github.com/caddyserver/caddy/v2', 'caddy'],
      ['go.etcd.io/etcd/server/v3', 'alone'],
      ['helm.sh/helm/v3', 'alone'],
      ['github.com/yannh/kubeconform', 'alone'],
      ['sigs.k8s.io/kwok', 'alone'],
      ['github.com/minio/minio', 'stays'],
      ['github.com/prometheus/prometheus', 'alone'],
      ['github.com/opentofu/opentofu', 'alone'],
      ['github.com/opentofu/hcl/v2', 'stays'],
      ['github.com/versity/versitygw', 'alone'],
    ]);
  });

  test.each([
    ['bazel-remote', 'bazel-remote'],
    ['caddy', 'caddy'],
  ] as const)(
    'finds %s in the version of its image, and raises the two together',
    (tool, image) => {
      const { name, tag } = readImages()[image] ?? {};
      const [module] = goModules(`tools/${tool}/go.mod`);
      expect(module?.version.slice(1)).toBe(tag?.replace(/^v/, ''));
      const group = packageRules.find(({ groupName }) => groupName === tool);
      expect(group?.matchPackageNames).toEqual([module?.name, name]);
    },
  );

  test('finds one version in all of Kubernetes', () => {
    const [kubernetes, ...staging] = goModules('tools/kubernetes/go.mod');
    expect(kubernetes).toMatchObject({ name: 'k8s.io/kubernetes' });
    expect(staging.length).toBeGreaterThan(30);
    const version = kubernetes?.version.replace('v1.', 'v0.');
    expect(staging.filter((one) => one.version !== version)).toEqual([]);
    expect(staging.map(verdictOn).filter((verdict) => verdict !== 'kubernetes')).toEqual([]);
  });

  test('finds the crate of the object store, in the version that the cluster runs', () => {
    expect(found('tools/rustfs/crate.toml', 'crate')).toEqual([
      { depName: 'rustfs', currentValue: readImages().rustfs?.tag },
    ]);
  });
});
