import { describe, expect, test } from 'vitest';
import { AtticCache, type AtticCacheProps } from '../../../constructs/attic-cache/attic-cache.ts';
import { factsOf } from '../../../constructs/facts.ts';
import { namespaceFlow } from '../../../constructs/workload/flows.ts';
import type { FlywheelStack } from '../../../stacks/flywheel-stack.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { type Json, named, resourcesOf, synthesizeConstruct } from '../../support/synthesized.ts';
import { atticProps, DATABASE, ENTRY, environmentOf, FILE, podOf } from './attic-parts.ts';

const DEPLOYMENT = 'kubernetes_deployment_v1';
const POLICY = 'kubernetes_network_policy_v1';

function synthesize(change: Partial<AtticCacheProps> = {}): Json {
  return synthesizeConstruct((stack, namespace) => {
    new AtticCache(stack, 'attic', { ...atticProps(namespace), ...change });
  });
}

function stackOf(change: Partial<AtticCacheProps> = {}): FlywheelStack {
  const made: FlywheelStack[] = [];
  synthesizeConstruct((stack, namespace) => {
    new AtticCache(stack, 'attic', { ...atticProps(namespace), ...change });
    made.push(stack);
  });
  const [stack] = made;
  if (stack === undefined) throw new Error('nothing was made');
  return stack;
}

/** The names of pods, by their label, that a policy lets in, each with its ports. */
function callersOf(json: Json, policy: string): string[] {
  return named(json, POLICY, policy).spec.ingress.map(({ from: [peer], ports }: Json) => {
    const pod = peer.pod_selector?.match_labels['app.kubernetes.io/name'];
    const namespace = peer.namespace_selector.match_labels['kubernetes.io/metadata.name'];
    return `${pod ?? `all of ${namespace}`} ${ports.map(({ port }: Json) => port).join()}`;
  });
}

const json = synthesize();
const api = named(json, DEPLOYMENT, 'attic');
const collector = named(json, DEPLOYMENT, 'attic-gc');
const [migrations] = resourcesOf(json, 'kubernetes_job_v1').filter(({ metadata }) =>
  metadata.name.startsWith('attic-migrations-'),
);

