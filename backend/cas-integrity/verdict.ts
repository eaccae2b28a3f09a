import { EXIT, type ExitCode, gravest } from '../../console/exit-code.ts';
import type { Digest } from './digest.ts';
import type { Evidence } from './evidence.ts';
import type { FaultKind } from './undecodable.ts';

/**
 * What a blob is in one place:
 *
 * - `good`: its decoded bytes have the hash that is its name, and the size that was given;
 * - `truncated`, `damaged`, `wrong-size`, `no-header`: they have not, and where it began;
 * - `asked-wrong`: it is whole, and has another size than was asked for;
 * - `missing`: it is not there;
 * - `unknown`: nothing was learned.
 */
export type Status =
  | 'good'
  | 'truncated'
  | 'damaged'
  | 'wrong-size'
  | 'no-header'
  | 'asked-wrong'
  | 'missing'
  | 'unknown';

/** What one look at one blob came to. */
export interface Verdict {
  readonly status: Status;
  /** For people; continues "it". */
  readonly detail: string;
  /** Decoded bytes, where all were decoded. */
  readonly size?: number;
  /** What the bytes hash to, where that is not the name. */
  readonly decodesTo?: string;
  /** How far the object was read as it lies there, where it could not be read to the end. */
  readonly at?: number;
}

const BY_FAULT: Readonly<Record<FaultKind, Status>> = {
  truncated: 'truncated',
  damaged: 'damaged',
  header: 'no-header',
  beyond: 'unknown',
};

/** What a verdict means for a script. Whatever is missing or not known is not good. */
export const EXIT_CODES: Readonly<Record<Status, ExitCode>> = {
  good: EXIT.good,
  truncated: EXIT.bad,
  damaged: EXIT.bad,
  'wrong-size': EXIT.bad,
  'no-header': EXIT.bad,
  'asked-wrong': EXIT.bad,
  missing: EXIT.unknown,
  unknown: EXIT.unknown,
};

/** Whether there is something to be mended. */
export function isBad({ status }: Pick<Verdict, 'status'>): boolean {
  return EXIT_CODES[status] === EXIT.bad;
}

/** Judges what was found of a blob, by nothing but its decoded bytes. */
export function judge({ hash, size: asked }: Digest, evidence: Evidence): Verdict {
  switch (evidence.seen) {
    case 'absent':
      return { status: 'missing', detail: 'is not there' };
    case 'nothing':
      return { status: 'unknown', detail: `could not be read: ${evidence.because}` };
    case 'cut': {
      const detail = `breaks off at byte ${evidence.at}, and not there when it is read again: the connection was cut`;
      return { status: 'unknown', detail, at: evidence.at };
    }
    case 'faulty': {
      const { kind, at, why } = evidence.fault;
      return { status: BY_FAULT[kind], detail: why, at };
    }
    case 'whole':
      return judgeWhole({ hash, size: asked }, evidence);
  }
}

function judgeWhole(
  { hash: name, size: asked }: Digest,
  { hash, size, claimed }: Extract<Evidence, { seen: 'whole' }>,
): Verdict {
  if (hash !== name) {
    return { status: 'damaged', detail: `decodes to another hash, ${hash}`, size, decodesTo: hash };
  }
  if (claimed !== undefined && claimed !== size) {
    const detail = `decodes to the right ${size} bytes, and its header says ${claimed}: a server sends so many`;
    return { status: 'wrong-size', detail, size };
  }
  if (asked !== undefined && asked !== size) {
    const detail = `is whole and has ${size} bytes, not the ${asked} that were asked for`;
    return { status: 'asked-wrong', detail, size };
  }
  return { status: 'good', detail: `decodes to its hash, ${size} bytes`, size };
}

/** The worst of several verdicts, for a script: bad outweighs what is not known, and without any nothing is known. */
export function exitCodeOf(statuses: Iterable<Status>): ExitCode {
  const codes = [...statuses].map((status) => EXIT_CODES[status]);
  return codes.length === 0 ? EXIT.unknown : gravest(codes);
}
