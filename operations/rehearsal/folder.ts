import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Address } from './ports.ts';

/** Where everything that is rehearsed lives, below the root of the project. */
export const REHEARSAL_ROOT = '.rehearsal';

const NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/** Where a supervisor is reached, and the word that it expects. */
export interface Control extends Address {
  readonly token: string;
}

/** What a supervisor leaves in its folder so that other commands find it. */
export interface SupervisedRecord {
  readonly name: string;
  readonly control: Control;
  readonly startedAt: string;
  /** Seconds from the command to ready; absent while it starts. */
  readonly readySec?: number;
}

/** What a folder is called, and what is in it. */
export interface FolderKind {
  /** What it holds, as a person calls it; also the word of its commands. */
  readonly noun: string;
  /** What stands before the name of the folder. No name can hold a dot, so kinds do not meet. */
  readonly prefix: string;
}

/**
 * The folder of one thing that runs under a supervisor. It holds everything that is written, so that removing it leaves
 * nothing.
 */
export class SupervisedFolder<Kept extends SupervisedRecord = SupervisedRecord> {
  readonly name: string;
  readonly noun: string;
  readonly path: string;

  constructor({ noun, prefix }: FolderKind, name: string, root: string = REHEARSAL_ROOT) {
    if (!NAME.test(name)) {
      throw new Failure(
        `--name must be up to 32 lower-case letters, digits and dashes, and begin and end with no dash, got: ${name}\n    try --name second`,
        EXIT.usage,
      );
    }
    this.name = name;
    this.noun = noun;
    this.path = resolve(root, `${prefix}${name}`);
  }

  /** The names of the folders of a kind that somebody owns. */
  static names({ prefix }: FolderKind, root: string = REHEARSAL_ROOT): string[] {
    if (!existsSync(root)) return [];
    return readdirSync(root)
      .filter((entry) => entry.startsWith(prefix) && NAME.test(entry.slice(prefix.length)))
      .filter((entry) => existsSync(join(root, entry, 'record')))
      .map((entry) => entry.slice(prefix.length));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** The log of one program. */
  log(name: string): string {
    return this.file(`${name}.log`);
  }

  /**
   * Makes the folder with its record in one step: a folder without a record is one that nobody owns.
   *
   * @throws Failure when somebody else was faster
   */
  make(record: Kept): void {
    const { path } = this;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const whole = `${path}.${process.pid}`;
    rmSync(whole, { recursive: true, force: true });
    mkdirSync(whole, { mode: 0o700 });
    try {
      writeFileSync(join(whole, 'record'), JSON.stringify(record), { mode: 0o600 });
      renameSync(whole, path);
    } catch (error) {
      rmSync(whole, { recursive: true, force: true });
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
      throw new Failure(
        `${path} was taken by another command just now\n    see just ${this.noun} status, or use --name for a second ${this.noun}`,
      );
    }
  }

  /** Replaces the record in one step, so that no reader sees half of it. */
  keep(record: Kept): void {
    this.write('record.new', JSON.stringify(record));
    renameSync(this.file('record.new'), this.file('record'));
  }

  /** What the supervisor left, or undefined where there is none. */
  read(): Kept | undefined {
    try {
      return JSON.parse(readFileSync(this.file('record'), 'utf8')) as Kept;
    } catch {
      return undefined;
    }
  }

  write(name: string, text: string): string {
    const file = this.file(name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  /** A program that was killed a moment ago may still have a file open, so removing is tried a few times. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    try {
      if (basename(dirname(this.path)) === REHEARSAL_ROOT) rmdirSync(dirname(this.path));
    } catch {
      // Something else is in it.
    }
  }
}
