import type { StateFacts } from '../state/state-document.ts';

/** The last state of a stack that was proved: what a witness remembers. */
export interface StateMark {
  readonly lineage: string;
  readonly serial: number;
  /** SHA-256 of the state's bytes, in hexadecimal digits. */
  readonly hash: string;
  /** When it was proved, in ISO 8601. */
  readonly at: string;
  /** Who proved it: a user and a machine, or a job of a pipeline. */
  readonly by: string;
}

/** How a state that was read stands to the one that is remembered. */
export type Standing =
  /** The same serial and the same bytes. */
  | 'same'
  /** The same lineage and a higher serial: somebody else has applied. */
  | 'newer'
  /** The same lineage and a lower serial. */
  | 'rolled-back'
  /** The same lineage and serial, and other bytes: two histories. */
  | 'forked'
  | 'other-lineage'
  /** Nothing is remembered to compare with. */
  | 'unwitnessed';

/** Compares a state with what is remembered of it. */
export function standingOf(
  state: Pick<StateFacts, 'hash' | 'lineage' | 'serial'>,
  mark: Pick<StateMark, 'hash' | 'lineage' | 'serial'> | undefined,
): Standing {
  if (mark === undefined) return 'unwitnessed';
  if (state.lineage !== mark.lineage) return 'other-lineage';
  if (state.serial > mark.serial) return 'newer';
  if (state.serial < mark.serial) return 'rolled-back';
  return state.hash === mark.hash ? 'same' : 'forked';
}

/** The mark that a state leaves with a witness. */
export function markOf(
  { lineage, serial, hash }: Pick<StateFacts, 'hash' | 'lineage' | 'serial'>,
  by: string,
  at: Date = new Date(),
): StateMark {
  return { lineage, serial, hash, by, at: at.toISOString() };
}
