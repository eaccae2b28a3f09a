import { asObject, asObjects, asText, at, sameJson } from '../../policy/model/json.ts';
import { sha256 } from '../store/signature.ts';

/** What two states hold differently, by address. Values are never told: they may be secret. */
export interface StateDifference {
  readonly onlyFirst: readonly string[];
  readonly onlySecond: readonly string[];
  /** In both, and not the same. */
  readonly changed: readonly string[];
  /** Names of outputs that are not the same. */
  readonly outputs: readonly string[];
}

/** An instance of a managed resource in a state. */
export interface StateInstance {
  readonly address: string;
  readonly type: string;
  /** The value of its attribute `id`, where it has one. */
  readonly id: string | undefined;
  /** A hash of all that the state holds of it. */
  readonly content: string;
}

/** A state as `tofu state pull` prints it; undefined where there is none, or it is encrypted. */
export function parsedState(bytes: Uint8Array | string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return Array.isArray(at(value, 'resources')) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The instances of managed resources that a state holds, deposed ones under the address of the one that replaces them. */
export function instancesOf(state: unknown): StateInstance[] {
  return asObjects(at(state, 'resources'))
    .filter(({ mode }) => mode === 'managed')
    .flatMap(({ module, type, name, instances }) =>
      asObjects(instances).map((instance) => {
        const inside = asText(module) === undefined ? '' : `${asText(module)}.`;
        const key = instance.index_key;
        return {
          address: `${inside}${type}.${name}${key === undefined ? '' : `[${JSON.stringify(key)}]`}`,
          type: asText(type) ?? '',
          id: asText(at(instance, 'attributes', 'id')),
          content: sha256(canonical(instance)),
        };
      }),
    );
}

/** Compares what two states hold, whatever their serials are. */
export function differenceOf(first: unknown, second: unknown): StateDifference {
  const [mine, theirs] = [contents(first), contents(second)];
  const [given, kept] = [asObject(at(first, 'outputs')), asObject(at(second, 'outputs'))];
  const names = [...new Set([...Object.keys(given), ...Object.keys(kept)])].sort();
  return {
    onlyFirst: [...mine.keys()].filter((address) => !theirs.has(address)).sort(),
    onlySecond: [...theirs.keys()].filter((address) => !mine.has(address)).sort(),
    changed: [...mine]
      .filter(([address, content]) => theirs.has(address) && theirs.get(address) !== content)
      .map(([address]) => address)
      .sort(),
    outputs: names.filter((name) => !sameJson(given[name], kept[name])),
  };
}

/** True when two states hold the same. */
export function holdSame({ onlyFirst, onlySecond, changed, outputs }: StateDifference): boolean {
  return onlyFirst.length + onlySecond.length + changed.length + outputs.length === 0;
}

function contents(state: unknown): Map<string, string> {
  const found = new Map<string, string>();
  for (const { address, content } of instancesOf(state)) {
    found.set(address, [...(found.get(address)?.split('\n') ?? []), content].sort().join('\n'));
  }
  return found;
}

/** JSON whose text does not depend on the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
