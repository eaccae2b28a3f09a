import type { Finding } from '../../finding.ts';
import { LOCKING } from './locking.ts';
import { READING } from './reading.ts';
import { STORE } from './store.ts';
import { WRITING } from './writing.ts';

/** What the sentences of a finding are filled with. */
export interface FindingFacts {
  readonly stack: string;
  readonly bucket: string;
  /** What the run knows of the state, in words. */
  readonly remembered: string;
  /** What was seen this time, in words. */
  readonly seen: string;
}

/** Everything that a gateway can find. */
export const FINDINGS = { ...READING, ...WRITING, ...LOCKING, ...STORE } as const;

/** The code of one of them. */
export type FindingCode = keyof typeof FINDINGS;

/** A finding with its sentences. */
export function findingOf(
  code: FindingCode,
  request: string,
  facts: FindingFacts,
  kept?: string,
): Finding {
  const [exitCode, did, expected, remedy] = FINDINGS[code];
  return {
    code,
    request,
    did: filled(did, facts),
    expected: filled(expected, facts),
    ...(kept === undefined ? {} : { kept }),
    remedy: filled(remedy, facts),
    exitCode,
  };
}

/** Functions in place of texts, so that nothing in a fact is taken for a pattern. */
function filled(sentence: string, facts: FindingFacts): string {
  return sentence
    .replaceAll('{stack}', () => facts.stack)
    .replaceAll('{bucket}', () => facts.bucket)
    .replaceAll('{remembered}', () => facts.remembered)
    .replaceAll('{seen}', () => facts.seen);
}
