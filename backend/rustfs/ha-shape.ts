import type { WorkloadEvidence } from './collect-workload.ts';
import { layoutOf } from './drives.ts';
import { quorumWithout } from './erasure-quorum.ts';
import { type Observed, seenIn } from './observed.ts';
import type { ClaimFacts, PodFacts, WorkloadFacts } from './workload-facts.ts';

/** With three, one that is away leaves a majority that nothing more may happen to; its makers advise four. */
const MIN_SERVERS = 4;

/** Something that a store has to be to outlive one of its nodes. */
export interface HaCondition {
  readonly name: 'budget' | 'own-volumes' | 'quorum' | 'ready' | 'servers' | 'spread' | 'workload';
  /** Undefined where nobody could look. */
  readonly holds: boolean | undefined;
  readonly detail: string;
}

/**
 * What the objects of the cluster say of whether a store outlives one of its nodes. One replica does not, nor do many on one
 * volume or one node.
 */
export function haShape(evidence: WorkloadEvidence): HaCondition[] {
  const { workload, pods, claims } = evidence;
  if ('notSeen' in workload)
    return [{ name: 'workload', holds: undefined, detail: workload.notSeen }];
  const facts = workload.seen;
  return [
    {
      name: 'servers',
      holds: facts.kind === 'StatefulSet' && facts.desired >= MIN_SERVERS,
      detail: `${facts.kind} of ${facts.desired}; it takes a StatefulSet of ${MIN_SERVERS}`,
    },
    {
      name: 'ready',
      holds: facts.ready === facts.desired,
      detail: `${facts.ready} of ${facts.desired} ready`,
    },
    ownVolumes(pods, claims),
    spread(facts, pods, claims),
    quorum(facts),
    budget(facts, evidence.budget),
  ];
}

function ownVolumes(
  pods: Observed<readonly PodFacts[]>,
  claims: Observed<readonly ClaimFacts[]>,
): HaCondition {
  const name = 'own-volumes';
  if ('notSeen' in pods) return { name, holds: undefined, detail: pods.notSeen };
  if ('notSeen' in claims) return { name, holds: undefined, detail: claims.notSeen };
  const named = pods.seen.flatMap(({ claims: own }) => own);
  const shared = named.filter((claim, index) => named.indexOf(claim) !== index);
  const without = pods.seen.filter(({ claims: own }) => own.length === 0);
  const unbound = claims.seen.filter(({ phase }) => phase !== 'Bound');
  const problems = [
    ...without.map((pod) => `${pod.name} has no volume`),
    ...shared.map((claim) => `${claim} is shared`),
    ...unbound.map((claim) => `${claim.name} is ${claim.phase}`),
    ...(pods.seen.length < 2 ? ['one volume is all there is'] : []),
  ];
  const detail =
    problems.length === 0 ? `${pods.seen.length} pods, each with its own` : problems.join(', ');
  return { name, holds: problems.length === 0, detail };
}

/** Neither two pods nor two volumes on one node. */
function spread(
  { desired }: WorkloadFacts,
  pods: Observed<readonly PodFacts[]>,
  claims: Observed<readonly ClaimFacts[]>,
): HaCondition {
  const name = 'spread';
  if ('notSeen' in pods) return { name, holds: undefined, detail: pods.notSeen };
  const nodes = new Set(pods.seen.flatMap(({ node }) => node ?? []));
  const volumesOf = new Map(
    (seenIn(claims) ?? []).map((claim) => [claim.name, claim.nodes] as const),
  );
  const homes = pods.seen.map((pod) => [
    ...new Set(pod.claims.flatMap((claim) => volumesOf.get(claim) ?? [])),
  ]);
  const tied = homes.flatMap((home) => (home.length === 1 ? home : []));
  const holds = nodes.size === desired && desired > 1 && new Set(tied).size === tied.length;
  return {
    name,
    holds,
    detail: `${pods.seen.length} pods on ${nodes.size} nodes: ${[...nodes].sort().join(', ')}`,
  };
}

function quorum({ volumes, parity, desired }: WorkloadFacts): HaCondition {
  const layout = layoutOf(volumes);
  const { set, needed, left, survives } = quorumWithout(layout, parity);
  const holds = survives && layout.servers.length === desired;
  const servers = `${layout.servers.length} servers in its volumes`;
  const detail = `${servers}, ${layout.total} drives in sets of ${set}: with one server away ${left} are left, a write needs ${needed}`;
  return { name: 'quorum', holds, detail };
}

function budget({ desired }: WorkloadFacts, found: WorkloadEvidence['budget']): HaCondition {
  const name = 'budget';
  if ('notSeen' in found) return { name, holds: undefined, detail: found.notSeen };
  if (found.seen === 'none')
    return { name, holds: false, detail: 'no budget keeps a drain from taking two at once' };
  const { name: called, minAvailable, maxUnavailable } = found.seen;
  const away =
    maxUnavailable === undefined ? desired - Number(minAvailable) : Number(maxUnavailable);
  const bound =
    maxUnavailable === undefined
      ? `at least ${minAvailable} available`
      : `at most ${maxUnavailable} away`;
  return { name, holds: away === 1, detail: `${called}: ${bound}` };
}
