import type { V1Deployment } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import {
  isAvailable,
  objectPath,
  STAND_INS,
} from '../../../../operations/rehearsal/cluster/stand-ins.ts';

const LABELS = { 'app.kubernetes.io/name': 'operator' };

function deployment(labels: Record<string, string>, availableReplicas: number): V1Deployment {
  const template = { metadata: { labels } };
  return { spec: { selector: {}, template }, status: { availableReplicas } };
}

describe('what is stood in for', () => {
  test('is told with its reason, and acts only behind an operator that a stack installs', () => {
    expect(STAND_INS.map(({ of, behind }) => [of, behind === undefined])).toEqual([
      ['the webhooks of CloudNativePG', false],
      ['the operator of CloudNativePG', false],
      ['the controller of the GitHub runners', false],
      ['cert-manager', true],
    ]);
    for (const { does, why } of STAND_INS) {
      expect(does.length).toBeGreaterThan(20);
      expect(why.length).toBeGreaterThan(20);
    }
  });

  test.each<[string, boolean, V1Deployment[]]>([
    ['is available', true, [deployment({ ...LABELS, more: 'labels' }, 1)]],
    ['is one of several', true, [deployment({}, 1), deployment(LABELS, 2)]],
    ['has no pod that is ready', false, [deployment(LABELS, 0)]],
    ['is another', false, [deployment({ 'app.kubernetes.io/name': 'other' }, 1)]],
    ['was never installed', false, []],
  ])('when its operator %s: %s', (_, expected, deployments) => {
    expect(isAvailable(deployments, LABELS)).toBe(expected);
  });
});

test('the path of an object comes from that of its kind', () => {
  expect(objectPath('/api/v1/serviceaccounts', 'ns', 'a')).toBe(
    '/api/v1/namespaces/ns/serviceaccounts/a',
  );
  expect(objectPath('/apis/g.io/v1/things', 'ns', 'a')).toBe(
    '/apis/g.io/v1/namespaces/ns/things/a',
  );
});
