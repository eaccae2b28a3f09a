import { ask } from './on-path.ts';
import type { Place } from './place.ts';
import type { Saying } from './programs.ts';

/** The version that a program says it has, or why it is not known, as the rest of a sentence about it. */
export type Said = { readonly version: string } | { readonly unknown: string };

/** Asks a program for its version. It is given nothing else of the environment: settings could mislead it, and Secrets are not its. */
export async function askVersion(
  path: string,
  { args, pattern }: Saying,
  { environment, patienceMs }: Place,
): Promise<Said> {
  const { PATH, HOME } = environment;
  const { text, failure } = await ask(path, args, { PATH, HOME }, patienceMs);
  if (failure !== undefined) return { unknown: `${failure} when asked for its version` };
  const version = pattern.exec(text)?.[1];
  return version === undefined ? { unknown: 'does not say its version' } : { version };
}
