import type { Settings } from '../../../config/settings.ts';
import type { DeclaredObject } from './api.ts';
import { certManagerObjects } from './cert-manager.ts';
import { operatorObjects } from './operator-access.ts';
import { execPolicyObjects } from './pod-access.ts';
import { LOCAL_PROVISIONER, ZFS_PROVISIONER } from './volumes.ts';

/** The class that a k3s brings, for volumes that name none. */
const USUAL_CLASS = 'local-path';
/** What OpenEBS puts on each node, and its StorageClasses choose nodes by. */
const ZFS_NODE_LABEL = 'openebs.io/nodename';
/** A node for settings that name none. */
const ONLY_NODE = { cpu: '64', memory: '256Gi', pods: '250' };

/** What a node of the rehearsal offers. */
interface NodeSize {
  readonly name: string;
  readonly allocatable: { readonly cpu: string; readonly memory: string; readonly pods: string };
}

/** The nodes that the settings declare, or one that stands for a cluster whose nodes nobody has written down. */
export function nodesOf({ cluster }: Settings): NodeSize[] {
  if (cluster.nodes.length === 0) return [{ name: cluster.name, allocatable: ONLY_NODE }];
  return cluster.nodes.map(({ name, allocatable: { cpu, memory, pods } }) => ({
    name,
    allocatable: { cpu: String(cpu), memory: String(memory), pods: String(pods) },
  }));
}

/**
 * What the settings say is there already: nodes, storage classes that no stack defines, the ingress class, the rights of the
 * operator, cert-manager. What charts bring is not among it: what installs it for a user has to install it here too.
 */
export function declaredObjects(settings: Settings): DeclaredObject[] {
  const { namespace } = settings.cluster.ingress;
  const namespaces = new Set([namespace, settings.cluster.dnsNamespace]);
  for (const existing of ['default', 'kube-system', 'kube-public']) namespaces.delete(existing);
  return [
    ...[...namespaces].map(namespaceObject),
    ...nodesOf(settings).map((size) => nodeObject(size, labelsThatPoolsWant(settings))),
    ...[ZFS_PROVISIONER, LOCAL_PROVISIONER].map(csiDriver),
    ...storageClassNames(settings).map((name, index) => storageClass(name, index === 0)),
    ingressClass(settings.cluster.ingress.class),
    ...operatorObjects(),
    ...execPolicyObjects(),
    ...(settings.cluster.certManager.installed
      ? certManagerObjects(settings.cluster.certManager.issuer)
      : []),
  ];
}

function namespaceObject(name: string): DeclaredObject {
  return {
    path: '/api/v1/namespaces',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  };
}

/** A pool that wants nodes of a kind gets them: whether there is room on them is the capacity rule's to say. */
function labelsThatPoolsWant({ runners }: Settings): Record<string, string> {
  const pools = [
    ...Object.values(runners.gitlab?.pools ?? {}),
    ...Object.values(runners.github?.scaleSets ?? {}),
  ];
  return Object.assign({}, ...pools.map(({ nodeSelector }) => nodeSelector));
}

function nodeObject(
  { name, allocatable }: NodeSize,
  labels: Record<string, string>,
): DeclaredObject {
  return {
    path: '/api/v1/nodes',
    object: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          [ZFS_NODE_LABEL]: name,
          ...labels,
        },
      },
      spec: {},
      status: {
        allocatable: { ...allocatable, 'ephemeral-storage': DISK },
        capacity: { ...allocatable, 'ephemeral-storage': DISK },
        nodeInfo: NODE_INFO,
      },
    },
  };
}

/** The settings say nothing of the disks of nodes, so they must not be what runs short here. */
const DISK = '4Ti';

const NODE_INFO = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'kwok://',
  kernelVersion: 'none',
  kubeProxyVersion: 'none',
  kubeletVersion: 'kwok',
  machineID: '',
  operatingSystem: 'linux',
  osImage: 'rehearsal',
  systemUUID: '',
};

/** Volumes of both kinds are on their node already, so that nothing has to attach them. */
function csiDriver(name: string): DeclaredObject {
  return {
    path: '/apis/storage.k8s.io/v1/csidrivers',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSIDriver',
      metadata: { name },
      spec: { attachRequired: false, podInfoOnMount: false },
    },
  };
}

/** The default first, then those that the settings name. Classes that the settings define are made by the stack. */
export function storageClassNames(settings: Settings): string[] {
  return [...new Set([settings.cluster.storageClass ?? USUAL_CLASS, ...namedClasses(settings)])];
}

function namedClasses(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'storageClass' && typeof value === 'string' ? [value] : namedClasses(value),
  );
}

function storageClass(name: string, isDefault: boolean): DeclaredObject {
  return {
    path: '/apis/storage.k8s.io/v1/storageclasses',
    object: {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name,
        annotations: isDefault ? { 'storageclass.kubernetes.io/is-default-class': 'true' } : {},
      },
      provisioner: LOCAL_PROVISIONER,
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    },
  };
}

function ingressClass(name: string): DeclaredObject {
  return {
    path: '/apis/networking.k8s.io/v1/ingressclasses',
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name },
      spec: { controller: 'rehearsal.flywheel/nobody' },
    },
  };
}
