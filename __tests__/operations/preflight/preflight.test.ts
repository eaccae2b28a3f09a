import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Check, verdictOf } from '../../../operations/kubernetes/check.ts';
import { HttpsClient } from '../../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../../operations/kubernetes/kube-access.ts';
import { plural } from '../../../operations/preflight/api-types.ts';
import { preflight } from '../../../operations/preflight/preflight.ts';
import { ensureSecrets } from '../../../operations/secrets/ensure.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { exampleContext, type Json, synthesizeStacks } from '../../support/synthesized.ts';

const CONTEXT = exampleContext('tinyland');
const STACKS = Object.entries(synthesizeStacks(CONTEXT)).map(([name, text]) => ({
  name,
  json: JSON.parse(text),
}));

let server: TestApiServer;
let folder: string;
beforeEach(async () => {
  server = await startApiServer();
  folder = mkdtempSync(join(tmpdir(), 'flywheel-preflight-'));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function put(path: string, object: Json = {}): void {
  const name = path.split('/').pop();
  server.state.objects.set(path, { ...object, metadata: { name, ...object.metadata } });
}

/** What the settings of tinyland say is there already. */
function prepareCluster(): void {
  put('/apis/networking.k8s.io/v1/ingressclasses/traefik');
  put('/apis/cert-manager.io/v1/clusterissuers/letsencrypt-prod', {
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  put('/apis/storage.k8s.io/v1/storageclasses/openebs', {
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  });
  for (const name of ['honey', 'bumble']) {
    put(`/api/v1/nodes/${name}`, { metadata: { labels: { 'kubernetes.io/hostname': name } } });
  }
}

function access(context = 'honey') {
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, server.kubeconfig(context));
  return findCluster({ KUBE_CONFIG_PATH: file });
}

function stackOf(name: string) {
  const stack = STACKS.find((each) => each.name === name);
  if (stack === undefined) throw new Error(`no ${name}`);
  return stack;
}

function run(name: string, context = 'honey', timeoutMs = 2000): Promise<Check[]> {
  const found = access(context);
  return preflight({
    settings: CONTEXT.settings,
    stack: stackOf(name),
    access: found,
    client: new HttpsClient(found, { timeoutMs }),
    environment: { XDG_STATE_HOME: join(folder, 'state') },
  });
}

async function ensureAttic(): Promise<void> {
  await ensureSecrets({
    client: new HttpsClient(access()),
    settings: CONTEXT.settings,
    stacks: { asked: stackOf('attic'), all: STACKS },
    given: () => [],
    prompt: undefined,
    rotation: undefined,
  });
}

/** The checks of a name that are not good, as a person reads them. */
function wrong(checks: readonly Check[]): string[] {
  return checks.flatMap((check) => {
    if (check.status === 'good') return [];
    return check.status === 'bad'
      ? [`${check.name}: ${check.problem} => ${check.fix}`]
      : [`${check.name}? ${check.because}`];
  });
}

describe('preflight', () => {
  test('is good where everything is there, and writes nothing into the cluster', async () => {
    prepareCluster();
    await ensureAttic();
    server.requests.length = 0;
    const checks = await run('attic');
    expect(wrong(checks)).toEqual([]);
    expect(verdictOf(checks)).toBe(0);
    expect([...new Set(checks.map(({ name }) => name))]).toEqual([
      'tofu-access',
      'cluster-context',
      'cluster-uid',
      'api-version',
      'types',
      'storage-class',
      'ingress-class',
      'certificate-issuer',
      'nodes',
      'quota',
      'secret',
      'rights',
      'grants',
    ]);
    const writes = server.requests.filter((line) => !line.startsWith('GET '));
    expect([...new Set(writes)]).toEqual([
      'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    ]);
  });

  test('names everything that an empty cluster lacks, with what to do', async () => {
    const checks = await run('attic');
    expect(verdictOf(checks)).toBe(2);
    expect(wrong(checks)).toEqual(
      expect.arrayContaining([
        'storage-class: a claim names no class, and the cluster has no default; there is none => name one under cluster.storageClass, or make one the default',
        'ingress-class: the ingresses are of class traefik, and there is none => install the ingress controller, or name another class under cluster.ingress.class',
        'certificate-issuer: there is no ClusterIssuer letsencrypt-prod, so public names get no certificate => install cert-manager and make the issuer, or name another under cluster.certManager.issuer',
        'nodes: pods are bound to the node bumble, and there is none with that kubernetes.io/hostname => name the right node in the settings (objectStore.node), or label it',
        'secret: nix-cache/attic-jwt-signing (jwt-signing-key) is not there => just secrets-ensure attic',
      ]),
    );
  });

  test('asks nothing more of a cluster that is not the declared one', async () => {
    const checks = await run('attic', 'production');
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['tofu-access', 'good'],
      ['cluster-context', 'bad'],
      ['cluster-uid', 'unknown'],
    ]);
    expect(server.requests).toEqual(['GET /api/v1/namespaces/kube-system']);
  });

  test('is not known where nobody answers, and says why', async () => {
    await server.close();
    const checks = await run('attic');
    expect(wrong(checks)).toEqual([
      `cluster-context? http://${server.authority} refuses connections: the server is down, or the address is wrong`,
    ]);
    expect(verdictOf(checks)).toBe(1);
  });

  test('is not known in the one check whose question fails', async () => {
    prepareCluster();
    await ensureAttic();
    server.state.instead = (_, path) =>
      path.endsWith('/ingressclasses')
        ? { status: 403, body: { message: 'you may not' } }
        : undefined;
    const checks = await run('attic');
    expect(wrong(checks)).toEqual([
      'ingress-class? /apis/networking.k8s.io/v1/ingressclasses: you may not (403)',
    ]);
    expect(verdictOf(checks)).toBe(1);
  });

  test('takes a type that a chart of the stack brings for granted, and no other', async () => {
    prepareCluster();
    server.state.types = server.state.types.filter((type) => !type.includes('PodDisruptionBudget'));
    const found = wrong(await run('attic')).filter((line) => line.startsWith('types'));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^types: the API server knows no PodDisruptionBudget of policy\/v1, which attic: /,
    );
  });

  test('needs the Prometheus Operator only where monitoring is on', async () => {
    const context = exampleContext('tinyland', (settings) => ({
      ...settings,
      monitoring: { ...settings.monitoring, enabled: true },
    }));
    const json = JSON.parse(synthesizeStacks(context)['gitlab-runners'] ?? '');
    const found = access();
    const checks = await preflight({
      settings: context.settings,
      stack: { name: 'gitlab-runners', json },
      access: found,
      client: new HttpsClient(found),
      environment: { XDG_STATE_HOME: folder },
    });
    expect(wrong(checks)).toContainEqual(
      expect.stringMatching(
        /^types: the API server knows no PodMonitor of monitoring.coreos.com\/v1, .* => install the Prometheus Operator, or say monitoring.enabled: false/,
      ),
    );
    const without = await run('gitlab-runners');
    expect(wrong(without).filter((line) => line.startsWith('types'))).toEqual([]);
  });

  test('refuses an API server that is too old', async () => {
    server.state.instead = (_, path) =>
      path === '/version' ? { status: 200, body: { gitVersion: 'v1.28.9+k3s1' } } : undefined;
    expect(wrong(await run('attic'))[0]).toMatch(
      /^api-version: the API server is v1.28.9\+k3s1 => upgrade it to 1.29 or newer/,
    );
  });

  test('shows the word of an issuer that is not ready', async () => {
    prepareCluster();
    put('/apis/cert-manager.io/v1/clusterissuers/letsencrypt-prod', {
      status: { conditions: [{ type: 'Ready', status: 'False', message: 'no account' }] },
    });
    expect(wrong(await run('attic'))).toContainEqual(
      expect.stringContaining(
        'certificate-issuer: the ClusterIssuer letsencrypt-prod is not ready: no account',
      ),
    );
  });

  test('judges a Secret by its form and shows nothing of it (L3)', async () => {
    const data = {
      'runner-token': 'glrt-hunter2hunter2hunter2\n',
      'runner-registration-token': '',
    };
    const encoded = Object.entries(data).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]);
    put('/api/v1/namespaces/gitlab-runners/secrets/docker-runner-token', {
      data: Object.fromEntries(encoded),
    });
    const text = JSON.stringify(await run('gitlab-runners'));
    expect(text).toContain(
      'gitlab-runners/docker-runner-token (runner-token): runner-token ends with a line end',
    );
    expect(text).not.toContain('hunter2');
  });
});

