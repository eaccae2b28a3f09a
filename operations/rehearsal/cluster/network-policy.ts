import type {
  V1IPBlock,
  V1LabelSelector,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
} from '@kubernetes/client-node';
import { isWithin } from './ip-range.ts';

type Labels = Readonly<Record<string, string>>;

/** A pod, as policies see it. */
export interface PolicyPod {
  readonly kind: 'pod';
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** Ports that have names, for policies that use these. */
  readonly ports?: Readonly<Record<string, number>>;
}

/** Something outside of the cluster, or the API server: known by its address alone. */
export interface PolicyAddress {
  readonly kind: 'address';
  readonly address: string;
}

/** One end of a connection. */
export type PolicyEnd = PolicyPod | PolicyAddress;

/** The port of the pod that answers. */
export interface PolicyPort {
  readonly port: number;
  /** @default 'TCP' */
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
}

/** Whether a connection can be made, and why not. */
export type Verdict =
  | { readonly verdict: 'allowed' }
  | { readonly verdict: 'denied'; readonly because: string };

type Direction = 'Egress' | 'Ingress';

interface Rule {
  readonly peers: readonly V1NetworkPolicyPeer[];
  readonly ports: readonly V1NetworkPolicyPort[];
}

/**
 * Decides what a network plugin that keeps to the letter of the policies would do with a connection: the sender must be let
 * out and the receiver must let in, and whoever no policy chooses is open.
 *
 * Blocks of addresses never match pods, since plugins differ on it; what is allowed here is allowed by all of them.
 *
 * @param namespaces labels of each namespace
 */
export function evaluate(
  policies: readonly V1NetworkPolicy[],
  namespaces: Readonly<Record<string, Labels>>,
  from: PolicyEnd,
  to: PolicyEnd,
  port: PolicyPort,
): Verdict {
  const sides = [
    { direction: 'Egress', own: from, other: to },
    { direction: 'Ingress', own: to, other: from },
  ] as const;
  for (const { direction, own, other } of sides) {
    if (own.kind === 'address') continue;
    const choosing = policies.filter((policy) => chooses(policy, own, direction));
    if (choosing.length === 0) continue;
    const isLet = choosing.some((policy) =>
      rulesOf(policy, direction).some(
        ({ peers, ports }) =>
          matchesPeer(peers, policy.metadata?.namespace ?? '', other, namespaces) &&
          matchesPort(ports, port, to),
      ),
    );
    if (!isLet) return { verdict: 'denied', because: refusal(choosing, direction, own) };
  }
  return { verdict: 'allowed' };
}

function refusal(
  choosing: readonly V1NetworkPolicy[],
  direction: Direction,
  { namespace, name }: PolicyPod,
): string {
  const names = choosing.map(({ metadata }) => metadata?.name).join(', ');
  const way = direction === 'Egress' ? 'lets it out' : 'lets it in';
  return `${namespace}/${name} is chosen by ${names}, and no ${direction.toLowerCase()} rule ${way}`;
}

function chooses(
  { metadata, spec }: V1NetworkPolicy,
  pod: PolicyPod,
  direction: Direction,
): boolean {
  return (
    metadata?.namespace === pod.namespace &&
    typesOf(spec).includes(direction) &&
    selects(spec?.podSelector ?? {}, pod.labels)
  );
}

/** Without a list a policy is about what comes in, and about what goes out if it has a rule for that. */
function typesOf(spec: V1NetworkPolicy['spec']): readonly string[] {
  return spec?.policyTypes ?? (spec?.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress']);
}

function rulesOf({ spec }: V1NetworkPolicy, direction: Direction): Rule[] {
  return direction === 'Egress'
    ? (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to ?? [], ports: ports ?? [] }))
    : (spec?.ingress ?? []).map(({ _from, ports, ...rest }) => ({
        // The client library renames what is a reserved word elsewhere; the API does not.
        peers: _from ?? (rest as { from?: V1NetworkPolicyPeer[] }).from ?? [],
        ports: ports ?? [],
      }));
}

function matchesPeer(
  peers: readonly V1NetworkPolicyPeer[],
  namespace: string,
  end: PolicyEnd,
  namespaces: Readonly<Record<string, Labels>>,
): boolean {
  if (peers.length === 0) return true;
  return peers.some(({ ipBlock, namespaceSelector, podSelector }) => {
    if (ipBlock !== undefined) return end.kind === 'address' && isInBlock(ipBlock, end.address);
    if (end.kind === 'address') return false;
    const isInNamespace =
      namespaceSelector === undefined
        ? end.namespace === namespace
        : selects(namespaceSelector, namespaces[end.namespace] ?? {});
    return isInNamespace && selects(podSelector ?? {}, end.labels);
  });
}

function isInBlock({ cidr, except }: V1IPBlock, address: string): boolean {
  return isWithin(address, cidr) && !(except ?? []).some((hole) => isWithin(address, hole));
}

function matchesPort(
  ports: readonly V1NetworkPolicyPort[],
  { port, protocol = 'TCP' }: PolicyPort,
  to: PolicyEnd,
): boolean {
  if (ports.length === 0) return true;
  return ports.some((allowed) => {
    if ((allowed.protocol ?? 'TCP') !== protocol) return false;
    if (allowed.port === undefined) return true;
    const first = numberOf(allowed.port, to);
    return first !== undefined && port >= first && port <= (allowed.endPort ?? first);
  });
}

/** A name stands for whatever the receiving pod calls by it. */
function numberOf(port: number | string, to: PolicyEnd): number | undefined {
  const number = Number(port);
  if (Number.isInteger(number)) return number;
  return to.kind === 'pod' ? to.ports?.[port] : undefined;
}

/** True when a selector chooses something with those labels; an empty one chooses everything. */
export function selects(
  { matchLabels, matchExpressions }: V1LabelSelector,
  labels: Labels,
): boolean {
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      const isAmong = value !== undefined && values.includes(value);
      return operator === 'In' ? isAmong : operator === 'NotIn' && !isAmong;
    })
  );
}
