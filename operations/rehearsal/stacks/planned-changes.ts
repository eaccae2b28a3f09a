import {
  asObject,
  asObjects,
  asText,
  asTexts,
  at,
  type JsonObject,
} from '../../../policy/model/json.ts';

/** What a plan would do to one resource. */
export interface PlannedChange {
  /** Type and name, without the hash of the address: `deployment nix-cache/attic`. */
  readonly resource: string;
  readonly does: 'in place' | 'replaced' | 'created' | 'destroyed';
}

/**
 * Types whose objects hold data, or stand around those that do: what replaces one loses something. Volumes, databases and
 * namespaces are objects inside of releases.
 */
const STATEFUL = /^(helm_release|persistent_volume_claim|stateful_set|storage_class|namespace) /;

/** The changes of a plan, as `tofu show -json` prints it, in the order of their names. */
export function changesIn(plan: unknown): PlannedChange[] {
  return asObjects(at(plan, 'resource_changes'))
    .filter(({ mode }) => mode === 'managed')
    .flatMap((resource): PlannedChange[] => {
      const actions = asTexts(at(resource, 'change', 'actions'));
      const does = doing(actions);
      return does === undefined ? [] : [{ resource: titleOf(resource), does }];
    })
    .sort((one, other) => (one.resource < other.resource ? -1 : 1));
}

/** True when the resource holds what a replacement would lose. */
export function isStateful({ resource }: PlannedChange): boolean {
  return STATEFUL.test(resource);
}

function doing(actions: readonly string[]): PlannedChange['does'] | undefined {
  if (actions.includes('create') && actions.includes('delete')) return 'replaced';
  if (actions.includes('create')) return 'created';
  if (actions.includes('delete')) return 'destroyed';
  return actions.includes('update') ? 'in place' : undefined;
}

function titleOf({ type, change }: JsonObject): string {
  const values = asObject(at(change, 'before') ?? at(change, 'after'));
  const [metadata] = asObjects(values.metadata);
  const name = asText(metadata?.name) ?? asText(values.name) ?? '';
  const namespace = asText(metadata?.namespace) ?? asText(values.namespace);
  const short = String(type).replaceAll(/^kubernetes_|_v\d+$/g, '');
  return `${short} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
