import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { outdirOf } from '../config/outdir.ts';
import { EXIT } from '../console/exit-code.ts';
import { Failure } from '../console/failure.ts';

/** The file of a stack that tofu reads. */
export const STACK_FILE = 'cdk.tf.json';

/** A stack as the last synthesis left it. */
export interface PublishedStack {
  readonly name: string;
  /** Holds the JSON and its assets. */
  readonly folder: string;
  readonly json: unknown;
}

/**
 * The stacks that lie in `cdktf.out`: those that are named, or all, in the order of their names.
 *
 * @throws Failure where nothing is synthesized, or for a name that is no stack
 */
export function publishedStacks(
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): PublishedStack[] {
  const outdir = outdirOf(environment);
  const known = stacksIn(outdir);
  if (known.length === 0) {
    throw new Failure(`nothing is synthesized in ${outdir}\n    run just synth`);
  }
  for (const name of names.filter((given) => !known.includes(given))) {
    throw new Failure(
      `there is no stack ${name} in ${outdir}: did you mean ${closest(name, known)}?\n    there are ${known.join(', ')}`,
      EXIT.usage,
    );
  }
  return known
    .filter((name) => names.length === 0 || names.includes(name))
    .map((name) => {
      const folder = join(outdir, 'stacks', name);
      return { name, folder, json: readStack(join(folder, STACK_FILE)) };
    });
}

function stacksIn(outdir: string): string[] {
  const folder = join(outdir, 'stacks');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, STACK_FILE)))
    .sort();
}

function readStack(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(`${file} is not JSON: ${why}\n    run just synth`);
  }
}
