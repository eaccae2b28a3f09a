import { cpus, totalmem } from 'node:os';

/** What one run of a program costs. */
export interface Measurement {
  /** Defining and synthesizing, without starting the program. */
  readonly workMs: number;
  /** The whole process. */
  readonly processMs: number;
  readonly peakMiB: number;
}

/** The peak memory of this process so far. */
export function peakMiB(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** The middle of several runs, which one disturbed run does not move. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The machine that the figures were taken on. */
export function machineLine(): string {
  const [cpu] = cpus();
  return `${cpus().length} x ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, node ${process.version}`;
}
