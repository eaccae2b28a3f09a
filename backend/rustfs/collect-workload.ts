import { Failure } from '../../console/failure.ts';
import { type ClusterClient, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { asObjects, asText, at, type JsonObject } from '../../policy/model/json.ts';
import { type Observed, observe, seen } from './observed.ts';
import {
  type ClaimFacts,
  claimFacts,
  type EventFacts,
  eventFacts,
  type JobFacts,
  jobFacts,
  type PodFacts,
  podFacts,
  type WorkloadFacts,
  workloadFacts,
} from './workload-facts.ts';

const LAST_EVENTS = 50;

/** The kinds of workload that a store can be, with where they are. */
const KINDS = [
  ['Deployment', 'deployments'],
  ['StatefulSet', 'statefulsets'],
] as const;

/** What the API server says of a workload and of all that belongs to it. */
export interface WorkloadEvidence {
  readonly workload: Observed<WorkloadFacts>;
  readonly pods: Observed<readonly PodFacts[]>;
  readonly claims: Observed<readonly ClaimFacts[]>;
  readonly jobs: Observed<readonly JobFacts[]>;
  readonly events: Observed<readonly EventFacts[]>;
  /** How many of its pods may be away at once by a budget. */
  readonly budget: Observed<BudgetFacts | 'none'>;
}

/** A budget of disruptions over the pods. */
export interface BudgetFacts {
  readonly name: string;
  readonly minAvailable: string | undefined;
  readonly maxUnavailable: string | undefined;
}

/** Looks at everything that the API server knows of a workload. Each look is apart: one that is refused leaves the others. */
export async function collectWorkload(
  client: ClusterClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<WorkloadEvidence> {
  const workload = await observe(() => findWorkload(client, namespace, name));
  if ('notSeen' in workload) {
    const missing = { notSeen: workload.notSeen };
    const [jobs, events] = await Promise.all([
      observe(() => jobsOf(client, namespace, name)),
      observe(() => eventsOf(client, namespace, name)),
    ]);
    return { workload, pods: missing, claims: missing, budget: missing, jobs, events };
  }
  return collectParts(client, workload.seen);
}

/** Looks at everything that belongs to a workload which is known already. */
export async function collectParts(
  client: ClusterClient,
  workload: WorkloadFacts,
): Promise<WorkloadEvidence> {
  const { namespace, name } = workload;
  const [pods, jobs, events, budget] = await Promise.all([
    observe(() => podsOf(client, workload)),
    observe(() => jobsOf(client, namespace, name)),
    observe(() => eventsOf(client, namespace, name)),
    observe(() => budgetOf(client, workload)),
  ]);
  const claims =
    'seen' in pods
      ? await observe(() => claimsOf(client, namespace, pods.seen))
      : { notSeen: pods.notSeen };
  return { workload: seen(workload), pods, claims, jobs, events, budget };
}

async function findWorkload(
  client: ClusterClient,
  namespace: string,
  name: string,
): Promise<WorkloadFacts> {
  for (const [kind, resource] of KINDS) {
    const found = await client.get(objectPath('apps/v1', resource, { namespace, name }));
    if (found !== undefined) return workloadFacts(kind, found);
  }
  throw new Failure(`there is no workload ${namespace}/${name}`);
}

async function podsOf(
  client: ClusterClient,
  { namespace, labels, container }: WorkloadFacts,
): Promise<PodFacts[]> {
  const selector = Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  const path = `${objectPath('v1', 'pods', { namespace })}?labelSelector=${encodeURIComponent(selector)}`;
  const items = await list(client, path);
  return items
    .filter((pod) => matches(pod, labels) && !isEnding(pod))
    .map((pod) => podFacts(pod, container));
}

/** What is being ended is no pod of the store any more: it may still run, and nothing is asked of it. */
function isEnding(pod: JsonObject): boolean {
  return at(pod, 'metadata', 'deletionTimestamp') !== undefined;
}

function matches(pod: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(
    ([name, value]) => asText(at(pod, 'metadata', 'labels', name)) === value,
  );
}

async function claimsOf(
  client: ClusterClient,
  namespace: string,
  pods: readonly PodFacts[],
): Promise<ClaimFacts[]> {
  const names = [...new Set(pods.flatMap(({ claims }) => claims))];
  return Promise.all(
    names.map(async (name) => {
      const path = objectPath('v1', 'persistentvolumeclaims', { namespace, name });
      const claim = await client.get(path);
      if (claim === undefined) throw new Failure(`there is no claim ${namespace}/${name}`);
      const volume = asText(at(claim, 'spec', 'volumeName')) ?? '';
      const found =
        volume === ''
          ? undefined
          : await client.get(objectPath('v1', 'persistentvolumes', { name: volume }));
      return claimFacts(claim, found);
    }),
  );
}

/** Jobs whose name begins with that of the workload: they make its buckets and keep their rules. */
async function jobsOf(client: ClusterClient, namespace: string, name: string): Promise<JobFacts[]> {
  const items = await list(client, objectPath('batch/v1', 'jobs', { namespace }));
  return items.map(jobFacts).filter((job) => job.name.startsWith(name));
}

async function eventsOf(
  client: ClusterClient,
  namespace: string,
  name: string,
): Promise<EventFacts[]> {
  const items = await list(client, objectPath('v1', 'events', { namespace }));
  return items
    .map(eventFacts)
    .filter(({ about }) => about.split('/')[1]?.startsWith(name) === true)
    .sort((one, other) => one.at.localeCompare(other.at))
    .slice(-LAST_EVENTS);
}

async function budgetOf(
  client: ClusterClient,
  { namespace, labels }: WorkloadFacts,
): Promise<BudgetFacts | 'none'> {
  const items = await list(client, objectPath('policy/v1', 'poddisruptionbudgets', { namespace }));
  const own = items.find((budget) => {
    const selector = Object.entries(at(budget, 'spec', 'selector', 'matchLabels') ?? {});
    return selector.length > 0 && selector.every(([name, value]) => labels[name] === value);
  });
  if (own === undefined) return 'none';
  const bound = (which: string) => {
    const value = at(own, 'spec', which);
    return value === undefined ? undefined : String(value);
  };
  return {
    name: asText(at(own, 'metadata', 'name')) ?? '',
    minAvailable: bound('minAvailable'),
    maxUnavailable: bound('maxUnavailable'),
  };
}

async function list(client: ClusterClient, path: string): Promise<readonly JsonObject[]> {
  const found = await client.get(path);
  return asObjects(found?.items);
}
