import { describe, expect, test } from 'vitest';
import { check } from '../../../policy/check.ts';
import { committedSummaries } from '../committed-summaries.ts';
import { grant, jobsMay, mountToken, right } from '../examples/job-rights.ts';
import { secret } from '../good/parts.ts';
import { type Draft, goodCluster } from '../good-cluster.ts';

function found(change: (draft: Draft) => void) {
  const draft = goodCluster();
  change(draft);
  return check(draft.finished(), committedSummaries).filter(
    ({ rule }) => rule === 'privilege-reachability',
  );
}

describe('what jobs may reach', () => {
  test.each<[string, (draft: Draft) => void]>([
    [
      'pods and their logs of their own namespace',
      (draft) => jobsMay(draft, 'jobs', right('', 'pods', 'get'), right('', 'pods/log', 'get')),
    ],
    [
      'ConfigMaps of another trust level',
      (draft) => jobsMay(draft, 'apps', right('', 'configmaps', 'get', 'list')),
    ],
    [
      'a Secret that is made for jobs, by its name',
      (draft) => {
        draft
          .stack('gitlab')
          .output.required_secrets.value.push(
            secret('jobs', 'push', 'attic-push-token', ['token']),
          );
        jobsMay(draft, 'jobs', { ...right('', 'secrets', 'get'), resource_names: ['push'] });
      },
    ],
    [
      'bindings, which give no more than the account has',
      (draft) =>
        jobsMay(draft, 'apps', right('rbac.authorization.k8s.io', 'rolebindings', 'create')),
    ],
    [
      'the right to write Secrets without reading them',
      (draft) => jobsMay(draft, 'lane', right('', 'secrets', 'create', 'update')),
    ],
    [
      'namespaces without pods in them',
      (draft) => jobsMay(draft, undefined, right('', 'namespaces', 'patch')),
    ],
  ])('is %s', (_, change) => {
    expect(found(change)).toEqual([]);
  });

  test('is nothing by an account whose token no job holds', () => {
    expect(
      found((draft) =>
        grant(draft, 'unheld', 'apps', [right('', 'secrets', 'get')], 'jobs', 'docker-job'),
      ),
    ).toEqual([]);
  });

  test('is not asked of the operator lane, which is trusted with everything', () => {
    expect(
      found((draft) =>
        grant(draft, 'lane-may', 'apps', [right('', 'secrets', 'get')], 'lane', 'lane-job'),
      ),
    ).toEqual([]);
  });

  test('is not asked of controllers, under whose accounts no job runs', () => {
    expect(
      found((draft) =>
        grant(draft, 'manager', 'apps', [right('', 'secrets', 'get')], 'jobs', 'docker'),
      ),
    ).toEqual([]);
  });

  test('is said once with everybody who gets there', () => {
    const [finding, ...more] = found((draft) => {
      mountToken(draft);
      const { spec } = draft.values('scale-set').template;
      spec.automountServiceAccountToken = true;
      grant(draft, 'one', 'apps', [right('', 'secrets', 'get')], 'jobs', 'docker-job');
      grant(draft, 'two', 'apps', [right('', 'secrets', 'get')], 'runners', 'set-job');
    });
    expect(more).toEqual([]);
    expect(finding?.problem).toMatch(
      /^runners of set in runners \(jobs\) reach Secrets of apps .*; so do jobs of docker$/,
    );
  });

  test('is found over a role that others add to', () => {
    const [finding] = found((draft) => {
      jobsMay(draft, undefined, right('', 'pods', 'get'));
      const { kubernetes_cluster_role_v1: roles } = draft.stack('gitlab').resource;
      roles['jobs-may'].aggregation_rule = {
        cluster_role_selectors: [{ match_labels: { add: 'yes' } }],
      };
      roles.added = {
        metadata: { name: 'added', labels: { add: 'yes' } },
        rule: [right('', 'secrets', 'list')],
      };
    });
    expect(finding?.problem).toContain('reach every Secret of the cluster');
  });
});
