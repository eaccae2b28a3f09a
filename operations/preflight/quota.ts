import {
  countedBy,
  demandByNamespace,
  hardLimits,
  type NamespaceDemand,
  type Part,
  type QuotaKey,
  totalOf,
} from '../../policy/capacity.ts';
import { amountOf, shownAmount } from '../../policy/model/amounts.ts';
import { asObjects, at, type JsonObject } from '../../policy/model/json.ts';
import { type KubernetesObject, readObject } from '../../policy/model/kubernetes-object.ts';
import { bad, type Check, good } from '../kubernetes/check.ts';
import { forEachOf, objectPath } from '../kubernetes/cluster-client.ts';
import type { Subject } from './subject.ts';

/** What a stack adds fits into what the quotas of its namespaces have left. */
export async function quotaHeadroom(subject: Subject): Promise<Check[]> {
  const checks: Check[] = [];
  for (const demand of demandByNamespace(subject.defined)) {
    const path = objectPath('v1', 'resourcequotas', { namespace: demand.namespace });
    const quotas = asObjects((await subject.client.get(path))?.items);
    if (quotas.length === 0) continue;
    const added = await partsNotThere(subject, demand);
    for (const quota of quotas) checks.push(quotaCheck(subject, demand, added, quota));
  }
  return checks.length === 0
    ? [good('quota', 'no namespace of the stack has a quota yet')]
    : checks;
}

/** Pods whose owner is not in the cluster yet; the others are among what is used. */
async function partsNotThere(subject: Subject, demand: NamespaceDemand): Promise<Part[]> {
  const there = await forEachOf(demand.parts, async ({ pod }) => {
    const owner = subject.objects.find(({ address }) => address === pod.address);
    return owner !== undefined && (await isThere(subject, owner));
  });
  return demand.parts.filter((_, index) => there[index] !== true);
}

async function isThere({ client, types }: Subject, owner: KubernetesObject): Promise<boolean> {
  const { apiVersion, kind, namespace, name } = owner;
  if (!types.isServed(apiVersion, kind)) return false;
  const { resource } = types.typeOf(apiVersion, kind, true);
  return (await client.get(objectPath(apiVersion, resource, { namespace, name }))) !== undefined;
}

/** A quota that the stack defines will have the limits of the stack. */
function quotaCheck(
  { defined, stack }: Subject,
  demand: NamespaceDemand,
  added: readonly Part[],
  live: JsonObject,
): Check {
  const { namespace, parts } = demand;
  const read = (hard: unknown) =>
    readObject(
      { ...live, kind: 'ResourceQuota', spec: { hard } },
      { stack: stack.name, address: '', origin: 'resource', namespace },
    );
  const found = read(at(live, 'spec', 'hard'));
  const own = defined
    .ofKind('ResourceQuota')
    .find((quota) => quota.namespace === namespace && quota.name === found.name);
  // Read as limits are, because both go by several names.
  const used = new Map(hardLimits(read(at(live, 'status', 'used'))));
  const short = hardLimits(own ?? found).flatMap(
    ([key, hard]) => shortage(key, { hard, used: used.get(key) ?? '0' }, added, parts) ?? [],
  );
  const title = `${namespace}/${found.name}`;
  if (short.length === 0) {
    const share = `${added.length} of ${parts.length} kinds of pods`;
    return good('quota', `${title}: what the stack adds (${share}) fits`);
  }
  return bad(
    'quota',
    `${title}: ${short.join('; ')}`,
    own === undefined
      ? 'raise that quota, which no stack defines, or lower what the stack asks for'
      : 'raise the quota under runners.quotas, or remove what else runs there',
  );
}

/** What does not fit into one limit, in words. */
function shortage(
  key: QuotaKey,
  limit: { readonly hard: string; readonly used: string },
  added: readonly Part[],
  all: readonly Part[],
): string | undefined {
  const { amount, sum, show } = measureOf(key);
  const hard = amount(limit.hard);
  const left = hard - amount(limit.used);
  if (sum(added) > left) {
    return `${key}: the stack adds up to ${show(sum(added))}, and ${show(Math.max(0, left))} of ${show(hard)} are left`;
  }
  return sum(all) > hard
    ? `${key}: the stack needs up to ${show(sum(all))} in all, and the quota is ${show(hard)}`
    : undefined;
}

/** How a quota key is read, added up and shown. */
interface Measure {
  readonly amount: (text: string) => number;
  readonly sum: (parts: readonly Part[]) => number;
  readonly show: (amount: number) => string;
}

const PODS: Measure = {
  amount: Number,
  sum: (parts) => parts.reduce((total, { count }) => total + count, 0),
  show: String,
};

function measureOf(key: QuotaKey): Measure {
  const counted = countedBy(key);
  if (counted === undefined) return PODS;
  const [side, resource] = counted;
  return {
    amount: (text) => amountOf(resource, text) ?? 0,
    sum: (parts) => totalOf(parts, side)[resource],
    show: (amount) => shownAmount(resource, amount),
  };
}
