import { describe, expect, test } from 'vitest';
import { named, resourcesOf } from '../../support/synthesized.ts';
import { synthesize } from './minimal-workload.ts';

const DEPLOYMENT = 'kubernetes_deployment_v1';

describe('Workload as a StatefulSet', () => {
  test('has the same pod, whose replicas have names in the DNS', () => {
    const json = synthesize({
      kind: 'StatefulSet',
      service: [{ name: 'http', port: 80, targetPort: 8080 }],
    });
    const { spec, depends_on } = named(json, 'kubernetes_stateful_set_v1', 'app');
    expect(spec.template.spec).toEqual(named(synthesize(), DEPLOYMENT, 'app').spec.template.spec);
    expect(resourcesOf(json, DEPLOYMENT)).toEqual([]);
    expect(spec.service_name).toBe('app-headless');
    const selector = { 'app.kubernetes.io/instance': 'app', 'app.kubernetes.io/name': 'app' };
    const port = [{ name: 'http', port: 80, target_port: '8080', protocol: 'TCP' }];
    expect(named(json, 'kubernetes_service_v1', 'app-headless').spec).toEqual({
      type: 'ClusterIP',
      cluster_ip: 'None',
      selector,
      port,
    });
    expect(named(json, 'kubernetes_service_v1', 'app').spec.cluster_ip).toBeUndefined();
    expect(depends_on.join()).toContain('kubernetes_service_v1.app_governing-service');
  });

  test('has those names without ports too, and is scaled as one', () => {
    const json = synthesize({
      kind: 'StatefulSet',
      replicas: { min: 2, max: 4, cpuPercent: 70, memoryPercent: 80 },
      waitForRollout: true,
    });
    expect(resourcesOf(json, 'kubernetes_service_v1').map(({ spec }) => spec)).toEqual([
      {
        type: 'ClusterIP',
        cluster_ip: 'None',
        selector: { 'app.kubernetes.io/instance': 'app', 'app.kubernetes.io/name': 'app' },
      },
    ]);
    const [scaler] = resourcesOf(json, 'kubernetes_horizontal_pod_autoscaler_v2');
    expect(scaler.spec.scale_target_ref.kind).toBe('StatefulSet');
    const { timeouts, spec } = named(json, 'kubernetes_stateful_set_v1', 'app');
    expect(timeouts).toEqual({ create: '360s', update: '360s' });
    expect(spec.progress_deadline_seconds).toBeUndefined();
  });
});
