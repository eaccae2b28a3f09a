import { spawnSync } from 'node:child_process';
import type {
  V1Job,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, KubeList, KubeObject } from '../../operations/rehearsal/cluster/api.ts';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { deployment, eventually, podSpec, service } from '../support/cluster-objects.ts';

const missing = await missingPrograms();
const NAME = `real-${process.pid}`;
const READY_SEC = 15;
const MEMORY_MIB = 1000;
const ZFS_CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'zfs' },
  provisioner: 'zfs.csi.openebs.io',
  volumeBindingMode: 'WaitForFirstConsumer',
  reclaimPolicy: 'Retain',
  allowVolumeExpansion: true,
  allowedTopologies: [
    { matchLabelExpressions: [{ key: 'openebs.io/nodename', values: ['bumble'] }] },
  ],
};

describe.skipIf(missing.length > 0)(
  `a rehearsal cluster${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    let launched: Launched;
    let own: OwnCluster;
    let api: Api;

    beforeAll(async () => {
      launched = await launchCluster({ name: NAME, settings: 'config/tinyland.yaml' });
      own = await ownCluster(NAME);
      api = own.api;
    }, 120_000);

    afterAll(async () => {
      api?.close();
      await launched?.stop();
    });

    async function namespace(name: string, labels: Record<string, string> = {}): Promise<string> {
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

    function secret(space: string, name: string, data: Record<string, string>) {
      return api.create(`/api/v1/namespaces/${space}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name },
        stringData: data,
      });
    }

    async function onlyPod(space: string): Promise<V1Pod | undefined> {
      return (await api.get<KubeList<V1Pod>>(`/api/v1/namespaces/${space}/pods`)).items[0];
    }

    test('is ready in time and takes little memory', () => {
      expect(launched.record.readySec).toBeLessThan(READY_SEC);
      const { stdout } = spawnSync(
        process.execPath,
        ['bin/flywheel.cjs', 'cluster', 'status', '--json', '--name', NAME],
        { encoding: 'utf8' },
      );
      const [status] = JSON.parse(stdout).clusters;
      expect(status.state).toBe('up');
      expect(status.memoryMib).toBeGreaterThan(100);
      expect(status.memoryMib).toBeLessThan(MEMORY_MIB);
    });

    test('has the nodes and classes of the settings', async () => {
      // Room for the files of pods, which the settings say nothing of.
      const disk = { 'ephemeral-storage': '4Ti' };
      const nodes =
        await api.get<KubeList<KubeObject & { status: { allocatable: object } }>>('/api/v1/nodes');
      expect(
        nodes.items.map(({ metadata, status }) => [
          metadata?.name,
          metadata?.labels?.['openebs.io/nodename'],
          status.allocatable,
        ]),
      ).toEqual([
        ['bumble', 'bumble', { cpu: '16', memory: '64Gi', pods: '110', ...disk }],
        ['honey', 'honey', { cpu: '96', memory: '384Gi', pods: '250', ...disk }],
      ]);
      expect(await api.find('/apis/networking.k8s.io/v1/ingressclasses/traefik')).toBeDefined();
      expect(
        await api.find('/apis/cert-manager.io/v1/clusterissuers/letsencrypt-prod'),
      ).toBeDefined();
      const types = await api.get<KubeList<KubeObject>>(
        '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      );
      expect(
        types.items.filter(({ metadata }) => !metadata?.name?.endsWith('.cert-manager.io')),
      ).toEqual([]);
    });

    test('keeps a pod waiting for a Secret, says which, and lets a Service find it once it is there', async () => {
      const space = await namespace('waiting');
      const spec = podSpec({
        envFrom: [{ secretRef: { name: 'late' } }],
        ports: [{ name: 'web', containerPort: 8080 }],
      });
      await api.create(`/apis/apps/v1/namespaces/${space}/deployments`, deployment('app', spec));
      const created = await api.create(
        `/api/v1/namespaces/${space}/services`,
        service('app', 'web'),
      );
      const { clusterIP } = (created as { spec?: { clusterIP?: string } }).spec ?? {};
      expect(clusterIP).toMatch(/^127\./);

      const waiting = await eventually('the refusal', async () => {
        const pod = await onlyPod(space);
        return pod?.status?.containerStatuses?.[0]?.state?.waiting ? pod : undefined;
      });
      expect(waiting.status?.phase).toBe('Pending');
      expect(waiting.status?.containerStatuses?.[0]?.state?.waiting).toEqual({
        reason: 'CreateContainerConfigError',
        message: 'secret "late" not found',
      });

      await secret(space, 'late', { key: 'value' });
      const pod = await eventually('the pod', async () => {
        const found = await onlyPod(space);
        return found?.status?.conditions?.some(
          ({ type, status }) => type === 'Ready' && status === 'True',
        )
          ? found
          : undefined;
      });
      expect(pod.status?.phase).toBe('Running');
      expect(pod.status?.podIP).toMatch(/^198\.1[89]\./);
      const slice = await eventually('the endpoints', async () => {
        const { items } = await api.get<
          KubeList<
            KubeObject & {
              endpoints?: { addresses: string[]; conditions: { ready: boolean } }[];
              ports?: object[];
            }
          >
        >(`/apis/discovery.k8s.io/v1/namespaces/${space}/endpointslices`);
        return items.find(({ endpoints }) => endpoints?.some(({ conditions }) => conditions.ready));
      });
      expect(slice.endpoints?.[0]?.addresses).toEqual([pod.status?.podIP]);
      expect(slice.ports).toEqual([expect.objectContaining({ port: 8080 })]);
    });

    test('ends a job after its init container, and not while a key is missing', async () => {
      const space = await namespace('jobs');
      await secret(space, 'keys', { other: 'x' });
      const wants = { name: 'V', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } };
      await api.create(`/apis/batch/v1/namespaces/${space}/jobs`, {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'migrate' },
        spec: {
          template: {
            spec: {
              ...podSpec({}),
              restartPolicy: 'Never',
              initContainers: [{ name: 'first', image: 'example.invalid/a:1', env: [wants] }],
            },
          },
        },
      });
      const waiting = await eventually('the refusal', async () => {
        const pod = await onlyPod(space);
        return pod?.status?.initContainerStatuses?.[0]?.state?.waiting ? pod : undefined;
      });
      expect(waiting.status?.initContainerStatuses?.[0]?.state?.waiting?.message).toBe(
        "couldn't find key token in Secret jobs/keys",
      );
      expect(waiting.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe(
        'PodInitializing',
      );
      await api.patch(`/api/v1/namespaces/${space}/secrets/keys`, { stringData: { token: 'y' } });
      const job = await eventually('the job', async () => {
        const found = await api.get<V1Job & KubeObject>(
          `/apis/batch/v1/namespaces/${space}/jobs/migrate`,
        );
        return found.status?.succeeded === 1 && found.status.completionTime !== undefined
          ? found
          : undefined;
      });
      expect(job.status?.failed).toBeUndefined();
    });

    test('binds a claim of a ZFS class on its node with the first pod, lets it grow, and keeps the volume', async () => {
      const space = await namespace('volumes');
      await api.create('/apis/storage.k8s.io/v1/storageclasses', ZFS_CLASS);
      const claims = `/api/v1/namespaces/${space}/persistentvolumeclaims`;
      await api.create(claims, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: {
          storageClassName: 'zfs',
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect(
        (await api.get<V1PersistentVolumeClaim & KubeObject>(`${claims}/data`)).status?.phase,
      ).toBe('Pending');

      const spec = {
        ...podSpec({}),
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      };
      await api.create(`/apis/apps/v1/namespaces/${space}/deployments`, deployment('app', spec));
      const pod = await eventually('the pod', async () => {
        const found = await onlyPod(space);
        return found?.status?.phase === 'Running' ? found : undefined;
      });
      expect(pod.spec?.nodeName).toBe('bumble');
      await api.patch(`${claims}/data`, { spec: { resources: { requests: { storage: '2Gi' } } } });
      const claim = await eventually('the growth', async () => {
        const found = await api.get<V1PersistentVolumeClaim & KubeObject>(`${claims}/data`);
        return found.status?.capacity?.storage === '2Gi' ? found : undefined;
      });
      await api.remove(`/apis/apps/v1/namespaces/${space}/deployments/app`);
      await api.remove(`${claims}/data`);
      const volume = await eventually('the release', async () => {
        const found = await api.get<V1PersistentVolume & KubeObject>(
          `/api/v1/persistentvolumes/${claim.spec?.volumeName}`,
        );
        return found.status?.phase === 'Released' ? found : undefined;
      });
      expect(volume.spec?.capacity?.storage).toBe('2Gi');
    });

    test('refuses a privileged pod where Pod Security says so', async () => {
      const space = await namespace('guarded', {
        'pod-security.kubernetes.io/enforce': 'restricted',
      });
      await expect(
        api.create(`/api/v1/namespaces/${space}/pods`, {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'bad' },
          spec: podSpec({ securityContext: { privileged: true } }),
        }),
      ).rejects.toThrow(/403 .*violates PodSecurity "restricted/);
    });

    test('lets the operator do what applying needs, and no more', async () => {
      const asOperator = async (verb: string, group: string, resource: string) => {
        const { status } = (await api.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: 'rehearsal-operator',
            resourceAttributes: { verb, group, resource, namespace: 'default' },
          },
        })) as { status?: { allowed?: boolean } };
        return status?.allowed ?? false;
      };
      expect(await asOperator('create', 'apps', 'deployments')).toBe(true);
      expect(await asOperator('get', '', 'nodes')).toBe(true);
      expect(await asOperator('delete', '', 'nodes')).toBe(false);
      expect(await asOperator('escalate', 'rbac.authorization.k8s.io', 'clusterroles')).toBe(false);
      expect(await asOperator('impersonate', '', 'users')).toBe(false);
    });
  },
);
