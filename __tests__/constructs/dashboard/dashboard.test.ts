import { describe, expect, test } from 'vitest';
import { readImages } from '../../../config/images.ts';
import { Dashboard, type DashboardProps } from '../../../constructs/dashboard/dashboard.ts';
import { factsOf } from '../../../constructs/facts.ts';
import type { FlywheelStack } from '../../../stacks/flywheel-stack.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { Image } from '../../../values/image.ts';
import { resources } from '../../../values/resources.ts';
import { type Json, NETWORK, named, synthesizeConstruct } from '../../support/synthesized.ts';
import { egressOf } from '../runner-pool/pool-fixtures.ts';

const SEEN = Image.of({
  name: 'registry.example.org/dashboard',
  tag: '1.0.0',
  digest: `sha256:${'a'.repeat(64)}`,
});

/** The dashboard, with what it states of itself. */
function synthesize(change: Partial<DashboardProps> = {}) {
  let defined: FlywheelStack | undefined;
  const json = synthesizeConstruct((stack, namespace) => {
    defined = stack;
    new Dashboard(stack, 'dashboard', {
      namespace,
      image: SEEN,
      url: Endpoint.parse('developer', 'https://runners.example.org'),
      names: { ingressClass: 'traefik', issuer: 'letsencrypt-prod', externalDnsTtlSec: 300 },
      network: NETWORK,
      replicas: 1,
      resources: resources(['50m', '500m'], ['64Mi', '256Mi'], ['16Mi', '128Mi']),
      gitlab: { url: 'https://gitlab.example.org', cidrs: [] },
      watchedNamespaces: { gitlab: ['gitlab-runners', 'lane'], github: ['arc-runners'] },
      ...change,
    });
  });
  if (defined === undefined) throw new Error('nothing was defined');
  const [component] = factsOf(defined, 'component');
  const warnings = factsOf(defined, 'warning').map(({ note }) => note);
  return { json, component, warnings };
}

const podOf = (json: Json): Json =>
  named(json, 'kubernetes_deployment_v1', 'home').spec.template.spec;

const plainVariables = (json: Json): Json =>
  Object.fromEntries(
    podOf(json)
      .container[0].env.filter(({ value }: Json) => value !== undefined)
      .map(({ name, value }: Json) => [name, value]),
  );

const plain = synthesize();

describe('Dashboard', () => {
  test('stands behind its name with TLS, and is called by the ingress controller only', () => {
    const { rule, tls } = named(plain.json, 'kubernetes_ingress_v1', 'home').spec;
    expect(tls).toEqual([{ hosts: ['runners.example.org'], secret_name: 'home-tls' }]);
    expect(rule[0].http.path[0].backend.service).toEqual({ name: 'home', port: { number: 80 } });
    const { port } = named(plain.json, 'kubernetes_service_v1', 'home').spec;
    expect(port).toMatchObject([{ port: 80, target_port: '3000' }]);
    const { ingress } = named(plain.json, 'kubernetes_network_policy_v1', 'home').spec;
    expect(ingress).toEqual([
      {
        from: [
          {
            namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'ingress' } },
          },
        ],
        ports: [{ port: '3000', protocol: 'TCP' }],
      },
    ]);
  });

  test('calls the cluster and GitLab, and nobody else', () => {
    expect(egressOf(plain.json, 'home')).toEqual([
      'kube-system:53,53',
      '10.43.0.1/32:443,6443',
      '0.0.0.0/0:443',
    ]);
  });

  test('calls a GitLab at its own port, and at a private address that is named for it', () => {
    const gitlab = { url: 'https://gitlab.example.org:8443', cidrs: ['192.168.7.9/32'] };
    const { json } = synthesize({ gitlab });
    expect(egressOf(json, 'home').slice(2)).toEqual(['0.0.0.0/0:8443', '192.168.7.9/32:8443']);
    expect(plainVariables(json).GITLAB_URL).toBe('https://gitlab.example.org:8443');
  });

  test('calls Prometheus where its address says, in the cluster or outside', () => {
    const way = (prometheus: string) =>
      egressOf(synthesize({ prometheus: Endpoint.parse('pod', prometheus) }).json, 'home').at(-1);
    expect(way('http://prometheus.metrics.svc.cluster.local:8080')).toBe('metrics:');
    expect(way('https://prometheus.example.org:9443')).toBe('0.0.0.0/0:9443');
    expect(plainVariables(plain.json).PROMETHEUS_URL).toBeUndefined();
  });

  test('passes restricted with a token of its own, and writes to nothing but /tmp (W-A8)', () => {
    const pod = podOf(plain.json);
    expect(pod).toMatchObject({
      service_account_name: 'home',
      automount_service_account_token: true,
      security_context: {
        run_as_non_root: true,
        run_as_user: '1000',
        seccomp_profile: { type: 'RuntimeDefault' },
      },
    });
    const [app] = pod.container;
    expect(app.security_context).toMatchObject({
      allow_privilege_escalation: false,
      read_only_root_filesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(app.volume_mount).toMatchObject([{ mount_path: '/tmp', read_only: false }]);
    expect(app.resources.limits).toMatchObject({ cpu: '500m', memory: '256Mi' });
  });

  test('is asked for its health at the port it listens on, also on a slow start (W-B20)', () => {
    const [app] = podOf(plain.json).container;
    const health = { path: '/api/health', port: '3000' };
    expect(app.port).toMatchObject([{ container_port: 3000 }]);
    expect(app.startup_probe).toMatchObject({
      http_get: health,
      failure_threshold: 12,
      period_seconds: 5,
    });
    expect(app.liveness_probe).toMatchObject({ http_get: health, period_seconds: 30 });
    expect(app.readiness_probe).toMatchObject({ http_get: health });
    expect(plainVariables(plain.json).PORT).toBe('3000');
  });

  test('knows where it is and what it watches', () => {
    expect(plainVariables(plain.json)).toMatchObject({
      ORIGIN: 'https://runners.example.org',
      GITLAB_OAUTH_REDIRECT_URI: 'https://runners.example.org/auth/callback',
      K8S_RUNNER_NAMESPACES: 'gitlab-runners,lane,arc-runners',
      RUNNERS_NAMESPACE: 'gitlab-runners',
      ARC_NAMESPACE: 'arc-runners',
      K8S_NAMESPACE: 'home',
    });
  });

  test('never claims to be highly available, and says what several replicas need (H1)', () => {
    expect(plain.component).toMatchObject({ replicas: '1', highlyAvailable: false });
    expect(plain.warnings).toEqual([]);
    const several = synthesize({ replicas: 3 });
    expect(several.component).toMatchObject({ replicas: '3', highlyAvailable: false });
    expect(several.warnings).toEqual([
      'challenges of passkeys live in the memory of one replica: have the ingress controller keep each visitor at one (sticky sessions), or set dashboard.replicas to 1',
    ]);
  });

  test('says that its image is not published as long as nobody has seen a digest', () => {
    const image = readImages().dashboard;
    expect(image.digest).toBeUndefined();
    expect(synthesize({ image }).warnings).toEqual([
      `its image ${image} has no known digest, and nobody has seen it published: until it is, its pod waits in ImagePullBackOff`,
    ]);
  });
});
