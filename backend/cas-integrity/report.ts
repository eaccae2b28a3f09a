import { EXIT } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { printable } from '../../values/invalid-value.ts';
import { digestText } from './digest.ts';
import type { Looked, Ways } from './look.ts';
import { afterwards, disagreement, type Premises, remedyOf } from './remedy.ts';
import type { CheckRequest, Selection } from './request.ts';
import type { Tally } from './tally.ts';
import { EXIT_CODES, isBad } from './verdict.ts';

/** What a run of the check was, for its report. */
export interface Run {
  readonly request: CheckRequest;
  readonly ways: Ways;
  /** Why a way that nobody excluded was not taken. */
  readonly notes: readonly string[];
  readonly premises: Premises;
  readonly tally: Tally;
  /** All looks by blob, where blobs were named. */
  readonly blobs: readonly (readonly Looked[])[];
}

/** A look in lines for people, with what to do about it. */
function lookedLines(looked: Looked, all: readonly Looked[], premises: Premises): string[] {
  const { status, way, place, detail } = looked;
  const remedy = remedyOf(looked, all, premises);
  const said = status === 'good' ? detail : `${status}: it ${detail}`;
  return [
    `${markOf(looked).padEnd(6)}${way.padEnd(8)}${printable(place)}`,
    `      ${said}`,
    ...(remedy === undefined ? [] : [`      now: ${remedy}`]),
  ];
}

/** Prints what is good to the one stream, and the rest to the other. */
export function printLooked(
  looked: Looked,
  all: readonly Looked[],
  premises: Premises,
  printer: Printer,
): void {
  for (const line of lookedLines(looked, all, premises)) {
    if (looked.status === 'good') printer.result(line);
    else printer.problem(line);
  }
}

/** What is looked at, and where, before it begins. */
export function openingLines({ request: { selection }, ways, notes }: Run): string[] {
  const { server, bucket } = ways;
  return [
    ...(server === undefined
      ? []
      : [
          `server  ${server.server.address.url} (${server.server.address.source}) ${server.health.detail}`,
        ]),
    ...(bucket === undefined
      ? []
      : [
          `bucket  ${bucket.access.bucket} at ${bucket.access.endpoint}${bucket.access.prefix === '' ? '' : `, below ${printable(bucket.access.prefix)}`}${chosenBy(selection)}`,
        ]),
    ...notes,
  ];
}

/** What all of it came to. */
export function closingLines(run: Run): string[] {
  const { tally, premises, blobs } = run;
  const contradictions = blobs.flatMap((looks) => {
    const contradiction = disagreement(looks);
    const [first] = looks;
    return contradiction === undefined || first === undefined
      ? []
      : [`the two ways disagree about ${digestText(first.digest)}: ${contradiction}`];
  });
  return [
    ...contradictions,
    ...foreignLines(tally),
    ...(tally.untold > 0 ? [`${count(tally.untold)} more that are not good are counted only`] : []),
    ...(tally.incomplete === undefined ? [] : [`not all was listed: ${tally.incomplete}`]),
    ...afterwards(tally.damaged > 0, premises),
    conclusion(run),
  ];
}

/** The whole report for machines. */
export function reportJson(run: Run): object {
  const { request, ways, notes, premises, tally, blobs } = run;
  const { server, bucket } = ways;
  const { selection } = request;
  const looks = selection.kind === 'digests' ? blobs.flat() : tally.told;
  const besides = (looked: Looked) => blobs.find((all) => all.includes(looked)) ?? [looked];
  return {
    exitCode: tally.exitCode,
    selection: selection.kind,
    ...(selection.kind === 'sample' ? { sample: selection.size, seed: selection.seed } : {}),
    server: server && {
      endpoint: server.server.address.url,
      from: server.server.address.source,
      ...server.health,
    },
    bucket: bucket && {
      endpoint: bucket.access.endpoint,
      bucket: bucket.access.bucket,
      prefix: bucket.access.prefix,
    },
    notes,
    listed: selection.kind === 'digests' ? undefined : tally.listed,
    incomplete: tally.incomplete,
    looked: tally.looked,
    counts: tally.byStatus(),
    foreign: { count: tally.foreign, keys: tally.foreignKeys },
    objects: looks.map((looked) => ({
      ...looked,
      digest: digestText(looked.digest),
      remedy: remedyOf(looked, besides(looked), premises),
    })),
    untold: selection.kind === 'digests' ? 0 : tally.untold,
    disagreements: blobs.flatMap((all) => {
      const contradiction = disagreement(all);
      const [first] = all;
      return contradiction === undefined || first === undefined
        ? []
        : [{ digest: digestText(first.digest), detail: contradiction }];
    }),
    afterwards: afterwards(tally.damaged > 0, premises),
  };
}

function markOf(looked: Looked): string {
  if (isBad(looked)) return 'FAIL';
  return EXIT_CODES[looked.status] === EXIT.good ? 'ok' : '?';
}

function chosenBy(selection: Selection): string {
  return selection.kind === 'sample'
    ? `; a sample of ${selection.size} by --seed ${selection.seed}`
    : '';
}

function foreignLines({ foreign, foreignKeys: [key = ''] }: Tally): string[] {
  if (foreign === 0) return [];
  return [
    `${objects(foreign)} with no digest for a name, such as ${printable(key)}: foreign, not asked for by any build, and left alone`,
  ];
}

/** A part never speaks for the whole. */
function conclusion({ request: { selection }, tally, blobs }: Run): string {
  const { looked, listed, bad } = tally;
  const good = tally.of('good');
  const unknown = looked - good - bad;
  const proven = `proven good: ${count(good)} of ${count(looked)}`;
  const rest = [
    ...(bad > 0 ? [`bad: ${count(bad)}`] : []),
    ...(unknown > 0 ? [`missing or not known: ${count(unknown)}`] : []),
  ];
  if (selection.kind === 'digests') {
    const named = blobs.length === 1 ? '1 blob' : `${blobs.length} blobs`;
    return [`${proven} looks at ${named}`, ...rest].join('; ');
  }
  if (listed === 0 && tally.incomplete === undefined) {
    return 'not known: the bucket holds no object of the cache; is it the right bucket, and the right prefix?';
  }
  const others = listed - looked;
  return [
    `${proven} looked at, out of ${objects(listed)}`,
    ...rest,
    ...(others > 0 ? [`of the other ${count(others)} nothing is known`] : []),
    ...(selection.kind === 'sample' ? [`chosen by --seed ${selection.seed}`] : []),
  ].join('; ');
}

function objects(number: number): string {
  return number === 1 ? '1 object' : `${count(number)} objects`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
