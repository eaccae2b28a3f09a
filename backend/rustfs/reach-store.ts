import { Failure } from '../../console/failure.ts';
import { type ClusterClient, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { asNumber, asObjects, asText, at, type JsonObject } from '../../policy/model/json.ts';
import type { StoreAccess } from '../store/store-access.ts';
import { StoreClient } from '../store/store-client.ts';
import type { ClusterInReach } from './cluster-in-reach.ts';
import type { ForwardTarget } from './pod-forward.ts';

const SERVICE = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/;

/** A store that can be asked, and how. */
export interface ReachedStore {
  readonly store: StoreClient;
  /** For people: `directly`, or the pod that the requests go through. */
  readonly way: string;
  close(): Promise<void>;
}

/** The Service that an address of a store names; undefined for any other address. */
function serviceOf(
  endpoint: string,
): { readonly namespace: string; readonly name: string; readonly port: number } | undefined {
  const { hostname, port, protocol } = new URL(endpoint);
  const [, name, namespace] = SERVICE.exec(hostname) ?? [];
  if (name === undefined || namespace === undefined) return undefined;
  const usual = protocol === 'https:' ? 443 : 80;
  return { namespace, name, port: port === '' ? usual : Number(port) };
}

/**
 * Opens the store: directly, or through a pod of it where its address is one that only pods can resolve.
 *
 * @param cluster is asked for only where it is needed
 * @throws Failure when there is no way to it
 */
export async function reachStore(
  access: StoreAccess,
  cluster: () => Promise<ClusterInReach>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ReachedStore> {
  const service = serviceOf(access.endpoint);
  const isPod = (environment.KUBERNETES_SERVICE_HOST ?? '') !== '';
  if (service === undefined || isPod) {
    const store = new StoreClient(access);
    return { store, way: 'directly', close: async () => store.close() };
  }
  if (access.endpoint.startsWith('https:')) {
    throw new Failure(
      `${access.endpoint} can be reached by pods alone, and its certificate is for that name: it cannot be forwarded\n    run this in the cluster, or give an address that this machine can reach: TOFU_BACKEND_S3_ENDPOINT`,
    );
  }
  const { client, access: kube } = await cluster();
  const target = await podBehind(client, service);
  // Its library takes long to load, and most stores need none of it.
  const { forward } = await import('./pod-forward.ts');
  const way = await forward(kube.config, () => podBehind(client, service));
  const store = new StoreClient({ ...access, endpoint: `http://127.0.0.1:${way.port}` });
  return {
    store,
    way: `through pod ${target.namespace}/${target.pod}`,
    close: async () => {
      store.close();
      await way.close();
    },
  };
}

async function podBehind(
  client: ClusterClient,
  { namespace, name, port }: { namespace: string; name: string; port: number },
): Promise<ForwardTarget> {
  const service = await client.get(objectPath('v1', 'services', { namespace, name }));
  if (service === undefined) {
    throw new Failure(
      `there is no Service ${namespace}/${name}\n    the store that a stack deploys comes into being by just bootstrap`,
    );
  }
  const entry = asObjects(at(service, 'spec', 'ports')).find((each) => each.port === port);
  if (entry === undefined)
    throw new Failure(`the Service ${namespace}/${name} has no port ${port}`);
  const selector = Object.entries(at(service, 'spec', 'selector') ?? {});
  const labels = selector.map(([label, value]) => `${label}=${value}`).join(',');
  const path = `${objectPath('v1', 'pods', { namespace })}?labelSelector=${encodeURIComponent(labels)}`;
  const pods = asObjects((await client.get(path))?.items);
  const pod = pods.find(isReady);
  if (pod === undefined)
    throw new Failure(`no pod behind the Service ${namespace}/${name} is ready`);
  return {
    namespace,
    pod: asText(at(pod, 'metadata', 'name')) ?? '',
    port: numberOf(entry.targetPort ?? port, pod),
  };
}

function isReady(pod: JsonObject): boolean {
  return asObjects(at(pod, 'status', 'conditions')).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
}

/** A Service may name the port of its pods by a word. */
function numberOf(target: unknown, pod: JsonObject): number {
  const ports = asObjects(at(pod, 'spec', 'containers')).flatMap(({ ports: own }) =>
    asObjects(own),
  );
  const named = ports.find(({ name }) => name === target)?.containerPort;
  const found = asNumber(named) ?? asNumber(target);
  if (found === undefined) throw new Failure(`no container has the port ${String(target)}`);
  return found;
}