describe('an AtticCache', () => {
  test('splits the server into migrations, API and exactly one collector (W-B7)', () => {
    const modes = [migrations, api, collector].map((workload) =>
      podOf(workload).container[0].args.at(-1),
    );
    expect(modes).toEqual(['db-migrations', 'api-server', 'garbage-collector']);
    expect(collector.spec).toMatchObject({ replicas: '1', strategy: { type: 'Recreate' } });
    expect(named(json, 'kubernetes_horizontal_pod_autoscaler_v2', 'attic').spec).toMatchObject({
      min_replicas: 2,
      max_replicas: 10,
    });
    expect(resourcesOf(json, 'kubernetes_horizontal_pod_autoscaler_v2')).toHaveLength(1);
  });

  test('migrates before anything serves, and serves before the caches are kept (W-B8)', () => {
    const [job] = api.depends_on.filter((address: string) => address.includes('migrations'));
    expect(job).toMatch(/^kubernetes_job_v1\./);
    expect(collector.depends_on).toContain(job);
    const [caches] = resourcesOf(json, 'kubernetes_job_v1').filter(({ metadata }) =>
      metadata.name.startsWith('attic-caches-'),
    );
    expect(caches.depends_on.join()).toMatch(/kubernetes_deployment_v1\.attic_server_api_/);
    expect(caches.depends_on.join()).toMatch(/kubernetes_service_v1\.attic_server_api_/);
    expect(api.wait_for_rollout).toBe(true);
    expect(collector.wait_for_rollout).toBe(false);
    expect([caches, migrations].map((job) => job.wait_for_completion)).toEqual([true, true]);
  });

  test('gives a first start of the database a quarter of an hour', () => {
    expect(migrations.spec).toMatchObject({ active_deadline_seconds: 900, backoff_limit: 12 });
    expect(migrations.timeouts.create).toBe('960s');
  });

  test('lets no limit on statements cut a migration off, and takes it from nothing else', () => {
    const database = { ...DATABASE, patientSession: '-c statement_timeout=0' };
    const patient = synthesize({ database });
    const options = (from: Json) =>
      [...resourcesOf(from, 'kubernetes_job_v1'), ...resourcesOf(from, DEPLOYMENT)].flatMap(
        (workload) =>
          [...podOf(workload).container, ...(podOf(workload).init_container ?? [])]
            .map((container) => environmentOf(container).PGOPTIONS)
            .filter((value) => value !== undefined)
            .map((value) => [workload.metadata.name.replace(/-[0-9a-f]{10}$/, ''), value]),
      );
    expect(options(patient)).toEqual([['attic-migrations', '-c statement_timeout=0']]);
    expect(options(json)).toEqual([]);
  });

  test('starts its servers anew when the identity of its bucket is another', () => {
    const checksums = (restartOn: Record<string, string>) => {
      const { store } = atticProps({ name: 'home' } as never);
      const changed = synthesize({ store: { ...store, restartOn } });
      return ['attic', 'attic-gc'].map(
        (name) => named(changed, DEPLOYMENT, name).spec.template.metadata.annotations,
      );
    };
    const [first, second] = [checksums({ identity: '1' }), checksums({ identity: '2' })];
    first.forEach((annotations, index) => {
      expect(annotations['checksum/config']).toBe(second[index]['checksum/config']);
      expect(annotations['checksum/identity']).not.toBe(second[index]['checksum/identity']);
    });
  });

  test('checks the configuration before the server starts', () => {
    for (const workload of [api, collector]) {
      const [check] = podOf(workload).init_container;
      expect(check.args).toEqual(['--config', '/etc/attic/server.toml', '--mode', 'check-config']);
      expect(Object.keys(environmentOf(check)).sort()).toEqual([
        'ATTIC_SERVER_DATABASE_URL',
        'ATTIC_SERVER_TOKEN_HS256_SECRET_BASE64',
        'RUST_LOG',
      ]);
    }
  });

  test('takes every credential from a Secret of its own kind (W-A2, W-A3, Q7)', () => {
    expect(environmentOf(podOf(api).container[0])).toEqual({
      ATTIC_SERVER_DATABASE_URL: 'pg-app/uri',
      ATTIC_SERVER_TOKEN_HS256_SECRET_BASE64: 'attic-jwt-signing/hs256-secret-base64',
      AWS_ACCESS_KEY_ID: 'chunks-s3/access-key-id',
      AWS_SECRET_ACCESS_KEY: 'chunks-s3/secret-access-key',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
      AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
      RUST_LOG: 'info',
    });
    const kinds = factsOf(stackOf(), 'secret').map(({ kind, name }) => `${kind} ${name}`);
    expect([...new Set(kinds)].sort()).toEqual([
      'cache-signing-key attic-main-signing',
      'database-url-managed pg-app',
      'jwt-signing-key attic-jwt-signing',
      's3-credentials chunks-s3',
    ]);
  });

  test('asks no metadata service wherever it reaches the store, and has no S3 keys elsewhere (L11)', () => {
    const usesStore = (workload: Json) =>
      'AWS_ACCESS_KEY_ID' in environmentOf(podOf(workload).container[0]);
    expect([migrations, api, collector].map(usesStore)).toEqual([false, true, true]);
    expect(environmentOf(podOf(collector).container[0])).toMatchObject({
      AWS_EC2_METADATA_DISABLED: 'true',
    });
  });

  test('is probed under a name that the server expects', () => {
    const [{ startup_probe, liveness_probe, readiness_probe }] = podOf(api).container;
    for (const { http_get } of [startup_probe, liveness_probe, readiness_probe]) {
      expect(http_get).toEqual({
        path: '/',
        port: '8080',
        http_header: [{ name: 'Host', value: 'attic.home.svc.cluster.local' }],
      });
    }
    expect(named(json, 'kubernetes_config_map_v1', 'attic-config').data['server.toml']).toContain(
      '"attic.home.svc.cluster.local"',
    );
  });

  test('answers on port 80 of the Service attic (T3)', () => {
    expect(named(json, 'kubernetes_service_v1', 'attic').spec.port).toEqual([
      { name: 'http', port: 80, target_port: '8080', protocol: 'TCP' },
    ]);
  });

  test('replaces its pods when the configuration changes (L9)', () => {
    const other = synthesize({ compression: { type: 'xz', level: 2 } });
    for (const name of ['attic', 'attic-gc']) {
      const checksum = (of: Json) =>
        named(of, DEPLOYMENT, name).spec.template.metadata.annotations['checksum/config'];
      expect(checksum(other)).not.toBe(checksum(json));
    }
  });

  test('goes on serving while others learn that it stops', () => {
    expect(podOf(api).container[0].lifecycle.pre_stop).toEqual([
      { exec: { command: ['/bin/sleep', '15'] } },
    ]);
    expect(podOf(api).termination_grace_period_seconds).toBe(60);
  });

  test('lets in who is declared and its own reconciler, at the port of the pod (W-C10)', () => {
    const open = synthesize({ callers: [namespaceFlow('runners', 8080)] });
    expect(callersOf(open, 'attic')).toEqual(['all of runners 8080', 'attic-caches 8080']);
    expect(named(open, POLICY, 'attic-gc').spec.ingress).toEqual([]);
    expect(named(open, POLICY, 'attic-migrations').spec.policy_types).toContain('Ingress');
  });

  test('mounts no token and runs as no root, in every pod (W-C9)', () => {
    const workloads = [DEPLOYMENT, 'kubernetes_job_v1'].flatMap((type) => resourcesOf(json, type));
    expect(workloads).toHaveLength(4);
    for (const pod of workloads.map(podOf)) {
      expect(pod).toMatchObject({
        automount_service_account_token: false,
        security_context: { run_as_non_root: true, run_as_user: '1000' },
      });
      expect(pod.container[0].security_context.read_only_root_filesystem).toBe(true);
    }
  });

  test('says why its collector has no probes', () => {
    expect(factsOf(stackOf(), 'weakening')).toEqual([
      {
        workload: 'home/attic-gc',
        what: 'no probes',
        reason:
          'it serves nothing that could be asked; a pass that fails is logged and made again at the next interval',
      },
    ]);
  });
});

