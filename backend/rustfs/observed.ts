import { Failure } from '../../console/failure.ts';
import { StoreTrouble } from '../store/store-trouble.ts';

/** Something that was looked at: what was seen, or why nothing was. */
export type Observed<T> = { readonly seen: T } | { readonly notSeen: string };

/** It was seen. */
export function seen<T>(value: T): Observed<T> {
  return { seen: value };
}

/** It was not, because of this. */
export function notSeen(because: string): { readonly notSeen: string } {
  return { notSeen: because };
}

/** What was seen, or undefined. */
export function seenIn<T>(observed: Observed<T>): T | undefined {
  return 'seen' in observed ? observed.seen : undefined;
}

/** Looks, and says why it could not. Only what the world refuses is caught: a mistake of the program stays one. */
export async function observe<T>(look: () => Promise<T>): Promise<Observed<T>> {
  try {
    return seen(await look());
  } catch (error) {
    if (error instanceof Failure || error instanceof StoreTrouble) {
      return notSeen(error.message.split('\n')[0] ?? '');
    }
    throw error;
  }
}
