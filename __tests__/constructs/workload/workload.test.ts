import { describe, expect, test } from 'vitest';
import { factsOf } from '../../../constructs/facts.ts';
import { podFlow } from '../../../constructs/workload/flows.ts';
import { fromSecret } from '../../../constructs/workload/pod.ts';
import { Workload, type WorkloadProps } from '../../../constructs/workload/workload.ts';
import type { FlywheelStack } from '../../../stacks/flywheel-stack.ts';
import { Quantity } from '../../../values/quantity.ts';
import { SecretRef } from '../../../values/secret-ref.ts';
import { type Json, named, resourcesOf, synthesizeConstruct } from '../../support/synthesized.ts';
import { CONTAINER, minimal, synthesize } from './minimal-workload.ts';

const DEPLOYMENT = 'kubernetes_deployment_v1';
const templateOf = (json: Json) => named(json, DEPLOYMENT, 'app').spec.template;
const podOf = (json: Json) => templateOf(json).spec;

describe('Workload', () => {
  test('is hardened throughout without being asked (W-C9)', () => {
    const pod = podOf(synthesize());
    expect(pod.security_context).toEqual({
      run_as_non_root: true,
      run_as_user: '1000',
      run_as_group: '1000',
      fs_group: '1000',
      fs_group_change_policy: 'OnRootMismatch',
      seccomp_profile: { type: 'RuntimeDefault' },
    });
    expect(pod.container[0].security_context).toEqual({
      run_as_non_root: true,
      allow_privilege_escalation: false,
      privileged: false,
      read_only_root_filesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod).toMatchObject({
      automount_service_account_token: false,
      enable_service_links: false,
    });
  });

  test('runs under an account of its own that mounts no token', () => {
    const json = synthesize();
    expect(
      named(json, 'kubernetes_service_account_v1', 'app').automount_service_account_token,
    ).toBe(false);
    expect(podOf(json).service_account_name).toBe('app');
    expect(resourcesOf(json, 'kubernetes_role_v1')).toEqual([]);
  });

  test('always has requests and limits (L5)', () => {
    expect(podOf(synthesize()).container[0].resources).toEqual({
      requests: { cpu: '100m', memory: '64Mi' },
      limits: { cpu: '1', memory: '128Mi' },
    });
  });

  test('names its image by digest (W-C2)', () => {
    expect(podOf(synthesize()).container[0].image).toBe(
      `docker.io/library/app:1.0@sha256:${'a'.repeat(64)}`,
    );
  });

  test('is not waited for unless someone later in the same apply needs it', () => {
    const { wait_for_rollout, timeouts, spec } = named(synthesize(), DEPLOYMENT, 'app');
    expect(wait_for_rollout).toBe(false);
    expect(timeouts).toBeUndefined();
    expect(spec.progress_deadline_seconds).toBeUndefined();
  });

  test('is waited for as long as all its containers may take to start, and what comes before', () => {
    const action = { kind: 'tcp', port: 80 } as const;
    const slow = { ...CONTAINER, startup: { action, periodSec: 5, failures: 120 } };
    const usual = { ...CONTAINER, name: 'beside', startup: { action } };
    const waitedFor = (change: Partial<WorkloadProps>) =>
      named(synthesize({ ...change, waitForRollout: true }), DEPLOYMENT, 'app');
    const { wait_for_rollout, timeouts, spec } = waitedFor({ containers: [slow, usual] });
    expect(wait_for_rollout).toBe(true);
    expect(spec.progress_deadline_seconds).toBe(600 + 30 + 300);
    expect(timeouts).toEqual({ create: '990s', update: '990s' });
    expect(waitedFor({}).timeouts).toEqual({ create: '360s', update: '360s' });
  });

  test('denies every flow but the cluster DNS and those declared (W-C10)', () => {
    const caller = podFlow('jobs', { app: 'job' }, 8080);
    const policy = named(
      synthesize({ flows: { from: [caller], to: [] } }),
      'kubernetes_network_policy_v1',
      'app',
    ).spec;
    expect(policy.policy_types).toEqual(['Ingress', 'Egress']);
    expect(policy.ingress).toEqual([
      {
        from: [
          {
            namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'jobs' } },
            pod_selector: { match_labels: { app: 'job' } },
          },
        ],
        ports: [{ port: '8080', protocol: 'TCP' }],
      },
    ]);
    expect(policy.egress).toEqual([
      {
        to: [
          {
            namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          },
        ],
        ports: [
          { port: '53', protocol: 'UDP' },
          { port: '53', protocol: 'TCP' },
        ],
      },
    ]);
  });

  test('without ports has no Service', () => {
    expect(resourcesOf(synthesize(), 'kubernetes_service_v1')).toEqual([]);
  });

  test('with ports is called by a Service of its own name', () => {
    const service = [{ name: 'http', port: 80, targetPort: 8080 }];
    expect(named(synthesize({ service }), 'kubernetes_service_v1', 'app').spec).toEqual({
      type: 'ClusterIP',
      selector: { 'app.kubernetes.io/instance': 'app', 'app.kubernetes.io/name': 'app' },
      port: [{ name: 'http', port: 80, target_port: '8080', protocol: 'TCP' }],
    });
  });
});