describe('its availability', () => {
  const annotations = (change: Partial<AtticCacheProps>) =>
    named(synthesize(change), DEPLOYMENT, 'attic').metadata.annotations;

  test('is that of what it stands on (H1)', () => {
    expect(api.metadata.annotations).toEqual({
      'flywheel/availability': 'interim',
      'flywheel/failure-domain':
        'database: the node and its volume; objects: node bumble and its volume',
    });
    const database = { ...DATABASE, highlyAvailable: true };
    expect(annotations({ database })['flywheel/availability']).toBe('interim');
    expect(annotations({ storeHighlyAvailable: true })['flywheel/availability']).toBe('interim');
    const both = { database, storeHighlyAvailable: true };
    expect(annotations(both)['flywheel/availability']).toBe('ha');
    const single = { min: 1, max: 10, cpuPercent: 70, memoryPercent: 80 };
    expect(annotations({ ...both, replicas: single })['flywheel/availability']).toBe('interim');
  });

  test('stands in the report for each part (H1)', () => {
    const parts = factsOf(stackOf({ entry: ENTRY }), 'component').map(
      ({ component, replicas, highlyAvailable }) => `${component}: ${replicas}, ${highlyAvailable}`,
    );
    expect(parts).toEqual([
      'cache server attic: 2 to 10, false',
      'garbage collector attic-gc: 1, false',
      'public entry attic-public: 2, false',
    ]);
  });
});

describe('its replicas in the report', () => {
  const replicas = (change: Partial<AtticCacheProps>) =>
    factsOf(stackOf(change), 'component')[0]?.replicas;

  test('are a range where they follow the load, and a number where they do not', () => {
    const scaling = { cpuPercent: 70, memoryPercent: 80 };
    expect(replicas({ replicas: { min: 2, max: 10, ...scaling } })).toBe('2 to 10');
    expect(replicas({ replicas: { min: 3, max: 3, ...scaling } })).toBe('3');
    expect(replicas({ database: FILE })).toBe('1');
  });
});

describe('an AtticCache whose database is a file', () => {
  const single = synthesize({ database: FILE });
  const server = named(single, DEPLOYMENT, 'attic');

  test('is one process that does everything in turn, because SQLite has one writer', () => {
    expect(resourcesOf(single, DEPLOYMENT)).toHaveLength(1);
    expect(podOf(server).container[0].args.at(-1)).toBe('monolithic');
    expect(server.spec).toMatchObject({ replicas: '1', strategy: { type: 'Recreate' } });
    expect(resourcesOf(single, 'kubernetes_horizontal_pod_autoscaler_v2')).toEqual([]);
    const jobs = resourcesOf(single, 'kubernetes_job_v1').map(({ metadata }) => metadata.name);
    expect(jobs.filter((name) => !name.startsWith('attic-caches-'))).toEqual([]);
  });

  test('keeps the file on its claim, writable', () => {
    expect(podOf(server).volume).toContainEqual({
      name: 'database',
      persistent_volume_claim: { claim_name: 'attic-database' },
    });
    expect(podOf(server).container[0].volume_mount).toContainEqual({
      name: 'database',
      mount_path: '/var/lib/attic',
      read_only: false,
    });
    expect(environmentOf(podOf(server).container[0])).toMatchObject({
      ATTIC_SERVER_DATABASE_URL: 'sqlite:///var/lib/attic/server.db?mode=rwc',
    });
  });
});

