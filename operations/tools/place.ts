import { resolve } from 'node:path';

/** Where tools are pinned, built and looked for. */
export interface Place {
  /** The folder of pins, one folder for each tool. */
  readonly modules: string;
  /** The folder of what is built, which Git ignores. */
  readonly built: string;
  /** Where PATH is found, and what compilers are given. */
  readonly environment: NodeJS.ProcessEnv;
  /** How long a program on PATH may take to say its version, in milliseconds. @default 5000 */
  readonly patienceMs?: number;
}

/** The place of this checkout. */
export function thisCheckout(environment: NodeJS.ProcessEnv = process.env): Place {
  return { modules: resolve('tools'), built: resolve('.tools'), environment };
}
