import { type Dimension, Quantity, sum } from '../../values/quantity.ts';
import type { Resources } from '../../values/resources.ts';
import type { NamespaceQuota } from '../namespace/managed-namespace.ts';

const DIMENSIONS = ['cpu', 'memory'] as const;

/** What pods ask for and may use together, in the terms of a quota. */
export type Demand = NamespaceQuota;

/** One pod of these containers, which all run at the same time. */
export function podDemand(containers: readonly Resources[]): Demand {
  return { ...added(containers), pods: 1 };
}

/** Several times the same pods. */
export function timesDemand(demand: Demand, count: number): Demand {
  const times = (amounts: Demand['requests']) => ({
    cpu: amounts.cpu.times(count),
    memory: amounts.memory.times(count),
  });
  return {
    requests: times(demand.requests),
    limits: times(demand.limits),
    pods: demand.pods * count,
  };
}

/** Everything together. */
export function totalDemand(demands: readonly Demand[]): Demand {
  return { ...added(demands), pods: demands.reduce((total, { pods }) => total + pods, 0) };
}

/** The most that any one of the containers may use, which a limit range has to allow. */
export function largestLimits(
  containers: readonly Resources[],
): Record<(typeof DIMENSIONS)[number], Quantity> {
  const largest = (dimension: (typeof DIMENSIONS)[number]) =>
    containers
      .map(({ limits }) => limits[dimension])
      .reduce((most, next) => (next.exceeds(most) ? next : most), Quantity.zero(dimension));
  return { cpu: largest('cpu'), memory: largest('memory') };
}

function added(items: readonly Pick<Demand, 'requests' | 'limits'>[]) {
  const of = (part: 'requests' | 'limits') => {
    const total = (dimension: Dimension & ('cpu' | 'memory')) =>
      sum(
        dimension,
        items.map((item) => item[part][dimension]),
      );
    return { cpu: total('cpu'), memory: total('memory') };
  };
  return { requests: of('requests'), limits: of('limits') };
}
