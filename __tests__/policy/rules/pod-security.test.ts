import { describe, expect, test } from 'vitest';
import { check } from '../../../policy/check.ts';
import { committedSummaries } from '../committed-summaries.ts';
import { goodCluster } from '../good-cluster.ts';

const REASON = 'the store of the image belongs to root';

/** What is found when the API runs as root in a namespace that enforces so much, for that reason. */
function asRoot(enforced: string, reason: string | undefined): string[] {
  const draft = goodCluster();
  const [namespace] = draft.objects('apps-namespace');
  namespace.metadata.labels['pod-security.kubernetes.io/enforce'] = enforced;
  const { api } = draft.stack('services').resource.kubernetes_deployment_v1;
  api.spec.template.spec.security_context.run_as_non_root = false;
  if (reason !== undefined)
    api.spec.template.metadata.annotations = { 'flywheel/weakening': reason };
  return check(draft.finished(), committedSummaries)
    .filter(({ rule }) => rule === 'pod-security')
    .map(({ problem }) => problem);
}

describe('a pod of ours that runs as root', () => {
  test('is let be with a written reason, where the namespace lets it', () => {
    expect(asRoot('baseline', REASON)).toEqual([]);
  });

  test.each([undefined, ''])('is rejected with the reason %o', (reason) => {
    expect(asRoot('baseline', reason)).toEqual([
      'Deployment api: container api does not set runAsNonRoot; every pod but those of jobs keeps to restricted',
    ]);
  });

  test('is rejected where the namespace would refuse it, whatever the reason', () => {
    expect(asRoot('restricted', REASON)).toEqual([
      'Deployment api: container api does not set runAsNonRoot; the namespace apps enforces restricted',
    ]);
  });
});
