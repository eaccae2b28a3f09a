import { EXIT, type ExitCode, gravest } from '../../console/exit-code.ts';
import type { Standing } from '../witness/state-mark.ts';
import type { StackEvidence, StoredEvidence } from './evidence.ts';

/** One of the three places, in the order in which they count: code, state, cluster. */
export interface StatusLine {
  readonly place: 'declared' | 'live' | 'state';
  readonly exitCode: ExitCode;
  readonly text: string;
  /** What differs from the place before. */
  readonly details: readonly string[];
}

/** A stack side by side. */
export interface StackStatus {
  readonly stack: string;
  readonly exitCode: ExitCode;
  readonly lines: readonly StatusLine[];
}

/** Of what is remembered: what the state is where it is not the same. */
const STANDINGS: Readonly<Record<Standing, { code: ExitCode; words: string }>> = {
  same: { code: EXIT.good, words: 'as it was proved' },
  newer: { code: EXIT.good, words: 'newer than what was proved' },
  unwitnessed: { code: EXIT.unknown, words: 'which nobody has proved yet' },
  forked: { code: EXIT.bad, words: 'not the one of this serial that was proved' },
  'other-lineage': { code: EXIT.bad, words: 'of another history than the one that was proved' },
  'rolled-back': { code: EXIT.bad, words: 'older than what was proved' },
};

/** Holds the three places against each other. What is not known is never good. */
export function judgeStatus(evidence: StackEvidence): StackStatus {
  const { stack, declared } = evidence;
  const lines: StatusLine[] = [
    line('declared', EXIT.good, `${declared.length} resources in the synthesized stack`),
    stateLine(evidence),
    liveLine(evidence),
  ];
  return { stack, exitCode: gravest(lines.map(({ exitCode }) => exitCode)), lines };
}

function stateLine({ stack, declared, stored }: StackEvidence): StatusLine {
  if (stored.kind === 'not-known') return notKnown('state', stored.because);
  if (stored.kind === 'none') {
    return stored.remembered === undefined
      ? line('state', EXIT.bad, `none ${stored.place}, and none was ever seen`, [
          `just bootstrap makes it, or just tofu-deploy ${stack} --first-run`,
        ])
      : line(
          'state',
          EXIT.bad,
          `none ${stored.place}, and serial ${stored.remembered.serial} is remembered`,
          [`hidden or lost: just tofu-state-authority-deep-check ${stack}`],
        );
  }
  return storedLine(declared, stored);
}

function storedLine(declared: readonly string[], stored: StoredEvidence): StatusLine {
  const { place, serial, addresses, standing } = stored;
  const { code, words } = STANDINGS[standing];
  if (addresses === undefined) {
    const text = `serial ${serial} ${place}, ${words}; encrypted, so what it holds is not seen`;
    return line('state', gravest([code, EXIT.unknown]), text);
  }
  const held = new Set(addresses);
  const known = new Set(declared);
  const details = [
    ...declared.filter((address) => !held.has(address)).map((address) => `not in it: ${address}`),
    ...addresses
      .filter((address) => !known.has(address))
      .map((address) => `not declared: ${address}`),
  ];
  const exitCode = details.length > 0 ? EXIT.bad : code;
  return line(
    'state',
    exitCode,
    `serial ${serial} ${place}, ${addresses.length} resources, ${words}`,
    details,
  );
}

function liveLine({ live }: StackEvidence): StatusLine {
  if (live.kind === 'not-known') return notKnown('live', live.because);
  const there = live.objects - live.missing.length;
  return line(
    'live',
    live.missing.length > 0 ? EXIT.bad : EXIT.good,
    `${there} of ${live.objects} objects are in the cluster`,
    live.missing.map((title) => `not there: ${title}`),
  );
}

function notKnown(place: StatusLine['place'], because: string): StatusLine {
  const [first = '', ...more] = because.split('\n');
  return line(
    place,
    EXIT.unknown,
    `not known: ${first}`,
    more.map((each) => each.trim()),
  );
}

function line(
  place: StatusLine['place'],
  exitCode: ExitCode,
  text: string,
  details: readonly string[] = [],
): StatusLine {
  return { place, exitCode, text, details };
}
