import { describe, expect, test } from 'vitest';
import { compareReleases } from '../../../policy/charts/compare-releases.ts';
import type { ChartRecipe } from '../../../policy/charts/recipes.ts';
import { differences, type RenderableChart, summarize } from '../../../policy/charts/summarize.ts';
import { fullNameOf, instantiate, variantOf } from '../../../policy/model/chart-summary.ts';
import { mergeValues } from '../../../policy/model/helm-release.ts';
import type { Json } from '../good/parts.ts';

/** A chart of a few lines, as Helm would render it. */
const CHART: RenderableChart = {
  version: '1.2.3',
  appVersion: '9.9',
  kubeVersion: '1.33.0',
  defaults: {
    image: { repository: 'registry.example/app', tag: '' },
    replicas: 1,
    roles: false,
    level: 'info',
  },
  render({ name, namespace, values: given }) {
    const values: Json = mergeValues(CHART.defaults, given);
    const fullName = name.includes('app') ? name : `${name}-app`;
    const metadata = {
      name: fullName,
      namespace,
      labels: { chart: 'app-1.2.3' },
      annotations: { hash: String(Math.random()) },
    };
    const container = {
      name: 'app',
      image: `${values.image.repository}:${values.image.tag || '9.9'}`,
      args: values.watch === undefined ? ['run'] : ['run', `--watch=${values.watch}`],
      resources: values.resources,
      livenessProbe: { httpGet: { port: 80 }, periodSeconds: 7 },
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...(values.volumeMounts ?? [])],
    };
    const template = {
      metadata: { labels: { app: fullName } },
      spec: { serviceAccountName: fullName, containers: [container] },
    };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: values.replicas, template },
    };
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ resources: ['pods'] }],
    };
    const type = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'apps.example.org' },
    };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { token: 'c2VjcmV0' } };
    return [type, deployment, secret, ...(values.roles ? [role] : [])];
  },
};

const RECIPE: ChartRecipe = {
  chart: 'app',
  fullName: { chart: 'app', unless: 'contains' },
  copied: ['image.repository', 'image.tag', 'replicas', 'resources', 'volumeMounts', 'watch'],
  silent: ['level'],
  shape: [{ path: 'roles', by: 'value' }],
  fallbacks: { 'image.tag': '{{ .Chart.AppVersion }}' },
  overlaid: [],
  sample: {
    image: { repository: 'registry.sample/app', tag: 'v77.66' },
    replicas: 7919,
    resources: { limits: { cpu: '77m' } },
    volumeMounts: [{ name: 'sample', mountPath: '/sample' }],
    watch: 'sample-namespace-watched',
    level: 'debug',
  },
  variants: [[], [{ roles: true }]],
  checks: [[{ image: { tag: null }, watch: null, resources: null, volumeMounts: null }]],
};

