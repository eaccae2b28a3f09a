/**
 * The value under a key that a person wrote, or undefined where the record has none.
 *
 * A plain index would also find what every object inherits: `constructor` and `toString` are words that people write.
 */
export function ownValue<T>(
  record: Readonly<Record<PropertyKey, T>>,
  key: PropertyKey,
): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
