import {
  amountOf,
  COUNTED,
  type ContainerBounds,
  type Counted,
  effective,
} from '../model/amounts.ts';
import type { Container, Pod } from '../model/pod.ts';
import type { Remark, Rule } from '../rule.ts';

/** The limit of memory is what keeps one process from taking its node down. */
export const requestsAndLimits: Rule = {
  id: 'requests-and-limits',
  severity: 'error',
  meaning:
    'Every container says what CPU and memory it asks for and may use; only containers of charts and jobs may leave that to the limit range of their namespace.',
  *judge({ bounds, pods }) {
    for (const pod of pods) {
      const fallbacks = pod.origin === 'resource' ? [] : (bounds.get(pod.namespace) ?? []);
      for (const container of pod.containers) yield* judgeContainer(pod, container, fallbacks);
    }
  },
};

function* judgeContainer(
  pod: Pod,
  container: Container,
  bounds: readonly ContainerBounds[],
): Iterable<Remark> {
  const { requests, limits } = effective(container, bounds);
  const problems = COUNTED.flatMap((resource) => [
    ...problemOf(`request of ${resource}`, resource, requests[resource]),
    ...problemOf(`limit of ${resource}`, resource, limits[resource]),
    ...orderProblem(resource, requests[resource], limits[resource]),
  ]);
  if (problems.length === 0) return;
  yield {
    resource: pod.address,
    problem: `${pod.owner}, container ${container.name}: ${problems.join(', ')}`,
    remedy: 'give it requests and limits for cpu and memory, request at most limit',
  };
}

function problemOf(what: string, resource: Counted, text: string | undefined): string[] {
  if (text === undefined) return [`no ${what}`];
  return amountOf(resource, text) === undefined ? [`the ${what} "${text}" is no amount`] : [];
}

function orderProblem(
  resource: Counted,
  request: string | undefined,
  limit: string | undefined,
): string[] {
  const [asked, allowed] = [amountOf(resource, request), amountOf(resource, limit)];
  return asked !== undefined && allowed !== undefined && asked > allowed
    ? [`the request of ${request} ${resource} is above its limit of ${limit}`]
    : [];
}

/** A container above the maximum of its namespace is refused when its pod is made, long after the apply. */
export const limitRange: Rule = {
  id: 'limit-range',
  severity: 'error',
  meaning: 'No container asks for more than the limit range of its namespace lets one have.',
  *judge({ bounds, pods }) {
    for (const pod of pods) {
      for (const { address, max } of bounds.get(pod.namespace) ?? []) {
        for (const container of pod.containers) {
          const over = overMaximum(container, bounds.get(pod.namespace) ?? [], max);
          if (over.length === 0) continue;
          yield {
            resource: pod.address,
            problem: `${pod.owner}, container ${container.name}: ${over.join(', ')} of ${address}`,
            remedy: `raise the maximum of the limit range in ${pod.namespace}, or lower the limit`,
          };
        }
      }
    }
  },
};

function overMaximum(
  container: Container,
  bounds: readonly ContainerBounds[],
  max: Readonly<Record<string, string>>,
): string[] {
  const { limits } = effective(container, bounds);
  return COUNTED.flatMap((resource) => {
    const [limit, most] = [amountOf(resource, limits[resource]), amountOf(resource, max[resource])];
    return limit !== undefined && most !== undefined && limit > most
      ? [`the limit of ${limits[resource]} ${resource} is above the maximum of ${max[resource]}`]
      : [];
  });
}
