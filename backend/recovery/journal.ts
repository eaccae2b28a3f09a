import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { asText, at } from '../../policy/model/json.ts';
import type { StackState } from '../stack-state.ts';
import { syncFolder, unwritable, writeAll } from './durable.ts';
import { startedAt } from './living-process.ts';

/** What an apply does while it runs, kept outside of it: a tofu that is killed keeps nothing of its last seconds. */
export interface Journal {
  readonly file: string;
  /**
   * Takes one event of `tofu apply -json`. What is no event of a resource is passed over.
   *
   * @throws Failure when it cannot be kept: then the apply has to be interrupted
   */
  note(event: unknown): void;
  /**
   * Ends the journal.
   *
   * @param outcome `finished` when tofu ended by itself, well or not: what it made is in the state, or in `errored.tfstate`. Then
   * nothing is left of the journal. `failed` when tofu was killed: then what it had begun to make is pending.
   */
  close(outcome: 'failed' | 'finished'): void;
}

/** What an event says of a resource. Of its attributes only the one that identifies it is kept. */
export interface JournalEntry {
  readonly event: 'complete' | 'errored' | 'start';
  /** When, in ISO 8601. */
  readonly at: string;
  readonly address: string;
  readonly type: string;
  /** Such as `create`. */
  readonly action: string;
  readonly idKey?: string;
  readonly idValue?: string;
}

/** The first line of a journal. */
export interface JournalHead {
  readonly event: 'begin';
  readonly at: string;
  readonly host: string;
  readonly pid: number;
  /** When that process began, as its system counts; together with its number it is no other process. */
  readonly started?: string;
}

const EVENTS: Readonly<Record<string, JournalEntry['event']>> = {
  apply_start: 'start',
  apply_complete: 'complete',
  apply_errored: 'errored',
};

/** Where the journals of a stack are. */
export function journalFolder({ memory }: StackState): string {
  return join(memory, 'journal');
}

/**
 * Begins the journal of a run. Each line is on the disk before the next event is read.
 *
 * @throws Failure when it cannot be kept
 */
export function openJournal(state: StackState): Journal {
  const folder = journalFolder(state);
  const now = new Date().toISOString();
  const name = `${now.replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}.jsonl`;
  const file = join(folder, name);
  const handle = create(folder, file);
  const write = (line: object) => {
    try {
      writeAll(handle, Buffer.from(`${JSON.stringify(line)}\n`));
      fsyncSync(handle);
    } catch (error) {
      throw unwritable(file, error);
    }
  };
  const started = startedAt(process.pid);
  const head: JournalHead = { event: 'begin', at: now, host: hostname(), pid: process.pid };
  write(started === undefined ? head : { ...head, started });
  let open = true;
  return {
    file,
    note: (event) => {
      const entry = entryOf(event);
      if (entry !== undefined) write(entry);
    },
    close: (outcome) => {
      if (!open) return;
      open = false;
      if (outcome === 'failed') write({ event: 'end', at: new Date().toISOString(), outcome });
      closeSync(handle);
      if (outcome === 'finished') rmSync(file);
      syncFolder(folder);
    },
  };
}

function create(folder: string, file: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const handle = openSync(file, 'ax', 0o600);
    syncFolder(folder);
    return handle;
  } catch (error) {
    throw unwritable(file, error);
  }
}

function entryOf(event: unknown): JournalEntry | undefined {
  const kind = EVENTS[asText(at(event, 'type')) ?? ''];
  const hook = at(event, 'hook');
  const address = asText(at(hook, 'resource', 'addr'));
  if (kind === undefined || address === undefined) return undefined;
  const idKey = asText(at(hook, 'id_key'));
  const idValue = asText(at(hook, 'id_value'));
  return {
    event: kind,
    at: asText(at(event, '@timestamp')) ?? new Date().toISOString(),
    address,
    type: asText(at(hook, 'resource', 'resource_type')) ?? '',
    action: asText(at(hook, 'action')) ?? '',
    ...(idKey === undefined ? {} : { idKey }),
    ...(idValue === undefined ? {} : { idValue }),
  };
}
