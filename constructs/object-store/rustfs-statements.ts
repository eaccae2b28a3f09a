import type { IConstruct } from 'constructs';
import { stateFact } from '../facts.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import type { BucketRequest } from './bucket-request.ts';

/** What a store of one server is asked to be. */
export interface StoreClaims {
  readonly namespace: ManagedNamespace;

  readonly name: string;

  /** Its buckets, each of another purpose. */
  readonly buckets: readonly BucketRequest[];

  /**
   * It holds the state of the stacks, so the apply waits until it is ready again.
   *
   * When that wait fails the provider leaves a record that it cannot refresh: repeat the apply with `-refresh=false`.
   *
   * @default false
   * @see https://github.com/hashicorp/terraform-provider-kubernetes/issues/2859
   */
  readonly holdsState?: boolean;

  /** What the settings claim. It is written where the rules see it, and changes nothing else. @default false */
  readonly claimedHighlyAvailable?: boolean;
}

/** What the rules over the synthesized result read from the workload. */
export function storeAnnotations(
  { holdsState = false, claimedHighlyAvailable = false }: StoreClaims,
  failureDomain: string,
): Record<string, string> {
  return {
    'flywheel/availability': claimedHighlyAvailable ? 'ha' : 'interim',
    'flywheel/failure-domain': failureDomain,
    ...(holdsState ? { 'flywheel/state-store': 'true' } : {}),
  };
}

/** What the report says of the store. One server on one volume is never highly available. */
export function stateStoreFacts(
  scope: IConstruct,
  { name, namespace, holdsState = false, buckets }: StoreClaims,
  failureDomain: string,
): void {
  const versioned = buckets.find(({ purpose }) => purpose === 'state')?.name;
  stateFact(scope, 'component', {
    component: name,
    namespace: namespace.name,
    replicas: '1',
    failureDomain,
    backup:
      versioned === undefined
        ? 'none'
        : `none; old versions of ${versioned} lie on the same volume`,
    highlyAvailable: false,
  });
  if (!holdsState) return;
  stateFact(scope, 'note', {
    subject: name,
    note: 'this stack holds its own state store: a change that restarts the store interrupts the apply that makes it',
  });
}
