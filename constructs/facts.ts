import type { IConstruct } from 'constructs';
import type { SecretRef } from '../values/secret-ref.ts';

/** How a component keeps its data and survives, stated by the construct that defines it. */
export interface ComponentFact {
  readonly component: string;
  readonly namespace: string;
  /** Replicas, as one number or as "2 to 10". */
  readonly replicas: string;
  /** What has to be lost for this component to be lost. */
  readonly failureDomain: string;
  /** Where its data is backed up, or why not. */
  readonly backup: string;
  /** True only when the component survives the loss of any one node with its data. */
  readonly highlyAvailable: boolean;
}

/** A default of hardening given up, with the reason that was written down for it. */
export interface WeakeningFact {
  readonly workload: string;
  readonly what: string;
  readonly reason: string;
}

/** Something a person should know that is neither an error nor a defect. */
export interface NoteFact {
  readonly subject: string;
  readonly note: string;
}

interface FactKinds {
  readonly component: ComponentFact;
  readonly weakening: WeakeningFact;
  readonly note: NoteFact;
  readonly warning: NoteFact;
  readonly secret: SecretRef;
}

const PREFIX = 'flywheel:';

/** States a fact about a construct, for the report that is printed after synthesis. */
export function stateFact<K extends keyof FactKinds>(
  scope: IConstruct,
  kind: K,
  fact: FactKinds[K],
): void {
  scope.node.addMetadata(`${PREFIX}${kind}`, fact);
}

/** Every fact of that kind stated at or below the construct, in the order of the tree. */
export function factsOf<K extends keyof FactKinds>(root: IConstruct, kind: K): FactKinds[K][] {
  const type = `${PREFIX}${kind}`;
  return root.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter((entry) => entry.type === type)
    .map((entry) => entry.data);
}
