import { InvalidValue } from './invalid-value.ts';
import { Quantity } from './quantity.ts';

/** What one container asks for and may never exceed. */
export interface Resources {
  readonly requests: ResourceAmounts;
  readonly limits: ResourceAmounts;
}

/** Amounts of one container; `ephemeral` is what it may write outside of volumes. */
export interface ResourceAmounts {
  readonly cpu: Quantity;
  readonly memory: Quantity;
  readonly ephemeral?: Quantity | undefined;
}

/**
 * Resources written in the notation of Kubernetes, request before limit.
 *
 * @throws InvalidValue when a request exceeds its limit.
 */
export function resources(
  cpu: readonly [request: string, limit: string],
  memory: readonly [request: string, limit: string],
  ephemeral?: readonly [request: string, limit: string],
): Resources {
  const amounts = (index: 0 | 1): ResourceAmounts => ({
    cpu: Quantity.parse('cpu', cpu[index]),
    memory: Quantity.parse('memory', memory[index]),
    ...(ephemeral === undefined ? {} : { ephemeral: Quantity.parse('storage', ephemeral[index]) }),
  });
  return requireOrdered({ requests: amounts(0), limits: amounts(1) });
}

/**
 * The resources themselves when no request exceeds its limit.
 *
 * @throws InvalidValue naming the first resource where one does.
 */
export function requireOrdered(given: Resources): Resources {
  const [excess] = excessiveRequests(given);
  if (excess === undefined) return given;
  const { name, request, limit } = excess;
  throw new InvalidValue(
    String(request),
    `request at most the limit of ${limit} ${name}`,
    'raise the limit or lower the request',
  );
}

/** Every resource of which more is requested than the limit allows. */
export function excessiveRequests({ requests, limits }: Resources) {
  return (['cpu', 'memory', 'ephemeral'] as const).flatMap((name) => {
    const request = requests[name];
    const limit = limits[name];
    const exceeds = request !== undefined && limit !== undefined && request.exceeds(limit);
    return exceeds ? [{ name, request, limit }] : [];
  });
}

/** The amounts under the names Kubernetes gives them. */
export function resourceMap(amounts: ResourceAmounts): Record<string, string> {
  return {
    cpu: String(amounts.cpu),
    memory: String(amounts.memory),
    ...(amounts.ephemeral === undefined ? {} : { 'ephemeral-storage': String(amounts.ephemeral) }),
  };
}
