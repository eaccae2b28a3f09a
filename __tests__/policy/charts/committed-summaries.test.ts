import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCharts } from '../../../config/charts.ts';
import { readSummary } from '../../../policy/charts/chart-summaries.ts';
import { RECIPES } from '../../../policy/charts/recipes.ts';
import { instantiate, variantOf } from '../../../policy/model/chart-summary.ts';
import { mergeValues } from '../../../policy/model/helm-release.ts';
import type { Json } from '../good/parts.ts';

const PINS = Object.values(readCharts());

describe('the committed summaries of charts', () => {
  test.each(PINS.map(({ name, version }) => [name, version]))('%s %s is there', (name, version) => {
    const recipe = RECIPES.find(({ chart }) => chart === name);
    expect(readSummary(name, version)).toMatchObject({
      chart: name,
      version,
      copied: recipe?.copied,
      silent: recipe?.silent,
      shape: recipe?.shape,
    });
  });

  test('none is left over from a version that is no longer pinned', () => {
    const files = readdirSync('policy/charts').filter((name) => name.endsWith('.json'));
    expect(files.toSorted()).toEqual(
      PINS.map(({ name, version }) => `${name}-${version}.json`).toSorted(),
    );
  });

  test('a version that nobody has looked at has none', () => {
    expect(readSummary('gitlab-runner', '0.0.1')).toBeUndefined();
  });

  test('runners that make the pods of their jobs may read the Secrets beside them', () => {
    const objects = render('gha-runner-scale-set', { containerMode: { type: 'kubernetes' } });
    const role = objects.find(
      ({ kind, metadata }) => kind === 'Role' && metadata.name === 'set-gha-rs-kube-mode',
    );
    expect(role.rules).toContainEqual({
      apiGroups: [''],
      resources: ['secrets'],
      verbs: ['get', 'list', 'create', 'delete'],
    });
  });

  test('a manager without rules of its own holds everything in the core group', () => {
    const objects = render('gitlab-runner', {
      rbac: { create: true },
      serviceAccount: { create: true },
    });
    expect(objects.find(({ kind }) => kind === 'Role')).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'set-gitlab-runner', namespace: 'home' },
      rules: [{ apiGroups: [''], resources: ['*'], verbs: ['*'] }],
    });
  });
});

function render(name: string, given: Json): Json[] {
  const version = PINS.find((pin) => pin.name === name)?.version ?? '';
  const summary = readSummary(name, version);
  if (summary === undefined) throw new Error(`${name} has no summary`);
  const values = mergeValues(summary.defaults, given);
  const variant = variantOf(summary, values);
  if (variant === undefined) throw new Error(`${name} has no variant`);
  return instantiate(summary, variant, { name: 'set', namespace: 'home', values });
}
