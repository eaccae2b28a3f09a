import type { V1Namespace, V1NetworkPolicy, V1Pod } from '@kubernetes/client-node';
import type { Api, KubeList } from './api.ts';
import {
  evaluate,
  type PolicyEnd,
  type PolicyPod,
  type PolicyPort,
  type Verdict,
} from './network-policy.ts';

/** Pods by their namespace and labels, or an address. */
export type FlowEnd =
  | { readonly namespace: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly address: string };

/** A connection that is expected to be possible, or not to be. */
export interface DeclaredFlow {
  readonly what: string;
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly port: PolicyPort;
  readonly expected: Verdict['verdict'];
}

/** A declared flow, and what the policies of the live cluster make of it. */
export interface FlowResult {
  readonly flow: DeclaredFlow;
  readonly verdict: Verdict['verdict'] | 'unknown';
  /** Why it is denied, or that no pod is there to try it with. */
  readonly because: string;
}

/**
 * Reads policies, namespaces and pods of a live cluster and evaluates declared flows as a table. An end without a pod makes a
 * flow unknown: that nobody is there proves nothing.
 */
export async function evaluateFlows(
  api: Api,
  flows: readonly DeclaredFlow[],
): Promise<FlowResult[]> {
  const [policies, namespaces, pods] = await Promise.all([
    api.get<KubeList<V1NetworkPolicy>>('/apis/networking.k8s.io/v1/networkpolicies'),
    api.get<KubeList<V1Namespace>>('/api/v1/namespaces'),
    api.get<KubeList<V1Pod>>('/api/v1/pods'),
  ]);
  const labels = Object.fromEntries(
    namespaces.items.map(({ metadata }) => [metadata?.name ?? '', metadata?.labels ?? {}]),
  );
  const ends = pods.items.map(policyPod);
  return flows.map((flow) => {
    const from = findEnds(flow.from, ends);
    const to = findEnds(flow.to, ends);
    if (from.length === 0 || to.length === 0) {
      const empty = from.length === 0 ? flow.from : flow.to;
      return { flow, verdict: 'unknown', because: `no pod is there: ${JSON.stringify(empty)}` };
    }
    const verdicts = from.flatMap((sender) =>
      to.map((receiver) => evaluate(policies.items, labels, sender, receiver, flow.port)),
    );
    return { flow, ...strictest(verdicts) };
  });
}

/** A flow is allowed when it is between every two of its pods. */
function strictest(verdicts: readonly Verdict[]): Pick<FlowResult, 'verdict' | 'because'> {
  const denied = verdicts.find(({ verdict }) => verdict === 'denied');
  return denied?.verdict === 'denied' ? denied : { verdict: 'allowed', because: '' };
}

function policyPod({ metadata, spec }: V1Pod): PolicyPod {
  const ports = (spec?.containers ?? []).flatMap(({ ports: declared }) =>
    (declared ?? []).flatMap(({ name, containerPort }) =>
      name === undefined ? [] : [[name, containerPort] as const],
    ),
  );
  return {
    kind: 'pod',
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    ports: Object.fromEntries(ports),
  };
}

function findEnds(end: FlowEnd, pods: readonly PolicyPod[]): PolicyEnd[] {
  if ('address' in end) return [{ kind: 'address', address: end.address }];
  return pods.filter(
    ({ namespace, labels }) =>
      namespace === end.namespace &&
      Object.entries(end.labels).every(([key, value]) => labels[key] === value),
  );
}
