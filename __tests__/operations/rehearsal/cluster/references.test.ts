import type { V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import {
  type Existing,
  missingReferences,
} from '../../../../operations/rehearsal/cluster/references.ts';

const SECRETS: Record<string, string[]> = { there: ['a', 'b'] };
const CONFIG_MAPS: Record<string, string[]> = { there: ['x'] };
const CLAIMS: Record<string, string> = {
  bound: 'Bound',
  waiting: 'Pending',
  'pod-scratch': 'Bound',
};

const keys = (found: string[] | undefined) => found && new Set(found);
const EXISTING: Existing = {
  secret: (namespace, name) => (namespace === 'ns' ? keys(SECRETS[name]) : undefined),
  configMap: (namespace, name) => (namespace === 'ns' ? keys(CONFIG_MAPS[name]) : undefined),
  claim: (namespace, name) => (namespace === 'ns' ? CLAIMS[name] : undefined),
  serviceAccount: (namespace, name) => namespace === 'ns' && ['default', 'runner'].includes(name),
  priorityClass: (name) => name === 'high',
};

function pod(spec: Partial<V1PodSpec>): V1Pod {
  const containers = spec.containers ?? [{ name: 'main' }];
  return { metadata: { name: 'pod', namespace: 'ns' }, spec: { ...spec, containers } };
}

function volume(source: object): V1Pod {
  return pod({ volumes: [{ name: 'v', ...source }] });
}

function container(part: object): V1Pod {
  return pod({ containers: [{ name: 'main', ...part }] });
}

describe('a pod that names', () => {
  test.each<[string, V1Pod]>([
    ['nothing', pod({})],
    ['a Secret by key', container({ env: [env('secretKeyRef', { name: 'there', key: 'a' })] })],
    ['a whole Secret', container({ envFrom: [{ secretRef: { name: 'there' } }] })],
    [
      'a ConfigMap by key',
      container({ env: [env('configMapKeyRef', { name: 'there', key: 'x' })] }),
    ],
    [
      'an optional Secret that is not there',
      container({ env: [env('secretKeyRef', { name: 'gone', key: 'a', optional: true })] }),
    ],
    [
      'an optional key',
      container({ env: [env('secretKeyRef', { name: 'there', key: 'z', optional: true })] }),
    ],
    ['an optional volume', volume({ configMap: { name: 'gone', optional: true } })],
    ['a Secret as a volume', volume({ secret: { secretName: 'there', items: [item('a')] } })],
    ['a bound claim', volume({ persistentVolumeClaim: { claimName: 'bound' } })],
    ['an ephemeral claim', pod({ volumes: [{ name: 'scratch', ephemeral: {} }] })],
    ['what is not kept in the cluster', volume({ emptyDir: {} })],
    [
      'its own account and priority',
      pod({ serviceAccountName: 'runner', priorityClassName: 'high' }),
    ],
    ['a priority that is built in', pod({ priorityClassName: 'system-node-critical' })],
    ['a Secret with which images are pulled', pod({ imagePullSecrets: [{ name: 'there' }] })],
    [
      'several sources in one volume',
      volume({
        projected: {
          sources: [
            { secret: { name: 'there', items: [item('b')] } },
            { configMap: { name: 'there' } },
            { serviceAccountToken: { path: 'token' } },
            { downwardAPI: { items: [] } },
          ],
        },
      }),
    ],
  ])('%s can start', (_, given) => {
    expect(missingReferences(given, EXISTING)).toEqual([]);
  });

  test.each<[string, V1Pod, string, string | undefined, string]>([
    [
      'a Secret that is not there',
      container({ env: [env('secretKeyRef', { name: 'gone', key: 'a' })] }),
      'CreateContainerConfigError',
      'main',
      'secret "gone" not found',
    ],
    [
      'a key that is not there',
      container({ env: [env('secretKeyRef', { name: 'there', key: 'z' })] }),
      'CreateContainerConfigError',
      'main',
      "couldn't find key z in Secret ns/there",
    ],
    [
      'a ConfigMap that is not there',
      container({ envFrom: [{ configMapRef: { name: 'gone' } }] }),
      'CreateContainerConfigError',
      'main',
      'configmap "gone" not found',
    ],
    [
      'a Secret for an init container',
      pod({ initContainers: [{ name: 'first', envFrom: [{ secretRef: { name: 'gone' } }] }] }),
      'CreateContainerConfigError',
      'first',
      'secret "gone" not found',
    ],
    [
      'a Secret for a volume',
      volume({ secret: { secretName: 'gone' } }),
      'FailedMount',
      undefined,
      'MountVolume.SetUp failed for volume "v" : secret "gone" not found',
    ],
    [
      'an item of a volume',
      volume({ configMap: { name: 'there', items: [item('y')] } }),
      'FailedMount',
      undefined,
      'MountVolume.SetUp failed for volume "v" : couldn\'t find key y in ConfigMap ns/there',
    ],
    [
      'one of several sources',
      volume({ projected: { sources: [{ secret: { name: 'there', items: [item('z')] } }] } }),
      'FailedMount',
      undefined,
      'MountVolume.SetUp failed for volume "v" : couldn\'t find key z in Secret ns/there',
    ],
    [
      'a claim that waits',
      volume({ persistentVolumeClaim: { claimName: 'waiting' } }),
      'FailedMount',
      undefined,
      'MountVolume.SetUp failed for volume "v" : persistentvolumeclaim "waiting" is not bound',
    ],
    [
      'a claim that is not there',
      volume({ persistentVolumeClaim: { claimName: 'gone' } }),
      'FailedMount',
      undefined,
      'MountVolume.SetUp failed for volume "v" : persistentvolumeclaim "gone" not found',
    ],
    [
      'a Secret for images',
      pod({ imagePullSecrets: [{ name: 'gone' }] }),
      'ErrImagePull',
      undefined,
      'image pull secret "gone" not found: a private image cannot be pulled',
    ],
    [
      'an account',
      pod({ serviceAccountName: 'gone' }),
      'FailedCreate',
      undefined,
      'serviceaccount "gone" not found',
    ],
    [
      'a priority',
      pod({ priorityClassName: 'gone' }),
      'FailedCreate',
      undefined,
      'priorityclass "gone" not found',
    ],
  ])('%s that is missing waits and says so', (_, given, reason, name, message) => {
    expect(missingReferences(given, EXISTING)).toEqual([{ reason, container: name, message }]);
  });

  test('several things that are missing says all of them', () => {
    const given = pod({
      serviceAccountName: 'gone',
      containers: [
        { name: 'one', envFrom: [{ secretRef: { name: 'gone' } }] },
        { name: 'two', env: [env('configMapKeyRef', { name: 'there', key: 'y' })] },
      ],
    });
    expect(missingReferences(given, EXISTING).map(({ container: name }) => name)).toEqual([
      undefined,
      'one',
      'two',
    ]);
  });
});

function env(kind: 'secretKeyRef' | 'configMapKeyRef', reference: object) {
  return { name: 'VARIABLE', valueFrom: { [kind]: reference } };
}

function item(key: string) {
  return { key, path: key };
}
