import { EXIT, type ExitCode } from '../../console/exit-code.ts';

/** What came of one proof. What could not be tried is neither proved nor refuted. */
export interface ProofResult {
  readonly outcome: 'not-run' | 'proved' | 'refuted';
  /** What was seen, or why nothing was. */
  readonly detail: string;
}

/** One thing that a store does, or does not. */
export interface Proof extends ProofResult {
  /** A stable word for machines, such as `conditional-create`. */
  readonly name: string;
  /** `must`: a state is not safe without it. `should`: it costs something else. */
  readonly weight: 'must' | 'should';
  /** What is claimed, for people. */
  readonly claim: string;
}

/** The store does it. */
export function proved(detail: string): ProofResult {
  return { outcome: 'proved', detail };
}

/** The store was seen not to do it. */
export function refuted(detail: string): ProofResult {
  return { outcome: 'refuted', detail };
}

/** Nobody could try. */
export function notRun(because: string): ProofResult {
  return { outcome: 'not-run', detail: because };
}

/** 2 when something that must be is refuted, 1 when it could not be tried, 3 when only something lesser is missing. */
export function proofsExitCode(proofs: readonly Proof[]): ExitCode {
  const musts = proofs.filter(({ weight }) => weight === 'must');
  if (musts.some(({ outcome }) => outcome === 'refuted')) return EXIT.bad;
  if (musts.some(({ outcome }) => outcome === 'not-run')) return EXIT.unknown;
  return proofs.some(({ outcome }) => outcome === 'refuted') ? EXIT.degraded : EXIT.good;
}
