import { InvalidValue } from '../../values/invalid-value.ts';
import { type Dimension, Quantity } from '../../values/quantity.ts';
import { groupBy } from './grouping.ts';
import { asObjects, asTextMap } from './json.ts';
import { type KubernetesObject, specOf } from './kubernetes-object.ts';
import type { Container, Pod } from './pod.ts';

/** The resources that are counted. */
export const COUNTED = ['cpu', 'memory'] as const satisfies readonly Dimension[];

/** A resource that is counted. */
export type Counted = (typeof COUNTED)[number];

/** Thousandths of a core and bytes. */
export type Amounts = Readonly<Record<Counted, number>>;

/** What a container or pod asks for, and what it may use at most. */
export interface Demand {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** What a namespace gives to containers that say nothing, and the most that one may say. */
export interface ContainerBounds {
  readonly address: string;
  readonly defaultRequest: Readonly<Record<string, string>>;
  readonly default: Readonly<Record<string, string>>;
  readonly max: Readonly<Record<string, string>>;
}

export const NOTHING: Amounts = { cpu: 0, memory: 0 };

const amounts = new Map<string, number | undefined>();

/** An amount in its smallest unit, or undefined for text that is none. */
export function amountOf(dimension: Counted, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const key = `${dimension} ${text}`;
  if (!amounts.has(key)) amounts.set(key, parse(dimension, text));
  return amounts.get(key);
}

function parse(dimension: Counted, text: string): number | undefined {
  try {
    return Quantity.parse(dimension, text).amount;
  } catch (error) {
    if (error instanceof InvalidValue) return undefined;
    throw error;
  }
}

/** An amount for people: 12.5 CPU, 96 GiB. */
export function shownAmount(dimension: Counted, amount: number): string {
  const [unit, size] = dimension === 'cpu' ? ['CPU', 1000] : ['GiB', 2 ** 30];
  return `${Number((amount / size).toFixed(2))} ${unit}`;
}

/** What the limit ranges say of containers, by namespace. */
export type Bounds = ReadonlyMap<string, readonly ContainerBounds[]>;

/** Reads the limit ranges of all namespaces. */
export function readBounds(limitRanges: readonly KubernetesObject[]): Bounds {
  const byNamespace = groupBy(limitRanges, ({ namespace }) => namespace);
  return new Map([...byNamespace].map(([name, ranges]) => [name, ranges.flatMap(boundsOf)]));
}

function boundsOf(object: KubernetesObject): ContainerBounds[] {
  return asObjects(specOf(object, 'limits'))
    .filter(({ type }) => type === 'Container')
    .map((limit) => ({
      address: object.address,
      defaultRequest: asTextMap(limit.defaultRequest),
      default: asTextMap(limit.default),
      max: asTextMap(limit.max),
    }));
}

/** What a container gets in the end: its own words, then those of the namespace, as the API server fills them in. */
export function effective(
  { requests, limits }: Container,
  bounds: readonly ContainerBounds[],
): {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
} {
  const [fallback] = bounds;
  const allLimits = { ...fallback?.default, ...limits };
  return {
    requests: { ...allLimits, ...fallback?.defaultRequest, ...limits, ...requests },
    limits: allLimits,
  };
}

/**
 * What a pod asks for: its containers together, or the largest step of its initialization when that is more. Sidecars run
 * through both.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export function demandOf(pod: Pod, bounds: readonly ContainerBounds[]): Demand {
  let together = NO_DEMAND;
  let step = NO_DEMAND;
  for (const container of pod.containers) {
    const own = containerDemand(container, bounds);
    if (container.role === 'init') step = combine(Math.max, step, combine(add, together, own));
    else together = combine(add, together, own);
  }
  return combine(Math.max, together, step);
}

const NO_DEMAND: Demand = { requests: NOTHING, limits: NOTHING };
const add = (left: number, right: number) => left + right;

function containerDemand(container: Container, bounds: readonly ContainerBounds[]): Demand {
  const { requests, limits } = effective(container, bounds);
  return { requests: readAmounts(requests), limits: readAmounts(limits) };
}

function readAmounts(texts: Readonly<Record<string, string>>): Amounts {
  return {
    cpu: amountOf('cpu', texts.cpu) ?? 0,
    memory: amountOf('memory', texts.memory) ?? 0,
  };
}

function combine(
  operation: (left: number, right: number) => number,
  left: Demand,
  right: Demand,
): Demand {
  const both = (part: keyof Demand): Amounts => ({
    cpu: operation(left[part].cpu, right[part].cpu),
    memory: operation(left[part].memory, right[part].memory),
  });
  return { requests: both('requests'), limits: both('limits') };
}