describe('the way in from outside', () => {
  test('leads through the entry that follows redirects (attic issue 46)', () => {
    const open = synthesize({ entry: ENTRY });
    const [rule] = named(open, 'kubernetes_ingress_v1', 'attic').spec.rule;
    expect(rule.host).toBe('cache.example.org');
    expect(rule.http.path[0].backend.service).toEqual({
      name: 'attic-public',
      port: { number: 80 },
    });
    expect(callersOf(open, 'attic')).toContain('attic-public 8080');
    expect(callersOf(open, 'attic')).not.toContain('all of ingress 8080');
    expect(callersOf(open, 'attic-public')).toEqual(['all of ingress 8080']);
  });

  test('leads to the server itself where readers follow redirects', () => {
    const open = synthesize({ entry: { ...ENTRY, reads: 'redirected' } });
    const [rule] = named(open, 'kubernetes_ingress_v1', 'attic').spec.rule;
    expect(rule.http.path[0].backend.service.name).toBe('attic');
    expect(callersOf(open, 'attic')).toContain('all of ingress 8080');
    expect(resourcesOf(open, DEPLOYMENT).map(({ metadata }) => metadata.name)).not.toContain(
      'attic-public',
    );
  });

  test('lets large NARs through, with TLS', () => {
    const { metadata, spec } = named(
      synthesize({ entry: ENTRY }),
      'kubernetes_ingress_v1',
      'attic',
    );
    expect(metadata.annotations).toMatchObject({
      'nginx.ingress.kubernetes.io/proxy-body-size': '10240m',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
    });
    expect(spec.tls).toEqual([{ hosts: ['cache.example.org'], secret_name: 'attic-tls' }]);
  });

  test('is not there without an entry, and the server expects no public name', () => {
    expect(resourcesOf(json, 'kubernetes_ingress_v1')).toEqual([]);
    const inside = synthesize({ address: Endpoint.service('http', 'attic', 'home') });
    const toml = named(inside, 'kubernetes_config_map_v1', 'attic-config').data['server.toml'];
    expect(toml).not.toContain('example.org');
  });
});

describe('the entry that follows redirects', () => {
  const open = synthesize({ entry: ENTRY });
  const entry = named(open, DEPLOYMENT, 'attic-public');

  test('passes restricted, with the one capability that its file demands', () => {
    expect(podOf(entry).container[0].security_context).toMatchObject({
      run_as_non_root: true,
      allow_privilege_escalation: false,
      read_only_root_filesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    });
  });

  test('reaches the server and the store, and nothing else', () => {
    const ports = named(open, POLICY, 'attic-public').spec.egress.map(
      ({ to: [peer], ports }: Json) =>
        `${Object.values(peer.pod_selector?.match_labels ?? {}).at(-1)} ${ports[0].port}`,
    );
    expect(ports).toEqual(['undefined 53', 'attic 8080', 'store 9000']);
  });

  test('has two replicas, which a drain takes one at a time', () => {
    expect(entry.spec.replicas).toBe('2');
    expect(named(open, 'kubernetes_pod_disruption_budget_v1', 'attic-public').spec).toMatchObject({
      max_unavailable: '1',
    });
  });

  test('lets running transfers end within its grace', () => {
    const text = named(open, 'kubernetes_config_map_v1', 'attic-public').data.Caddyfile;
    expect(text).toContain('grace_period 50s');
    expect(podOf(entry).termination_grace_period_seconds).toBe(60);
    expect(podOf(entry).container[0].lifecycle.pre_stop[0].exec.command).toEqual([
      '/bin/sleep',
      '10',
    ]);
  });

  test('is replaced when its configuration changes (L9)', () => {
    const other = synthesize({ entry: { ...ENTRY, timeoutSec: 60 } });
    const checksum = (of: Json) =>
      named(of, DEPLOYMENT, 'attic-public').spec.template.metadata.annotations['checksum/config'];
    expect(checksum(other)).not.toBe(checksum(open));
  });
});