describe('Workload with one replica', () => {
  test('has no disruption budget, which could only block a drain (W-B29)', () => {
    expect(resourcesOf(synthesize(), 'kubernetes_pod_disruption_budget_v1')).toEqual([]);
  });

  test('has nothing to spread', () => {
    expect(podOf(synthesize()).topology_spread_constraint).toBeUndefined();
  });
});

describe('Workload with several replicas', () => {
  test('keeps them apart and lets a drain take one at a time (W-B29)', () => {
    const json = synthesize({ replicas: 3 });
    expect(named(json, 'kubernetes_pod_disruption_budget_v1', 'app').spec.max_unavailable).toBe(
      '1',
    );
    const keys = podOf(json).topology_spread_constraint.map((each: Json) => each.topology_key);
    expect(keys).toEqual(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
  });

  test('follows its load between bounds, and the apply leaves the number alone', () => {
    const json = synthesize({ replicas: { min: 2, max: 10, cpuPercent: 70, memoryPercent: 80 } });
    expect(named(json, 'kubernetes_horizontal_pod_autoscaler_v2', 'app').spec).toMatchObject({
      min_replicas: 2,
      max_replicas: 10,
      scale_target_ref: { api_version: 'apps/v1', kind: 'Deployment', name: 'app' },
    });
    expect(named(json, DEPLOYMENT, 'app').lifecycle).toEqual({
      ignore_changes: ['spec[0].replicas'],
    });
  });

  test('between equal bounds is a fixed number', () => {
    const json = synthesize({ replicas: { min: 2, max: 2, cpuPercent: 70, memoryPercent: 80 } });
    expect(resourcesOf(json, 'kubernetes_horizontal_pod_autoscaler_v2')).toEqual([]);
    expect(named(json, DEPLOYMENT, 'app').lifecycle).toBeUndefined();
  });
});

describe('Workload on request', () => {
  test('gives its account rights, and only then a token', () => {
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
    const json = synthesize({ rules });
    expect(named(json, 'kubernetes_role_v1', 'app').rule).toEqual([
      { api_groups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    ]);
    expect(named(json, 'kubernetes_role_binding_v1', 'app').subject).toEqual([
      { kind: 'ServiceAccount', name: 'app', namespace: 'home' },
    ]);
    expect(podOf(json).automount_service_account_token).toBe(true);
  });

  test('stops the old pod before the new one starts', () => {
    expect(named(synthesize({ recreate: true }), DEPLOYMENT, 'app').spec.strategy).toEqual({
      type: 'Recreate',
    });
    expect(named(synthesize(), DEPLOYMENT, 'app').spec.strategy).toEqual({
      type: 'RollingUpdate',
      rolling_update: { max_surge: '1', max_unavailable: '0' },
    });
  });

  test('restarts when configuration changes that it reads only at its start (L9)', () => {
    const annotations = (text: string) =>
      named(synthesize({ restartOn: { config: text } }), DEPLOYMENT, 'app').spec.template.metadata
        .annotations;
    expect(annotations('a')['checksum/config']).toMatch(/^[0-9a-f]{10}$/);
    expect(annotations('a')).toEqual(annotations('a'));
    expect(annotations('a')).not.toEqual(annotations('b'));
  });

  test('reads a Secret by reference and says that it needs it (W-A3)', () => {
    let stack: FlywheelStack | undefined;
    const json = synthesizeConstruct((created, namespace) => {
      stack = created;
      const secret = SecretRef.of('session-key', 'home', 'session');
      new Workload(created, 'app', {
        ...minimal(namespace),
        containers: [{ ...CONTAINER, environment: [fromSecret('SESSION', secret, 'key')] }],
      });
    });
    expect(podOf(json).container[0].env).toEqual([
      { name: 'SESSION', value_from: { secret_key_ref: { name: 'session', key: 'key' } } },
    ]);
    expect(stack === undefined ? [] : factsOf(stack, 'secret').map(String)).toEqual([
      'home/session',
    ]);
  });

  test('gives up hardening only with a reason, which is told', () => {
    let stack: FlywheelStack | undefined;
    const reason = 'the program writes beside itself and knows no other place';
    const json = synthesizeConstruct((created, namespace) => {
      stack = created;
      new Workload(created, 'app', {
        ...minimal(namespace),
        weaken: { 'writable root file system': reason },
      });
    });
    expect(podOf(json).container[0].security_context.read_only_root_filesystem).toBe(false);
    expect(stack === undefined ? [] : factsOf(stack, 'weakening')).toEqual([
      { workload: 'home/app', what: 'writable root file system', reason },
    ]);
  });

  test('as root keeps the rest of its hardening, and says why on the pod', () => {
    const json = synthesize({
      weaken: { 'root user': 'the package manager of the image insists on it' },
    });
    expect(templateOf(json).metadata.annotations).toEqual({
      'flywheel/weakening': 'root user: the package manager of the image insists on it',
    });
    const pod = podOf(json);
    expect(pod.security_context).toMatchObject({
      run_as_non_root: false,
      run_as_user: '0',
      run_as_group: '0',
    });
    expect(pod.container[0].security_context).toMatchObject({
      run_as_non_root: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('mounts scratch space, configuration, Secrets and claims', () => {
    const secret = SecretRef.of('htpasswd', 'home', 'accounts');
    const volumes: WorkloadProps['volumes'] = [
      { name: 'tmp', kind: 'scratch', sizeLimit: Quantity.parse('storage', '64Mi') },
      { name: 'ram', kind: 'scratch', sizeLimit: Quantity.parse('storage', '1Mi'), memory: true },
      { name: 'config', kind: 'config', configMap: 'app-config' },
      { name: 'accounts', kind: 'secret', secret, keys: ['htpasswd'] },
      { name: 'data', kind: 'claim', claim: 'app-data' },
    ];
    expect(podOf(synthesize({ volumes })).volume).toEqual([
      { name: 'tmp', empty_dir: { size_limit: '64Mi' } },
      { name: 'ram', empty_dir: { size_limit: '1Mi', medium: 'Memory' } },
      { name: 'config', config_map: { name: 'app-config' } },
      {
        name: 'accounts',
        secret: {
          secret_name: 'accounts',
          default_mode: '0440',
          items: [{ key: 'htpasswd', path: 'htpasswd' }],
        },
      },
      { name: 'data', persistent_volume_claim: { claim_name: 'app-data' } },
    ]);
  });

  test('mounts read-only unless told otherwise', () => {
    const mounts = [
      { volume: 'config', path: '/etc/app' },
      { volume: 'tmp', path: '/tmp', readOnly: false },
    ];
    expect(
      podOf(synthesize({ containers: [{ ...CONTAINER, mounts }] })).container[0].volume_mount,
    ).toEqual([
      { name: 'config', mount_path: '/etc/app', read_only: true },
      { name: 'tmp', mount_path: '/tmp', read_only: false },
    ]);
  });

  test('probes over HTTP with the host a server insists on, over TCP, or by a command', () => {
    const container = {
      ...CONTAINER,
      startup: { action: { kind: 'exec', command: ['true'] }, failures: 30 },
      liveness: { action: { kind: 'tcp', port: 8080 }, periodSec: 30 },
      readiness: { action: { kind: 'http', path: '/', port: 8080, host: 'cache.example.org' } },
    } as const;
    const [app] = podOf(synthesize({ containers: [container] })).container;
    expect(app.startup_probe).toEqual({
      exec: { command: ['true'] },
      failure_threshold: 30,
      period_seconds: 10,
      timeout_seconds: 5,
    });
    expect(app.liveness_probe).toMatchObject({
      tcp_socket: [{ port: '8080' }],
      period_seconds: 30,
    });
    expect(app.readiness_probe.http_get).toEqual({
      path: '/',
      port: '8080',
      http_header: [{ name: 'Host', value: 'cache.example.org' }],
    });
  });

  test('goes on serving for a while after it is told to stop', () => {
    const [app] = podOf(synthesize({ containers: [{ ...CONTAINER, drainSec: 15 }] })).container;
    expect(app.lifecycle.pre_stop).toEqual([{ exec: { command: ['/bin/sleep', '15'] } }]);
  });

  test('twice in a stack does not collide', () => {
    const json = synthesizeConstruct((stack, namespace) => {
      for (const name of ['one', 'two']) new Workload(stack, name, { ...minimal(namespace), name });
    });
    expect(resourcesOf(json, DEPLOYMENT)).toHaveLength(2);
  });

  test('can be overridden where a prop is missing', () => {
    const json = synthesizeConstruct((stack, namespace) => {
      const workload = new Workload(stack, 'app', minimal(namespace));
      workload.controller.addOverride('spec.progress_deadline_seconds', 60);
    });
    expect(named(json, DEPLOYMENT, 'app').spec).toMatchObject({
      progress_deadline_seconds: 60,
      replicas: '1',
    });
  });
});
