import { describe, expect, test } from 'vitest';
import type { PoolSurroundings } from '../../../constructs/runner-pool/pool-surroundings.ts';
import { type Json, named, synthesizeConstruct } from '../../support/synthesized.ts';
import { controllerIn, egressOf, IMAGES, surroundingsIn } from './pool-fixtures.ts';

function synthesize(urls: readonly string[], change: Partial<PoolSurroundings> = {}): Json {
  return synthesizeConstruct(
    (stack) => void controllerIn(stack, surroundingsIn(stack, change), urls),
  );
}

const valuesOf = (json: Json) =>
  JSON.parse(named(json, 'helm_release', 'arc-controller').values[0]);

const plain = synthesize(['https://github.com/example']);

describe('GithubController', () => {
  test('lives in a namespace that enforces restricted (W-A16)', () => {
    const [namespace] = JSON.parse(
      named(plain, 'helm_release', 'namespace-arc-systems').values[0],
    ).objects;
    expect(namespace.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'flywheel/trust': 'controllers',
    });
  });

  test('runs by digest and hands the same image to its listeners (W-C1)', () => {
    const { repository, tag } = valuesOf(plain).image;
    // The chart joins the two with a colon.
    expect(`${repository}:${tag}`).toBe(String(IMAGES['github-controller']));
  });

  test('passes restricted, with limits, probes and the priority of a manager', () => {
    expect(valuesOf(plain)).toMatchObject({
      replicaCount: 1,
      podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      resources: { limits: { cpu: '500m', memory: '512Mi' } },
      flags: { healthProbeBindAddress: ':8081' },
      priorityClassName: 'runners-manager',
    });
  });

  test('reaches the API server and each GitHub, and so do its listeners', () => {
    const json = synthesize(['https://github.com/a', 'https://github.example.org:8443/b']);
    for (const policy of ['controller', 'listeners']) {
      expect(egressOf(json, policy)).toEqual([
        'kube-system:53,53',
        '10.43.0.1/32:443,6443',
        '0.0.0.0/0:443,8443',
      ]);
    }
  });

  test('keeps its ways, and those of its listeners, until it has gone', () => {
    expect(named(plain, 'helm_release', 'arc-controller').depends_on.join(' ')).toMatch(
      /network_policy_v1\.controller_controller-flows.*network_policy_v1\.controller_listener-flows/,
    );
  });

  test('needs no way out where it has no scale set', () => {
    expect(egressOf(synthesize([]), 'controller')).toEqual([
      'kube-system:53,53',
      '10.43.0.1/32:443,6443',
    ]);
  });

  test('allows two controllers, for the time of a change, and a listener for each scale set', () => {
    const json = synthesize(['https://github.com/a', 'https://github.com/b']);
    expect(named(json, 'kubernetes_resource_quota_v1', 'pods').spec.hard).toEqual({
      'requests.cpu': '240m',
      'requests.memory': '384Mi',
      'limits.cpu': '1400m',
      'limits.memory': '1536Mi',
      pods: '4',
    });
  });

  test('answers with metrics only where somebody scrapes them (W-B26)', () => {
    expect(valuesOf(plain).metrics).toBeUndefined();
    const json = synthesize([], { metricsFrom: 'monitoring' });
    expect(valuesOf(json).metrics).toEqual({
      controllerManagerAddr: ':8080',
      listenerAddr: ':8080',
      listenerEndpoint: '/metrics',
    });
    const { ingress } = named(json, 'kubernetes_network_policy_v1', 'listeners').spec;
    expect(ingress[0].ports).toEqual([{ port: '8080', protocol: 'TCP' }]);
  });

  test('pulls with the Secret of the registry, which reaches its listeners (W-B15)', () => {
    const json = synthesize([], { pullSecret: 'registry' });
    expect(valuesOf(json).imagePullSecrets).toEqual([{ name: 'registry' }]);
  });
});
