import * as z from 'zod';
import { InvalidValue } from '../values/invalid-value.ts';
import { InvalidFile } from './problem.ts';
import { brokenRule } from './schema/fields.ts';
import { checkAgainst } from './schema-problems.ts';
import { readYamlFile } from './yaml-file.ts';

/**
 * Reads a file of pins: one entry for each of the names, each made into a value.
 *
 * @throws InvalidFile with every entry that is wrong, missing or not known.
 */
export function readPins<N extends string, P extends z.ZodType, T>(
  path: string,
  names: readonly N[],
  pin: P,
  make: (parts: z.output<P>) => T,
): Readonly<Record<N, T>> {
  const entry = pin.transform((parts, context) => {
    try {
      return make(parts);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      const part = Object.entries(parts as object).find(([, value]) => value === error.value);
      const path = part === undefined ? [] : [part[0]];
      context.addIssue(brokenRule(error.rule, error.remedy, error.value, path));
      return z.NEVER;
    }
  });
  const schema = z.strictObject(Object.fromEntries(names.map((name) => [name, entry])));
  const result = checkAgainst(schema, readYamlFile(path));
  if ('problems' in result) throw new InvalidFile(result.problems.map(({ problem }) => problem));
  return result.value as Record<N, T>;
}
