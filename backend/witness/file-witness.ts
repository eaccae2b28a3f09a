import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import type { HalfMemory, WitnessHalf } from './witness-half.ts';
import { readRecord, recordText, replaces, type WitnessRecord } from './witness-record.ts';

/** Records are numbered and never rewritten, so a half-written one cannot take the place of a whole one. */
const NAME = /^(\d{6,})\.json$/;
const KEPT_RECORDS = 20;
const ATTEMPTS = 100;
const ABANDONED_MS = 3_600_000;

/**
 * The half of a witness that is kept with the person: a folder for each stack, in which the record with the highest number
 * counts. The name of the next number is taken by a hard link, which only one of several writers gets.
 */
export class FileWitness implements WitnessHalf {
  readonly name = 'file';
  readonly place: string;
  private readonly stacks: string;

  /** @param memory the folder of the person for the stack that is worked on; those of the others lie beside it */
  constructor(memory: string) {
    this.place = join(memory, 'witness');
    this.stacks = dirname(memory);
  }

  async recall(stack: string): Promise<HalfMemory> {
    const folder = this.folderOf(stack);
    try {
      const latest = latestIn(folder);
      if (latest === 0) return { kind: 'never-seen' };
      const file = fileOf(folder, latest);
      const record = readRecord(stack, readFileSync(file, 'utf8'));
      if (record !== undefined) return { kind: 'remembers', record };
      return { kind: 'unknown', because: `${file} holds no record of ${stack}` };
    } catch (error) {
      return { kind: 'unknown', because: `${folder} cannot be read: ${codeOf(error)}` };
    }
  }

  async keep(stack: string, record: WitnessRecord): Promise<void> {
    const folder = this.folderOf(stack);
    const text = recordText(stack, record);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const latest = writing(folder, () => latestIn(folder));
      if (!replaces(stack, record, recordAt(folder, latest, stack))) return;
      // Behind the one that it was compared with and no other: a record that came meanwhile is compared with first.
      writing(folder, () => append(folder, latest + 1, text));
    }
    throw new Failure(`${folder} is written to by too many at once`);
  }

  /** @throws Failure when nothing could be kept here */
  requireWritable(stack: string): void {
    const folder = this.folderOf(stack);
    writing(folder, () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const probe = temporary(folder);
      write(probe, '');
      rmSync(probe);
    });
  }

  private folderOf(stack: string): string {
    return join(this.stacks, stack, 'witness');
  }
}

/** What a record says; undefined where there is none, or none that can be read. */
function recordAt(folder: string, number: number, stack: string): WitnessRecord | undefined {
  try {
    return readRecord(stack, readFileSync(fileOf(folder, number), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Takes a number for a record, unless another one is faster. */
function append(folder: string, number: number, text: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = temporary(folder);
  write(file, text);
  try {
    linkSync(file, fileOf(folder, number));
    sync(folder);
    prune(folder, number);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(file);
  }
}

function write(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A name that is on the disk only when its folder is. */
function sync(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes what is long past, and what a writer has left that was killed. */
function prune(folder: string, latest: number): void {
  for (const name of readdirSync(folder)) {
    const number = numberOf(name);
    const file = join(folder, name);
    if (number === undefined ? isAbandoned(file) : number <= latest - KEPT_RECORDS) {
      rmSync(file, { force: true });
    }
  }
}

function isAbandoned(file: string): boolean {
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return file.endsWith('.part') && Date.now() - made > ABANDONED_MS;
}

/** The highest number, or 0 where there is none. */
function latestIn(folder: string): number {
  try {
    return Math.max(0, ...readdirSync(folder).flatMap((name) => numberOf(name) ?? []));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

function numberOf(name: string): number | undefined {
  const [, digits] = NAME.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function fileOf(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(6, '0')}.json`);
}

function temporary(folder: string): string {
  return join(folder, `${randomUUID()}.part`);
}

function writing<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Failure(
      `nothing can be kept in ${folder}: ${codeOf(error)}\n    name a folder that can be written to with XDG_STATE_HOME`,
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
