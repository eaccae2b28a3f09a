import { asNumber, asObjects, asText, at, type JsonObject } from './json.ts';
import { type KubernetesObject, specOf } from './kubernetes-object.ts';
import { type Pod, readPod } from './pod.ts';

// What CloudNativePG makes of a Cluster, after its source: https://github.com/cloudnative-pg/cloudnative-pg, pkg/specs

/** The security context that the operator gives every container of an instance. */
const CONTAINER_CONTEXT = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
};

/** The instances of a database cluster, with the sidecar that backs them up. */
export function postgresPods(
  cluster: KubernetesObject,
  objectStores: readonly KubernetesObject[],
): Pod[] {
  const instances = asNumber(specOf(cluster, 'instances')) ?? 1;
  const resources = specOf(cluster, 'resources');
  const container = (name: string) => ({
    name,
    image: specOf(cluster, 'imageName'),
    resources,
    securityContext: CONTAINER_CONTEXT,
  });
  const template = {
    spec: {
      serviceAccountName: cluster.name,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      initContainers: [container('bootstrap-controller'), ...backupSidecars(cluster, objectStores)],
      containers: [container('postgres')],
      nodeSelector: specOf(cluster, 'affinity', 'nodeSelector'),
    },
  };
  return [
    readPod({
      object: cluster,
      template,
      purpose: 'service',
      count: { min: instances, max: instances },
      owner: `instances of ${cluster.name}`,
      labels: {
        'cnpg.io/cluster': cluster.name,
        'cnpg.io/podRole': 'instance',
      },
    }),
  ];
}

function backupSidecars(
  cluster: KubernetesObject,
  objectStores: readonly KubernetesObject[],
): JsonObject[] {
  return asObjects(specOf(cluster, 'plugins'))
    .filter((plugin) => asText(plugin.name)?.startsWith('barman-cloud') === true)
    .map((plugin) => {
      const name = asText(at(plugin, 'parameters', 'barmanObjectName'));
      const store = objectStores.find(
        (object) => object.name === name && object.namespace === cluster.namespace,
      );
      return {
        name: 'plugin-barman-cloud',
        restartPolicy: 'Always',
        resources: store && specOf(store, 'instanceSidecarConfiguration', 'resources'),
        securityContext: { ...CONTAINER_CONTEXT, seccompProfile: { type: 'RuntimeDefault' } },
      };
    });
}