describe('the summary of a chart', () => {
  const summary = summarize(RECIPE, CHART);

  test('refers to names and values instead of repeating them', () => {
    expect(summary.objects[0]).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: '{{ .Release.FullName }}', namespace: '{{ .Release.Namespace }}' },
      spec: {
        replicas: '{{ .Values.replicas }}',
        template: {
          metadata: { labels: { app: '{{ .Release.FullName }}' } },
          spec: {
            serviceAccountName: '{{ .Release.FullName }}',
            containers: [
              {
                args: ['run', '--watch={{ .Values.watch }}'],
                image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}',
                name: 'app',
                resources: '{{ .Values.resources }}',
                volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, { $splice: 'volumeMounts' }],
              },
            ],
          },
        },
      },
    });
  });

  test('names the keys of a Secret and never its values', () => {
    expect(summary.objects[1]).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: '{{ .Release.FullName }}', namespace: '{{ .Release.Namespace }}' },
      keys: ['token'],
    });
    expect(JSON.stringify(summary)).not.toContain('c2VjcmV0');
  });

  test('lists types by name and objects once for all variants', () => {
    expect(summary.crds).toEqual(['apps.example.org']);
    expect(summary.variants).toEqual([
      { when: { roles: false }, objects: [0, 1] },
      { when: { roles: true }, objects: [0, 2, 1] },
    ]);
  });

  test('serves another release with other values', () => {
    const values = mergeValues(summary.defaults, { replicas: 3, roles: true });
    const variant = variantOf(summary, values);
    if (variant === undefined) throw new Error('there is no variant');
    const [deployment]: Json[] = instantiate(summary, variant, {
      name: 'web',
      namespace: 'apps',
      values,
    });
    expect(deployment.metadata).toEqual({ name: 'web-app', namespace: 'apps' });
    expect(deployment.spec.replicas).toBe(3);
    expect(deployment.spec.template.spec.containers).toEqual([
      {
        name: 'app',
        image: 'registry.example/app:9.9',
        args: ['run'],
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ]);
  });

  test('has no variant for values that were never rendered', () => {
    expect(variantOf(summary, { roles: 'some' })).toBeUndefined();
  });

  test('gives what the chart renders, or says where not', () => {
    const release = { name: 'web', namespace: 'apps', values: { replicas: 2 } };
    expect(differences(summary, CHART, release)).toEqual([]);
    const other = { ...CHART, render: () => [{ kind: 'Role', metadata: { name: 'web-app' } }] };
    expect(differences(summary, other, { ...release, values: {} })).toEqual([
      '/Role/web-app: the chart has {"kind":"Role","metadata":{"name":"web-app"}}, the summary nothing',
      expect.stringMatching(/^\/Deployment\/web-app: the chart has nothing, the summary \{/),
      expect.stringMatching(/^\/Secret\/web-app: the chart has nothing, the summary \{/),
    ]);
  });
});

describe('the releases of stacks', () => {
  const release = (values: Json) => ({
    chart: 'app',
    version: '1.2.3',
    name: 'web',
    namespace: 'apps',
    values: [JSON.stringify(values)],
  });
  const stacks = [
    {
      name: 'services',
      json: {
        resource: {
          helm_release: { good: release({ replicas: 2 }), other: release({ roles: 'some' }) },
        },
      },
    },
  ];
  const summary = summarize(RECIPE, CHART);

  test('are compared with what their charts render', () => {
    expect(
      compareReleases(
        stacks,
        () => summary,
        () => CHART,
      ),
    ).toEqual({
      compared: 2,
      different: [
        {
          address: 'services: helm_release.other',
          differences: ['the summary has no variant for these values'],
        },
      ],
    });
  });

  test('are not compared where a chart cannot be had', () => {
    expect(
      compareReleases(
        stacks,
        () => summary,
        () => undefined,
      ),
    ).toEqual({ compared: 0, different: [] });
  });
});

describe('a recipe', () => {
  test('rejects a value that is copied nowhere', () => {
    const recipe = { ...RECIPE, copied: [...RECIPE.copied, 'level'], silent: [] };
    expect(() => summarize(recipe, CHART)).toThrow('app: found nowhere in what is rendered: level');
  });

  test('rejects a silent value that changes something', () => {
    const recipe = {
      ...RECIPE,
      silent: ['level', 'roles'],
      shape: [],
      variants: [[]],
      sample: { ...RECIPE.sample, roles: false },
    };
    expect(() => summarize(recipe, CHART)).toThrow(
      'app 1.2.3: the summary differs from the chart\n/Role/sample-release-app: the chart has',
    );
  });

  test('rejects a silent value that its sample does not give', () => {
    const recipe = { ...RECIPE, silent: ['other'] };
    expect(() => summarize(recipe, CHART)).toThrow('app: the sample gives no other');
  });

  test('rejects an overlay where the chart leaves out what the user gave', () => {
    const chart: RenderableChart = {
      ...CHART,
      defaults: {},
      render: () => [
        { kind: 'AutoscalingRunnerSet', metadata: {}, spec: { template: { spec: { a: 1 } } } },
      ],
    };
    const recipe: ChartRecipe = {
      ...RECIPE,
      copied: [],
      silent: [],
      shape: [],
      variants: [[]],
      checks: [],
      overlaid: [{ kind: 'AutoscalingRunnerSet', at: ['spec', 'template', 'spec'], from: 'pod' }],
      sample: { pod: { a: 1, b: 2 } },
    };
    expect(() => summarize(recipe, chart)).toThrow('the chart leaves "b" out of pod');
  });
});

test.each([
  ['web', 'contains', 'web-app'],
  ['my-app', 'contains', 'my-app'],
  ['my-app', 'begins', 'my-app-app'],
  ['app-1', 'begins', 'app-1'],
  ['a'.repeat(62), 'contains', 'a'.repeat(62)],
] as const)('the release %s is called by its chart (%s) %s', (release, unless, full) => {
  expect(fullNameOf({ chart: 'app', unless }, release)).toBe(full);
});
