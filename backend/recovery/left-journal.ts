import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { asNumber, asText, at, isObject } from '../../policy/model/json.ts';
import type { StackState } from '../stack-state.ts';
import { syncFolder } from './durable.ts';
import { type JournalEntry, journalFolder } from './journal.ts';
import { startedAt } from './living-process.ts';

/** A journal that was not ended, or of a tofu that was killed. */
export interface LeftJournal {
  readonly file: string;
  /** When the run began, in ISO 8601; undefined where not even that was kept. */
  readonly begun: string | undefined;
  /** The process that writes it still, as far as that is known. */
  readonly writer: number | undefined;
  readonly entries: readonly JournalEntry[];
}

/** What a journal knows of one resource that was to be made. */
export interface Creation {
  readonly address: string;
  readonly type: string;
  /** When it was begun, in ISO 8601. */
  readonly begun: string;
  /** `under way` where a start has no end: whether it is there, only a look can say. */
  readonly how: 'failed' | 'made' | 'under way';
  readonly idValue?: string;
}

/** The actions of tofu after which something may be there that no state knows. */
const CREATES = new Set(['create', 'replace']);

/**
 * The journals of a stack that somebody has to look at. One that ended, and of which nothing can be left, is none: neither an
 * update nor a removal makes what the state does not know. Only a release of Helm is blocked by a half update.
 */
export function pendingJournals(state: StackState): LeftJournal[] {
  const folder = journalFolder(state);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => read(join(folder, name)))
    .filter(({ ended, journal }) => !ended || leavesSomething(journal))
    .map(({ journal }) => journal);
}

/** What was to be made, by address; the last event counts. */
export function creationsIn(journals: readonly LeftJournal[]): Creation[] {
  const found = new Map<string, Creation>();
  for (const { event, at: when, action, ...entry } of journals.flatMap(({ entries }) => entries)) {
    if (!CREATES.has(action)) continue;
    const begun = event === 'start' ? when : (found.get(entry.address)?.begun ?? when);
    const { address, type, idValue } = entry;
    found.set(address, {
      address,
      type,
      begun,
      how: HOW[event],
      ...(idValue === undefined ? {} : { idValue }),
    });
  }
  return [...found.values()];
}

/** Removes journals whose run was recovered. */
export function clearJournals(state: StackState, journals: readonly LeftJournal[]): void {
  for (const { file } of journals) rmSync(file, { force: true });
  if (journals.length > 0) syncFolder(journalFolder(state));
}

const HOW = { start: 'under way', complete: 'made', errored: 'failed' } as const;

function leavesSomething(journal: LeftJournal): boolean {
  const updates = journal.entries.filter(
    ({ type, action }) => type === 'helm_release' && action === 'update',
  );
  const halfDone = updates.filter(({ event }) => event === 'start').length > ends(updates);
  return halfDone || creationsIn([journal]).some(({ how }) => how !== 'failed');
}

function ends(entries: readonly JournalEntry[]): number {
  return entries.filter(({ event }) => event !== 'start').length;
}

function read(file: string): { readonly ended: boolean; readonly journal: LeftJournal } {
  const lines = readFileSync(file, 'utf8').split('\n').map(parse);
  const head = lines.find((line) => at(line, 'event') === 'begin');
  const ended = lines.some((line) => at(line, 'event') === 'end');
  return {
    ended,
    journal: {
      file,
      begun: asText(at(head, 'at')),
      writer: ended ? undefined : writerOf(head),
      entries: lines.flatMap(entryOf),
    },
  };
}

/** The last line may be half: power was lost while it was written. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function entryOf(line: unknown): JournalEntry[] {
  const event = asText(at(line, 'event'));
  const address = asText(at(line, 'address'));
  if (!isObject(line) || address === undefined) return [];
  if (event !== 'start' && event !== 'complete' && event !== 'errored') return [];
  const idKey = asText(line.idKey);
  const idValue = asText(line.idValue);
  return [
    {
      event,
      at: asText(line.at) ?? '',
      address,
      type: asText(line.type) ?? '',
      action: asText(line.action) ?? '',
      ...(idKey === undefined ? {} : { idKey }),
      ...(idValue === undefined ? {} : { idValue }),
    },
  ];
}

/** Only a number and a beginning that both are right make it the same process. */
function writerOf(head: unknown): number | undefined {
  const pid = asNumber(at(head, 'pid'));
  const started = asText(at(head, 'started'));
  if (pid === undefined || started === undefined) return undefined;
  if (asText(at(head, 'host')) !== hostname()) return undefined;
  return startedAt(pid) === started ? pid : undefined;
}
