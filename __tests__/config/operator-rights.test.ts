import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OPERATOR_RIGHTS } from '../../config/operator-rights.ts';
import { MANAGER_RULES } from '../../constructs/runner-pool/gitlab-values.ts';
import type { RoleRule } from '../../constructs/workload/account.ts';
import { homeIn } from '../constructs/runner-pool/pool-fixtures.ts';
import {
  exampleContext,
  type Json,
  named,
  resourcesOf,
  synthesizeConstruct,
  synthesizeStacks,
} from '../support/synthesized.ts';

const CHARTS = 'policy/charts';

const held = new Set(OPERATOR_RIGHTS.flatMap(single));

/** Each right of a rule by itself. */
function single({ apiGroups, resources, verbs }: RoleRule): string[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`)),
  );
}

const missing = (rules: readonly RoleRule[]) => [
  ...new Set(rules.flatMap(single).filter((right) => !held.has(right))),
];

/** The rules of every role that a value holds, however deep. */
function rolesIn(value: Json): RoleRule[] {
  if (typeof value !== 'object' || value === null) return [];
  if (/Role$/.test(value.kind ?? '') && Array.isArray(value.rules)) {
    return value.rules.filter(({ resources }: Json) => Array.isArray(resources));
  }
  return Object.values(value).flatMap(rolesIn);
}

describe('the rights of the operator lane', () => {
  test('are listed one by one', () => {
    for (const { apiGroups, resources, verbs } of OPERATOR_RIGHTS) {
      expect([...apiGroups, ...resources, ...verbs].join(' ')).not.toContain('*');
    }
  });

  test('grant nobody more than the lane itself holds: no escalate, bind or impersonate', () => {
    const verbs = new Set(OPERATOR_RIGHTS.flatMap((rule) => rule.verbs));
    expect([...verbs].sort()).toEqual([
      'create',
      'delete',
      'deletecollection',
      'get',
      'list',
      'patch',
      'update',
      'watch',
    ]);
  });

  test('hold what every chart grants, since only that can be granted on', () => {
    // What the chart gitlab-runner grants are the rules that it is given.
    const summaries = readdirSync(CHARTS).filter((file) =>
      /^(?!gitlab-runner).*\.json$/.test(file),
    );
    expect(summaries.length).toBeGreaterThan(3);
    const rules = summaries.flatMap((file) =>
      rolesIn(JSON.parse(readFileSync(`${CHARTS}/${file}`, 'utf8'))),
    );
    expect(rules.length).toBeGreaterThan(20);
    expect(missing(rules)).toEqual([]);
    expect(missing(MANAGER_RULES)).toEqual([]);
  });

  test('hold what the stacks themselves grant', () => {
    const stacks = Object.values(synthesizeStacks(exampleContext('tinyland')));
    const roles = stacks.flatMap((text) => {
      const json = JSON.parse(text);
      return [
        ...resourcesOf(json, 'kubernetes_role_v1'),
        ...resourcesOf(json, 'kubernetes_cluster_role_v1'),
      ];
    });
    const rules = roles.flatMap(({ rule }) =>
      rule.map((one: Json) => ({
        apiGroups: one.api_groups,
        resources: one.resources,
        verbs: one.verbs,
      })),
    );
    expect(rules.length).toBeGreaterThan(10);
    expect(missing(rules)).toEqual([]);
  });

  test('cover every kind of object that the stacks define', () => {
    const stacks = Object.values(synthesizeStacks(exampleContext('tinyland')));
    const kinds = new Set(stacks.flatMap((text) => Object.keys(JSON.parse(text).resource)));
    const resources = [...kinds]
      .filter((kind) => kind.startsWith('kubernetes_'))
      .map((kind) => plural(kind.replace(/^kubernetes_/, '').replace(/_v\d$/, '')));
    const known = new Set(OPERATOR_RIGHTS.flatMap((rule) => rule.resources));
    expect(resources.filter((resource) => !known.has(resource))).toEqual([]);
  });
});

describe('the account of the operator lane', () => {
  const json = synthesizeConstruct(
    (stack) => void homeIn(stack, [], { name: 'lane', trust: 'operator' }),
  );

  test('is bound to the role of its lane, and to nothing else', () => {
    const binding = named(json, 'kubernetes_cluster_role_binding_v1', 'lane');
    expect(binding.role_ref.name).toBe('lane');
    expect(binding.subject).toEqual([
      { kind: 'ServiceAccount', name: 'flywheel-operator', namespace: 'lane' },
    ]);
    expect(resourcesOf(json, 'kubernetes_cluster_role_binding_v1')).toHaveLength(1);
  });

  test('mounts its token only where a pod asks for it', () => {
    const account = named(json, 'kubernetes_service_account_v1', 'flywheel-operator');
    expect(account.automount_service_account_token).toBe(false);
  });
});

function plural(kind: string): string {
  const word = kind.replaceAll('_', '');
  if (word.endsWith('s')) return `${word}es`;
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}
