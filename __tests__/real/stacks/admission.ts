import type { CoreV1Event, V1Namespace, V1ResourceQuota } from '@kubernetes/client-node';
import type { Api, KubeList } from '../../../operations/rehearsal/cluster/api.ts';
import { ApiRefusal } from '../../../operations/rehearsal/cluster/api.ts';
import { podSpec } from '../../support/cluster-objects.ts';

const LEVEL = 'pod-security.kubernetes.io/enforce';

/** What was refused to whom while the stacks were applied: Pod Security, quotas and limit ranges speak in these events. */
export async function refusals(api: Api): Promise<string[]> {
  const { items } = await api.get<KubeList<CoreV1Event>>('/api/v1/events');
  return items
    .filter(({ reason }) => reason === 'FailedCreate')
    .map(({ involvedObject: { kind, namespace, name }, message }) => {
      return `${kind} ${namespace}/${name}: ${message}`;
    });
}

/** The namespaces of the stacks by the level that they enforce. */
export async function namespacesByLevel(
  api: Api,
): Promise<Readonly<Record<'restricted' | 'baseline' | 'privileged', readonly string[]>>> {
  const { items } = await api.get<KubeList<V1Namespace>>('/api/v1/namespaces');
  const of = (level: string) =>
    items
      .filter(({ metadata }) => metadata?.labels?.[LEVEL] === level)
      .map(({ metadata }) => metadata?.name ?? '')
      .sort();
  return { restricted: of('restricted'), baseline: of('baseline'), privileged: of('privileged') };
}

/** What the API server says to a privileged pod in a namespace. Nothing is made. */
export async function tryPrivileged(api: Api, namespace: string): Promise<string> {
  const container = {
    securityContext: { privileged: true },
    resources: { requests: AMOUNT, limits: AMOUNT },
  };
  try {
    await api.create(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'privileged' },
      spec: podSpec(container),
    });
    return 'admitted';
  } catch (error) {
    if (error instanceof ApiRefusal) return error.message;
    throw error;
  }
}

const AMOUNT = { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '128Mi' };

/** Every quota with the pods that count against it: `namespace/name: used of hard`. */
export async function quotaUse(api: Api): Promise<Readonly<Record<string, string>>> {
  const { items } = await api.get<KubeList<V1ResourceQuota>>('/api/v1/resourcequotas');
  const entries = items.map(({ metadata, status }) => [
    `${metadata?.namespace}/${metadata?.name}`,
    `${status?.used?.pods} of ${status?.hard?.pods}`,
  ]);
  return Object.fromEntries(entries);
}
