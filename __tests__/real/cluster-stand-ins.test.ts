import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, KubeList, KubeObject } from '../../operations/rehearsal/cluster/api.ts';
import { evaluateFlows } from '../../operations/rehearsal/cluster/flows.ts';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { deployment, eventually, podSpec } from '../support/cluster-objects.ts';

const missing = await missingPrograms();
const NAME = `stand-${process.pid}`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces';
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

/** A type as a chart would bring it, with no schema to speak of. */
function type(group: string, version: string, kind: string, plural: string) {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        { name: version, served: true, storage: true, schema, subresources: { status: {} } },
      ],
    },
  };
}

describe.skipIf(missing.length > 0)(
  `what nobody runs here${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    let launched: Launched;
    let api: Api;

    beforeAll(async () => {
      launched = await launchCluster({ name: NAME, settings: 'config/tinyland.yaml' });
      api = (await ownCluster(NAME)).api;
    }, 120_000);

    afterAll(async () => {
      api?.close();
      await launched?.stop();
    });

    async function namespace(name: string, labels: object = {}): Promise<string> {
      await api.create('/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels },
      });
      await eventually('the account', () =>
        api.find(`/api/v1/namespaces/${name}/serviceaccounts/default`),
      );
      return name;
    }

    function define(...definition: Parameters<typeof type>) {
      return api.create(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        type(...definition),
      );
    }

    /** Creates an object of a type that may not be served yet. */
    function createWhenServed(path: string, object: object) {
      return eventually('the type', () => api.create(path, object).catch(() => undefined));
    }

    function operator(space: string, name: string, labels: Record<string, string>) {
      const path = `/apis/apps/v1/namespaces/${space}/deployments`;
      return api.create(path, deployment(name, podSpec({}), labels));
    }

    test('holds scale sets back until their controller is there, as on a real cluster', async () => {
      const space = await namespace('arc');
      await define(
        'actions.github.com',
        'v1alpha1',
        'AutoscalingRunnerSet',
        'autoscalingrunnersets',
      );
      const finalizers = ['actions.github.com/cleanup-protection', 'example.org/kept'];
      const roles = `${RBAC}/${space}/roles`;
      const sets = `/apis/actions.github.com/v1alpha1/namespaces/${space}/autoscalingrunnersets`;
      await createWhenServed(sets, {
        apiVersion: 'actions.github.com/v1alpha1',
        kind: 'AutoscalingRunnerSet',
        metadata: { name: 'gh', finalizers: ['autoscalingrunnerset.actions.github.com/finalizer'] },
      });
      await api.create(roles, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'gh', finalizers },
        rules: [],
      });
      await api.remove(`${sets}/gh`);
      await api.remove(`${roles}/gh`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect((await api.get(`${roles}/gh`)).metadata?.finalizers).toEqual(finalizers);

      await operator(space, 'controller', { 'app.kubernetes.io/part-of': 'gha-rs-controller' });
      await eventually('the scale set to go', async () =>
        (await api.find(`${sets}/gh`)) === undefined ? true : undefined,
      );
      await eventually('its finalizer to go', async () => {
        const role = await api.get(`${roles}/gh`);
        return role.metadata?.finalizers?.join() === 'example.org/kept' || undefined;
      });
    });

    test('refuses a Cluster while the operator is missing, then does the part of it that others see', async () => {
      const operators = await namespace('cnpg-system');
      const space = await namespace('data', { 'pod-security.kubernetes.io/enforce': 'restricted' });
      await define('postgresql.cnpg.io', 'v1', 'Cluster', 'clusters');
      const rule = {
        apiGroups: ['postgresql.cnpg.io'],
        apiVersions: ['v1'],
        operations: ['CREATE'],
        resources: ['clusters'],
      };
      const client = { service: { name: 'nobody', namespace: operators, path: '/validate' } };
      await api.create(WEBHOOKS, {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'cnpg-validating-webhook-configuration' },
        webhooks: [
          {
            name: 'vcluster.cnpg.io',
            failurePolicy: 'Fail',
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            rules: [rule],
            clientConfig: client,
          },
        ],
      });
      const path = `/apis/postgresql.cnpg.io/v1/namespaces/${space}/clusters`;
      const cluster = {
        apiVersion: 'postgresql.cnpg.io/v1',
        kind: 'Cluster',
        metadata: { name: 'pg' },
        spec: {
          instances: 1,
          imageName: 'example.invalid/postgres:1',
          bootstrap: { initdb: { database: 'attic', owner: 'attic' } },
          storage: { size: '1Gi' },
        },
      };
      await eventually('the webhook', () =>
        api.create(path, cluster).then(
          () => undefined,
          (error: Error) => error.message.includes('failed calling webhook') || undefined,
        ),
      );
      await operator(operators, 'cnpg', { 'app.kubernetes.io/name': 'cloudnative-pg' });
      await createWhenServed(path, cluster);
      const healthy = await eventually('the instance', async () => {
        const found = await api.get<KubeObject & { status?: { phase?: string } }>(`${path}/pg`);
        return found.status?.phase === 'Cluster in healthy state' ? found : undefined;
      });
      expect(healthy.status).toMatchObject({ readyInstances: 1, currentPrimary: 'pg-1' });
      const secret = await api.get<KubeObject & { data?: Record<string, string> }>(
        `/api/v1/namespaces/${space}/secrets/pg-app`,
      );
      expect(Buffer.from(secret.data?.uri ?? '', 'base64').toString()).toMatch(
        /^postgresql:\/\/attic:[\w-]+@pg-rw\.data:5432\/attic$/,
      );
      await api.remove(`${path}/pg`);
      // The garbage collector learns of new types every half minute.
      const claims = `/api/v1/namespaces/${space}/persistentvolumeclaims`;
      await eventually(
        'what belongs to it to go',
        async () => (await api.get<KubeList<KubeObject>>(claims)).items.length === 0 || undefined,
        60_000,
      );
    }, 120_000);

    test('makes the Secret of a Certificate', async () => {
      const space = await namespace('tls');
      await api.create(`/apis/cert-manager.io/v1/namespaces/${space}/certificates`, {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { name: 'c' },
        spec: { secretName: 'c-tls' },
      });
      const secret = await eventually('the Secret', () =>
        api.find<KubeObject & { type?: string }>(`/api/v1/namespaces/${space}/secrets/c-tls`),
      );
      expect(secret.type).toBe('kubernetes.io/tls');
    });

    test('evaluates flows between live pods as a table', async () => {
      const space = await namespace('flows');
      for (const name of ['client', 'server']) {
        await api.create(
          `/apis/apps/v1/namespaces/${space}/deployments`,
          deployment(name, podSpec({ ports: [{ name: 'web', containerPort: 8080 }] })),
        );
      }
      await api.create(`/apis/networking.k8s.io/v1/namespaces/${space}/networkpolicies`, {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'server' },
        spec: {
          podSelector: { matchLabels: { app: 'server' } },
          ingress: [
            {
              from: [{ podSelector: { matchLabels: { app: 'client' } } }],
              ports: [{ port: 'web' }],
            },
          ],
        },
      });
      const client = { namespace: space, labels: { app: 'client' } };
      const server = { namespace: space, labels: { app: 'server' } };
      const nobody = { namespace: space, labels: { app: 'nobody' } };
      const rows = [
        { what: 'declared', from: client, to: server, port: { port: 8080 }, expected: 'allowed' },
        { what: 'other port', from: client, to: server, port: { port: 9 }, expected: 'denied' },
        { what: 'itself', from: server, to: server, port: { port: 8080 }, expected: 'denied' },
        { what: 'no pod', from: nobody, to: server, port: { port: 8080 }, expected: 'denied' },
      ] as const;
      const results = await eventually('the pods', async () => {
        const found = await evaluateFlows(api, rows);
        return found[0]?.verdict === 'unknown' ? undefined : found;
      });
      expect(results.map(({ flow, verdict }) => `${flow.what}: ${verdict}`)).toEqual([
        'declared: allowed',
        'other port: denied',
        'itself: denied',
        'no pod: unknown',
      ]);
    });
  },
);
