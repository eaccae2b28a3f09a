import { closest } from 'fastest-levenshtein';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Lie, LieKind } from './lie.ts';
import { ANSWERING } from './lies/answering.ts';
import { BUCKETS } from './lies/buckets.ts';
import { CONNECTIONS } from './lies/connections.ts';
import { HIDING } from './lies/hiding.ts';
import { KEEPING } from './lies/keeping.ts';
import { LISTING } from './lies/listing.ts';
import { LOCKING } from './lies/locking.ts';
import { REFUSING } from './lies/refusing.ts';
import { RETELLING } from './lies/retelling.ts';
import { UNLOCKING } from './lies/unlocking.ts';

/** Every lie there is, by what it is about. */
export const LIES: readonly Lie[] = [
  ...ofKind('reading', [...HIDING, ...RETELLING, ...ANSWERING]),
  ...ofKind('writing', [...KEEPING, ...REFUSING]),
  ...ofKind('locking', [...LOCKING, ...UNLOCKING]),
  ...ofKind('bucket', [...BUCKETS, ...LISTING]),
  ...ofKind('connection', CONNECTIONS),
];

/**
 * The lie of that name.
 *
 * @throws Failure that names the nearest one where there is none
 */
export function lieNamed(name: string): Lie {
  const [lie] = liesNamed([name]);
  if (lie === undefined) throw new Error('a name gives a lie or fails');
  return lie;
}

/**
 * The lies of those names, in their order.
 *
 * @throws Failure that names every wrong one, and the nearest right one to each
 */
export function liesNamed(names: readonly string[]): Lie[] {
  const found = names.map((name) => LIES.find((lie) => lie.name === name));
  const wrong = names.filter((_, index) => found[index] === undefined);
  if (wrong.length === 0) return found.filter((lie) => lie !== undefined);
  const all = LIES.map((lie) => lie.name);
  const lines = wrong.map((name) => `there is no lie ${name}: did you mean ${closest(name, all)}?`);
  throw new Failure([...lines, '    flywheel store serve --list shows all'].join('\n'), EXIT.usage);
}

function ofKind(kind: LieKind, rows: readonly Omit<Lie, 'kind'>[]): Lie[] {
  return rows.map((row) => ({ ...row, kind }));
}
