import { z } from 'zod';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { type StateMark, standingOf } from './state-mark.ts';

/** What one half of a witness keeps of a stack. */
export interface WitnessRecord {
  readonly mark: StateMark;
  /**
   * How often a person has made another state the truth. The higher one wins whatever the serials say: otherwise a machine
   * that has not heard of it would bring back what was given up.
   */
  readonly accepted: number;
}

const schema = z.strictObject({
  stack: z.string(),
  lineage: z.string().min(1),
  serial: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  by: z.string(),
  accepted: z.int().min(0),
});

/** A record as the text that is kept: JSON on lines, for people too. */
export function recordText(stack: string, { mark, accepted }: WitnessRecord): string {
  const { lineage, serial, hash, at, by } = mark;
  return `${JSON.stringify({ stack, lineage, serial, hash, at, by, accepted }, undefined, 2)}\n`;
}

/** Reads a record; undefined when the text is none, or that of another stack. */
export function readRecord(stack: string, text: string): WitnessRecord | undefined {
  const { success, data } = schema.safeParse(jsonOf(text));
  if (!success || data.stack !== stack) return undefined;
  const { accepted, lineage, serial, hash, at, by } = data;
  return { accepted, mark: { lineage, serial, hash, at, by } };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A mark that would take a witness back. */
export class WitnessRefusal extends Failure {
  constructor(message: string) {
    super(message, EXIT.bad);
    this.name = 'WitnessRefusal';
  }
}

/**
 * Whether a record is to take the place of the one that is kept: false when the same is there already.
 *
 * @throws WitnessRefusal when that would take the witness back, or to another history
 */
export function replaces(
  stack: string,
  next: WitnessRecord,
  kept: WitnessRecord | undefined,
): boolean {
  if (kept === undefined || next.accepted > kept.accepted) return true;
  const standing = next.accepted < kept.accepted ? 'given-up' : standingOf(next.mark, kept.mark);
  if (standing === 'newer') return true;
  if (standing === 'same') return false;
  throw new WitnessRefusal(
    `the witness of ${stack} does not take ${markText(next.mark)}: ${REFUSALS[standing]}\n    it remembers ${markText(kept.mark)}, proved at ${kept.mark.at} by ${kept.mark.by}`,
  );
}

const REFUSALS = {
  'given-up': 'a person has accepted another state since',
  'rolled-back': 'that is older than what it remembers',
  forked: 'that is another state with the same serial',
  'other-lineage': 'that is another lineage',
  unwitnessed: 'nothing is remembered',
} as const;

/** A mark in a few words. */
export function markText({ lineage, serial }: Pick<StateMark, 'lineage' | 'serial'>): string {
  return `serial ${serial} of lineage ${lineage}`;
}
