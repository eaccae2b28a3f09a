import { stripVTControlCharacters } from 'node:util';
import { complaintOf, type TofuResult } from '../../operations/tofu/run-tofu.ts';
import type { Finding } from '../finding.ts';
import type { Declaration } from '../gateway/gateway-options.ts';

/** How a run of tofu ended, and what the store did meanwhile. */
export interface GuardedRun extends TofuResult {
  readonly findings: readonly Finding[];
}

/** Tofu in the folder of one stack, with its state behind the gateway. */
export interface GuardedTofu {
  /** Where it runs: what lies there beside the JSON of the stack, it reads as well. */
  readonly folder: string;
  run(args: readonly string[], declaration: Declaration): Promise<GuardedRun>;
}

/** What tofu says went wrong, as one line. Its commands on the state know no flag that would take the colours out. */
export function complaint({ code, stdout, stderr }: TofuResult): string {
  const plain = stripVTControlCharacters;
  return complaintOf({ code, stdout: plain(stdout), stderr: plain(stderr) });
}