describe('the quota of a namespace', () => {
  const Quota = '/api/v1/namespaces/gitlab-runners/resourcequotas/pods';
  const Manager = '/apis/apps/v1/namespaces/gitlab-runners/deployments/docker-runner';

  function quotaChecks(checks: readonly Check[]): string[] {
    return checks.flatMap((check) =>
      check.name !== 'quota'
        ? []
        : [check.status === 'good' ? check.detail : wrong([check]).join()],
    );
  }

  test('leaves room for what the stack adds', async () => {
    expect(quotaChecks(await run('gitlab-runners'))).toEqual([
      'no namespace of the stack has a quota yet',
    ]);
    put(Quota, { spec: { hard: { pods: '1' } }, status: { used: { pods: '0' } } });
    const [line] = quotaChecks(await run('gitlab-runners'));
    expect(line).toMatch(
      /^gitlab-runners\/pods: what the stack adds \(\d+ of \d+ kinds of pods\) fits$/,
    );
  });

  test('does not, when others use it already', async () => {
    put(Quota, { status: { used: { pods: '500', 'requests.cpu': '0' } } });
    const [line] = quotaChecks(await run('gitlab-runners'));
    expect(line).toMatch(
      /^quota: gitlab-runners\/pods: pods: the stack adds up to \d+, and 0 of \d+ are left => raise the quota under runners.quotas/,
    );
  });

  test('counts what is there already among what is used', async () => {
    put(Quota, { status: { used: {} } });
    const before = quotaChecks(await run('gitlab-runners'))[0] ?? '';
    put(Manager);
    const after = quotaChecks(await run('gitlab-runners'))[0] ?? '';
    const added = (line: string) => Number(/adds \((\d+) of/.exec(line)?.[1]);
    // The manager, and the pods of its jobs.
    expect(added(before) - added(after)).toBe(2);
  });

  test('of somebody else is no business of the settings', async () => {
    put('/api/v1/namespaces/gitlab-runners/resourcequotas/theirs', {
      spec: { hard: { 'limits.memory': '1Gi' } },
      status: { used: {} },
    });
    expect(quotaChecks(await run('gitlab-runners'))[0]).toMatch(
      /gitlab-runners\/theirs: limits.memory: the stack adds up to [\d.]+ GiB, and 1 GiB of 1 GiB are left => raise that quota, which no stack defines/,
    );
  });

  test('is read by each of the names that Kubernetes has for it', async () => {
    put('/api/v1/namespaces/gitlab-runners/resourcequotas/theirs', {
      spec: { hard: { cpu: '1000' } },
      status: { used: { cpu: '999' } },
    });
    expect(quotaChecks(await run('gitlab-runners'))[0]).toMatch(
      /theirs: requests.cpu: the stack adds up to [\d.]+ CPU, and 1 CPU of 1000 CPU are left/,
    );
  });
});

describe('the rights of who applies', () => {
  function rightsOf(checks: readonly Check[]): string[] {
    return wrong(checks).filter((line) => /^(rights|grants)/.test(line));
  }

  test('are asked for one by one where he may not do everything', async () => {
    const asked: Json[] = [];
    server.state.allows = (attributes) => {
      asked.push(attributes);
      return attributes.verb !== '*';
    };
    expect(rightsOf(await run('arc-runners'))).toEqual([]);
    expect(asked).toContainEqual({
      verb: 'create',
      group: 'actions.github.com',
      resource: 'autoscalingrunnersets',
      namespace: 'arc-runners',
    });
    expect(asked).toContainEqual({
      verb: 'list',
      group: '',
      resource: 'secrets',
      namespace: 'default',
    });
    expect(asked).toContainEqual({ verb: 'patch', group: '', resource: 'namespaces' });
  });

  test('are named where they are missing', async () => {
    server.state.allows = ({ verb, resource, namespace }) =>
      verb !== '*' && !(resource === 'networkpolicies' && namespace === 'arc-runners');
    expect(rightsOf(await run('arc-runners'))).toEqual([
      'rights: may not create, delete, get, patch networkpolicies.networking.k8s.io in arc-runners => give these rights to whoever applies the stack, or apply it as somebody who has them',
    ]);
  });

  test('must cover what the stack gives to others', async () => {
    server.state.allows = ({ verb, resource, subresource }) =>
      !['*', 'escalate'].includes(verb) && !(resource === 'pods' && subresource === 'exec');
    const found = rightsOf(await run('gitlab-runners'));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /^grants: may not itself .*pods\/exec.* and so cannot give that to others/,
    );
    server.state.allows = ({ verb }) => verb !== '*';
    expect(rightsOf(await run('gitlab-runners'))).toEqual([]);
  });
});

describe('plural', () => {
  test.each([
    ['Ingress', 'ingresses'],
    ['NetworkPolicy', 'networkpolicies'],
    ['StorageClass', 'storageclasses'],
    ['AutoscalingRunnerSet', 'autoscalingrunnersets'],
    ['Gateway', 'gateways'],
  ])('of %s is %s', (kind, name) => {
    expect(plural(kind)).toBe(name);
  });
});
