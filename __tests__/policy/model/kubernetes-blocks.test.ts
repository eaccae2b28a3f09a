// biome-ignore-all lint/suspicious/noTemplateCurlyInString: escapes of OpenTofu are part of what is tested
import { describe, expect, test } from 'vitest';
import { KUBERNETES_KINDS, readBlock } from '../../../policy/model/kubernetes-blocks.ts';

function read(type: string, body: object) {
  return readBlock(KUBERNETES_KINDS[type]?.fields ?? {}, body);
}

describe('resources of the Kubernetes provider in the shape of the API', () => {
  test('a pod template', () => {
    const container = {
      name: 'app',
      env: [{ name: 'A', value_from: { secret_key_ref: { name: 's', key: 'k' } } }],
      env_from: [{ secret_ref: { name: 's' } }],
      port: [{ container_port: '80' }],
      volume_mount: [{ name: 'v', mount_path: '/v', read_only: true }],
      resources: { limits: { cpu: '1', 'ephemeral-storage': '1Gi' } },
      security_context: { run_as_user: '0', capabilities: { drop: ['ALL'] } },
      liveness_probe: { http_get: { path: '/', http_header: [{ name: 'Host', value: 'h' }] } },
      lifecycle: { pre_stop: [{ exec: { command: ['$${x}'] } }] },
    };
    const spec = {
      container: [container],
      init_container: { name: 'one' },
      volume: [{ name: 'v', empty_dir: {} }],
      toleration: [{ key: 'k' }],
      node_selector: { node_role: 'x' },
      host_pid: true,
      topology_spread_constraint: [
        { max_skew: 1, label_selector: [{ match_labels: { app: 'a' } }] },
      ],
    };
    const deployment = { spec: { replicas: '2', template: { spec } }, wait_for_rollout: false };
    expect(read('kubernetes_deployment_v1', deployment)).toEqual({
      waitForRollout: false,
      spec: {
        replicas: 2,
        template: {
          spec: {
            containers: [
              {
                name: 'app',
                env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }],
                envFrom: [{ secretRef: { name: 's' } }],
                ports: [{ containerPort: 80 }],
                volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }],
                resources: { limits: { cpu: '1', 'ephemeral-storage': '1Gi' } },
                securityContext: { runAsUser: 0, capabilities: { drop: ['ALL'] } },
                livenessProbe: {
                  httpGet: { path: '/', httpHeaders: [{ name: 'Host', value: 'h' }] },
                },
                lifecycle: { preStop: { exec: { command: ['${x}'] } } },
              },
            ],
            initContainers: [{ name: 'one' }],
            volumes: [{ name: 'v', emptyDir: {} }],
            tolerations: [{ key: 'k' }],
            nodeSelector: { node_role: 'x' },
            hostPID: true,
            topologySpreadConstraints: [
              { maxSkew: 1, labelSelector: { matchLabels: { app: 'a' } } },
            ],
          },
        },
      },
    });
  });

  test('the attributes of a plan, where every block is a list', () => {
    const planned = {
      metadata: [{ name: 'a', labels: { my_label: 'x' } }],
      spec: [{ template: [{ spec: [{ container: [{ name: 'c' }] }] }] }],
    };
    expect(read('kubernetes_deployment_v1', planned)).toEqual({
      metadata: { name: 'a', labels: { my_label: 'x' } },
      spec: { template: { spec: { containers: [{ name: 'c' }] } } },
    });
  });

  test.each([
    [
      'kubernetes_role_v1',
      { rule: [{ api_groups: [''], resource_names: ['x'], non_resource_urls: ['/x'] }] },
      { rules: [{ apiGroups: [''], resourceNames: ['x'], nonResourceURLs: ['/x'] }] },
    ],
    [
      'kubernetes_role_binding_v1',
      { role_ref: { kind: 'Role' }, subject: [{ kind: 'Group' }] },
      { roleRef: { kind: 'Role' }, subjects: [{ kind: 'Group' }] },
    ],
    [
      'kubernetes_ingress_v1',
      {
        spec: {
          rule: [
            { http: { path: [{ path: '/', backend: { service: { port: { number: 80 } } } }] } },
          ],
        },
      },
      {
        spec: {
          rules: [
            { http: { paths: [{ path: '/', backend: { service: { port: { number: 80 } } } }] } },
          ],
        },
      },
    ],
    [
      'kubernetes_limit_range_v1',
      { spec: { limit: [{ type: 'Container', default_request: { cpu: '1' } }] } },
      { spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '1' } }] } },
    ],
    [
      'kubernetes_cron_job_v1',
      { spec: { job_template: { spec: { template: { spec: { container: [{ name: 'c' }] } } } } } },
      { spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: 'c' }] } } } } } },
    ],
    [
      'kubernetes_config_map_v1',
      { data: { 'a_b.toml': 'x = "$${y}"' } },
      { data: { 'a_b.toml': 'x = "${y}"' } },
    ],
    [
      'kubernetes_service_v1',
      { spec: { port: [{ port: 1 }] } },
      { spec: { ports: [{ port: 1 }] } },
    ],
  ])('%s', (type, body, expected) => {
    expect(read(type, body)).toEqual(expected);
  });

  test('what a resource says to OpenTofu is left out', () => {
    const body = { '//': {}, depends_on: ['x'], lifecycle: {}, metadata: { name: 'a' } };
    expect(read('kubernetes_service_account_v1', body)).toEqual({ metadata: { name: 'a' } });
  });

  test('a field that is named like something every object has', () => {
    expect(read('kubernetes_config_map_v1', { constructor: 'x', to_string: 'y' })).toEqual({
      constructor: 'x',
      toString: 'y',
    });
  });
});
