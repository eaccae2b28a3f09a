import { accountOf, type Grant } from '../model/access.ts';
import type { Cluster } from '../model/cluster.ts';
import { addTo, groupBy } from '../model/grouping.ts';
import type { Pod } from '../model/pod.ts';
import { wayToNode } from './node-access.ts';
import { EVERYWHERE, opens, opensTogether, type Place, place } from './powers.ts';

/** One step from a place to another. */
export interface Step {
  readonly to: Place;
  /** The step in words. */
  readonly by: string;
  /** What to change to close the way, where a resource opens it. */
  readonly address?: string;
}

/** A place that somebody gets to, with the steps. */
export interface Reached {
  readonly place: Place;
  readonly start: Start;
  readonly steps: readonly Step[];
}

/** Where somebody begins. */
export interface Start extends Step {
  readonly pod: Pod;
}

/** Finds what can be reached from where. */
export interface Ways {
  /** Every place that any of the starts leads to, each by a shortest way. */
  from(starts: readonly Start[], stopAt: (place: Place) => boolean): Reached[];
  /** Those of the starts that lead to a place which has been reached. */
  to(goal: Place, starts: readonly Start[]): Start[];
}

/** Draws the ways between accounts, pods and Secrets of the cluster. */
export function drawWays(cluster: Cluster): Ways {
  const podsByNamespace = groupBy(cluster.pods, ({ namespace }) => namespace);
  const known = new Map<Place, readonly Step[]>();
  const stepsFrom = (here: Place): readonly Step[] => {
    const steps = known.get(here) ?? draw(cluster, podsByNamespace, here);
    known.set(here, steps);
    return steps;
  };
  return {
    from(starts, stopAt) {
      const reached = new Map<Place, Reached>();
      const queue: Reached[] = [];
      const visit = (found: Reached) => {
        if (reached.has(found.place)) return;
        reached.set(found.place, found);
        queue.push(found);
      };
      for (const start of starts) visit({ place: start.to, start, steps: [start] });
      // The queue grows while it is read: a breadth-first search finds the shortest way first.
      for (const here of queue) {
        if (stopAt(here.place)) continue;
        for (const step of stepsFrom(here.place)) {
          visit({ place: step.to, start: here.start, steps: [...here.steps, step] });
        }
      }
      return queue;
    },
    to(goal, starts) {
      const before = backwards(known);
      const reaching = new Set([goal]);
      for (const here of reaching) for (const from of before.get(here) ?? []) reaching.add(from);
      return starts.filter((start) => reaching.has(start.to));
    },
  };
}

/** From where each place is one step away, as far as has been looked. */
function backwards(known: ReadonlyMap<Place, readonly Step[]>): Map<Place, Place[]> {
  const before = new Map<Place, Place[]>();
  for (const [from, steps] of known) {
    for (const { to } of steps) addTo(before, to, from);
  }
  return before;
}

function draw(
  cluster: Cluster,
  podsByNamespace: ReadonlyMap<string, readonly Pod[]>,
  here: Place,
): readonly Step[] {
  const [kind = '', name = '', role = ''] = here.split(' ');
  const { access } = cluster;
  switch (kind) {
    case 'account':
      return byRights(access.grantsOf(name));
    case 'role':
      return byRights(access.grantsOfRole(role, name === EVERYWHERE ? undefined : name));
    case 'accounts':
      return byNamespace(name, () => [
        ...access.accountsIn(name).map((account) => ({
          to: place.account(account),
          by: `acts as ${account}`,
        })),
      ]);
    case 'pod':
      return byNamespace(name, () => fromOwnPod(cluster, name));
    case 'inside':
      return byNamespace(name, () =>
        (podsByNamespace.get(name) ?? []).flatMap((pod) => fromInside(cluster, pod)),
      );
    case 'namespace':
      return byNamespace(name, () =>
        [place.pod(name), place.inside(name), place.secrets(name)].map((to) => ({
          to,
          by: `holds every right in ${name}`,
        })),
      );
    default:
      return [];
  }
}

/** What holds in every namespace holds in those of the control plane. */
function byNamespace(namespace: string, steps: () => readonly Step[]): readonly Step[] {
  return namespace === EVERYWHERE || namespace === 'kube-system'
    ? [{ to: place.admin, by: 'acts as an account of the control plane in kube-system' }]
    : steps();
}

function byRights(grants: readonly Grant[]): Step[] {
  return [...grants.flatMap(opens), ...opensTogether(grants)].map(({ to, right, address }) => ({
    to,
    by: right,
    address,
  }));
}

function fromOwnPod({ namespaces }: Cluster, namespace: string): Step[] {
  const steps: Step[] = [
    { to: place.accounts(namespace), by: `a pod there runs under any account of ${namespace}` },
    { to: place.secrets(namespace), by: `a pod there mounts any Secret of ${namespace}` },
  ];
  const level = namespaces.get(namespace)?.podSecurity;
  return level === 'privileged'
    ? [...steps, { to: place.node, by: `${namespace} lets pods be privileged` }]
    : steps;
}

/** What somebody gets who is inside a pod that runs already. */
function fromInside(cluster: Cluster, pod: Pod): Step[] {
  const node = wayToNode(pod);
  return [
    ...heldIn(cluster, pod),
    ...(node === undefined ? [] : [{ to: place.node, by: `${pod.owner}: ${node}` }]),
  ];
}

/** The token and the Secrets that lie in a pod. */
export function heldIn({ access }: Cluster, pod: Pod): Step[] {
  const account = accountOf(pod);
  return [
    ...(access.mountsToken(pod)
      ? [
          {
            to: place.account(account),
            by: `the pods of ${pod.owner} hold the token of ${account}`,
          },
        ]
      : []),
    ...pod.secrets.map(({ name }) => ({
      to: place.secret(pod.namespace, name),
      by: `the pods of ${pod.owner} read the Secret ${name}`,
    })),
  ];
}
