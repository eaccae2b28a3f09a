import type { BodyMeasure } from './evidence.ts';
import type { FindingKind } from './finding.ts';
import type { Narinfo } from './narinfo.ts';
import { hashText } from './nix-hash.ts';

/** What is wrong with a body, by one word and in a sentence. */
export interface BodyFinding {
  readonly kind: FindingKind;
  readonly problem: string;
}

interface Comparison {
  readonly body: BodyMeasure;
  readonly narinfo: Narinfo;
  readonly isFileHashRight: boolean;
  readonly isFileSizeRight: boolean;
  readonly isNarHashRight: boolean;
  readonly isNarSizeRight: boolean;
}

/** The first of these that finds something has found what is wrong: those before it explain those after it. */
const FINDERS: readonly ((comparison: Comparison) => BodyFinding | undefined)[] = [
  cutOff,
  narinfoLies,
  unsupported,
  endless,
  truncated,
  anotherArchive,
  damaged,
];

/** Compares what came with what the narinfo says, and names what is wrong; undefined when nothing is. */
export function classifyBody(body: BodyMeasure, narinfo: Narinfo): BodyFinding | undefined {
  const { fileHash, fileSize, narHash, narSize } = narinfo;
  const comparison = {
    body,
    narinfo,
    isFileHashRight: fileHash === undefined || fileHash.digest.equals(body.digest),
    isFileSizeRight: fileSize === undefined || fileSize === body.received,
    isNarHashRight: narHash.digest.equals(body.nar.digest),
    isNarSizeRight: narSize === body.nar.size,
  };
  for (const find of FINDERS) {
    const finding = find(comparison);
    if (finding !== undefined) return finding;
  }
  return undefined;
}

function cutOff({ body, narinfo }: Comparison): BodyFinding | undefined {
  if (body.cutOff === undefined) return undefined;
  const { received, firstReceived } = body;
  const before = firstReceived === undefined ? '' : `, and at byte ${firstReceived} before`;
  return {
    kind: 'body-truncated',
    problem: `the connection was cut off at byte ${received}${lackOf(body, narinfo)}${before}${archiveEnd(body, narinfo)}`,
  };
}

function narinfoLies(comparison: Comparison): BodyFinding | undefined {
  const { body, narinfo, isFileHashRight, isFileSizeRight } = comparison;
  if (!isWhole(comparison) || (isFileHashRight && isFileSizeRight)) return undefined;
  const wrong = [
    ...(isFileSizeRight ? [] : [`FileSize ${narinfo.fileSize}, where ${body.received} bytes came`]),
    ...(isFileHashRight ? [] : ['another FileHash']),
  ];
  return {
    kind: 'narinfo-lies',
    problem: `the archive is right, and the narinfo says ${wrong.join(' and ')}`,
  };
}

/** Of a body that cannot be decompressed here, its file can still be judged. */
function unsupported({ body, narinfo, ...is }: Comparison): BodyFinding | undefined {
  if (body.nar.bodyFault?.kind !== 'unsupported') return undefined;
  const { fileSize = 0 } = narinfo;
  if (body.received < fileSize) return tooShort(body, narinfo);
  if (!is.isFileSizeRight) return sized(body.received, 'FileSize', fileSize);
  return is.isFileHashRight
    ? undefined
    : {
        kind: 'body-damaged',
        problem: 'it has the bytes of FileSize, and another hash than FileHash',
      };
}

function endless({ body, narinfo }: Comparison): BodyFinding | undefined {
  return body.nar.isEndless
    ? {
        kind: 'body-wrong',
        problem: `it holds more than ${body.nar.size} bytes where NarSize says ${narinfo.narSize}; the rest was not read`,
      }
    : undefined;
}

function truncated({ body, narinfo }: Comparison): BodyFinding | undefined {
  const { bodyFault, fault } = body.nar;
  const endsEarly = (bodyFault ?? fault)?.kind === 'truncated';
  return endsEarly ? tooShort(body, narinfo) : undefined;
}

function anotherArchive(comparison: Comparison): BodyFinding | undefined {
  const { body, narinfo, isNarSizeRight, isNarHashRight } = comparison;
  const { bodyFault, fault, size } = body.nar;
  if (bodyFault !== undefined || fault !== undefined) return undefined;
  if (!isNarSizeRight) return sized(size, 'NarSize', narinfo.narSize);
  return isNarHashRight
    ? undefined
    : {
        kind: 'body-damaged',
        problem: `the archive has ${size} bytes as it should, and the hash ${hashText({ algorithm: 'sha256', digest: body.nar.digest })}`,
      };
}

function damaged({ body, isNarHashRight }: Comparison): BodyFinding | undefined {
  const { bodyFault, fault } = body.nar;
  if (bodyFault !== undefined && bodyFault.kind !== 'unsupported')
    return { kind: 'body-damaged', problem: `it ${bodyFault.problem}` };
  if (fault === undefined || bodyFault !== undefined) return undefined;
  const since = isNarHashRight ? '; NarHash is that of this, so it was pushed like that' : '';
  return {
    kind: 'body-damaged',
    problem: `it is no archive: at byte ${fault.offset}, in ${fault.entry}, it ${fault.problem}${since}`,
  };
}

function isWhole({ body, isNarHashRight, isNarSizeRight }: Comparison): boolean {
  const { bodyFault, fault } = body.nar;
  return isNarHashRight && isNarSizeRight && bodyFault === undefined && fault === undefined;
}

function sized(size: number, field: string, stated: number): BodyFinding {
  return {
    kind: 'body-wrong',
    problem: `it is another one: ${size} bytes where ${field} says ${stated}`,
  };
}

function tooShort(body: BodyMeasure, narinfo: Narinfo): BodyFinding {
  return {
    kind: 'body-truncated',
    problem: `it came to its end as if it were whole, at byte ${body.received}${lackOf(body, narinfo)}${archiveEnd(body, narinfo)}`,
  };
}

/** How many bytes of the file are missing, where anything says how many it has. */
function lackOf({ received, contentLength }: BodyMeasure, { fileSize }: Narinfo): string {
  const expected = Math.max(contentLength ?? 0, fileSize ?? 0);
  return expected > received ? ` of ${expected}, ${expected - received} are missing` : '';
}

/** Where the archive inside ends, which is the same for every compression. */
function archiveEnd({ nar }: BodyMeasure, { narSize }: Narinfo): string {
  const { size, fault, bodyFault } = nar;
  if (bodyFault?.kind === 'unsupported') return '';
  if (fault === undefined) return '; the archive in it is whole';
  const lack = narSize > size ? `, ${narSize - size} are missing` : '';
  return `; the archive in it ends at byte ${size} of ${narSize}${lack}, in ${fault.entry}: it ${fault.problem}`;
}
