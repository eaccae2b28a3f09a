import { printable } from '../../values/invalid-value.ts';
import { ByteFeed, type Reading } from './byte-feed.ts';

/** Where an archive is no archive, or ends too early. */
export interface NarFault {
  readonly kind: 'truncated' | 'malformed';
  /** The byte of the archive, from 0. */
  readonly offset: number;
  /** The entry that is being read there, such as `/bin/hello`; `/` is the root. */
  readonly entry: string;
  readonly problem: string;
}

interface OpenDirectory {
  /** The entry that is being read, or was read last: empty before the first. */
  name: string;
  /** Its bytes, which the next one must follow. */
  last: Buffer | undefined;
}

const MAGIC = 'nix-archive-1';
const ALIGNMENT = 8;
/** The longest name or target of a link that any file system of Nix takes. */
const MAX_TEXT_BYTES = 4096;
/** As deep as a path of that length can be. */
const MAX_DEPTH = 2048;
const LONGEST_WORD = MAGIC.length;

class Malformed extends Error {}

/**
 * Reads a NAR as it streams by, and says where it is none. File contents pass without being kept.
 *
 * Everything in a NAR is a string: its length as 64 bits, its bytes, and zeros up to a multiple of 8.
 *
 * @see https://nix.dev/manual/nix/latest/protocols/nix-archive/
 */
export class NarReader {
  /** Files, directories and links that have begun. */
  entries = 0;
  private readonly feed = new ByteFeed(this.archive());
  private readonly open: OpenDirectory[] = [];
  private expected = 'the beginning of an archive';
  private wrong: NarFault | undefined;

  /** The first thing that is wrong so far. */
  get fault(): NarFault | undefined {
    return this.wrong;
  }

  /** Takes the next bytes. Nothing is looked at any more once something is wrong. */
  push(bytes: Uint8Array): void {
    if (this.wrong !== undefined || bytes.length === 0) return;
    const begin = this.feed.offset;
    try {
      const used = this.feed.push(bytes).next().value;
      if (used === bytes.length) return;
      this.fail('malformed', 'has something after its end', begin + Number(used));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.fail('malformed', error.message);
    }
  }

  /** Says that no more bytes come. */
  end(): NarFault | undefined {
    if (this.wrong === undefined && !this.feed.done) {
      const { missing } = this.feed;
      const lacks = missing > 0 ? `, of which ${missing} bytes are missing` : '';
      this.fail('truncated', `ends within ${this.expected}${lacks}`);
    }
    return this.wrong;
  }

  private fail(kind: NarFault['kind'], problem: string, offset = this.feed.offset): void {
    this.wrong = { kind, offset, entry: this.entry, problem };
  }

  private get entry(): string {
    const names = this.open.map(({ name }) => printable(name));
    return `/${names.filter((name) => name !== '').join('/')}`;
  }

  private *archive(): Reading {
    yield* this.word(MAGIC);
    if (yield* this.node()) this.enter();
    while (this.open.length > 0) {
      if ((yield* this.oneOf('entry', ')')) === 'entry') {
        yield* this.entryName();
        if (yield* this.node()) this.enter();
        else yield* this.word(')');
      } else {
        this.open.pop();
        // What was read was an entry of the directory around it, unless it was the root.
        if (this.open.length > 0) yield* this.word(')');
      }
    }
  }

  private enter(): void {
    if (this.open.length === MAX_DEPTH) throw new Malformed(`is deeper than ${MAX_DEPTH} levels`);
    this.open.push({ name: '', last: undefined });
  }

  /** Reads a node: all of a file or link, or the beginning of a directory, which is true. */
  private *node(): Reading<boolean> {
    this.entries += 1;
    yield* this.word('(');
    yield* this.word('type');
    const type = yield* this.oneOf('regular', 'symlink', 'directory');
    if (type === 'directory') return true;
    if (type === 'regular') yield* this.file();
    else {
      yield* this.word('target');
      yield* this.text('the target of a link');
      yield* this.word(')');
    }
    return false;
  }

  private *file(): Reading {
    let word = yield* this.oneOf('executable', 'contents', ')');
    if (word === 'executable') {
      yield* this.word('');
      word = yield* this.oneOf('contents', ')');
    }
    if (word === ')') return;
    const size = yield* this.length('the size of a file');
    this.expected = `the ${size} bytes of a file`;
    yield { skip: size };
    yield* this.padding(size);
    yield* this.word(')');
  }

  private *entryName(): Reading {
    yield* this.word('(');
    yield* this.word('name');
    const name = Buffer.from(yield* this.text('the name of an entry'));
    const directory = this.open.at(-1);
    if (directory === undefined) return;
    const text = name.toString();
    if (['', '.', '..'].includes(text) || name.includes('/') || name.includes(0)) {
      throw new Malformed(`has an entry that no file may be called: ${JSON.stringify(text)}`);
    }
    if (directory.last !== undefined && Buffer.compare(directory.last, name) >= 0) {
      throw new Malformed(`has an entry out of order: ${JSON.stringify(text)}`);
    }
    directory.last = name;
    directory.name = text;
    yield* this.word('node');
  }

  private *word(wanted: string): Reading {
    yield* this.oneOf(wanted);
  }

  private *oneOf<W extends string>(...wanted: readonly W[]): Reading<W> {
    const words = wanted.map((word) => JSON.stringify(word)).join(' or ');
    this.expected = words;
    const size = yield* this.length(words, LONGEST_WORD);
    const bytes = yield { take: size };
    yield* this.padding(size);
    const text = Buffer.from(bytes).toString('latin1');
    const found = wanted.find((word) => word === text);
    if (found === undefined) {
      throw new Malformed(`has ${JSON.stringify(printable(text))} in the place of ${words}`);
    }
    return found;
  }

  private *text(what: string): Reading<Uint8Array> {
    const size = yield* this.length(what, MAX_TEXT_BYTES);
    if (size === 0) throw new Malformed(`has nothing in the place of ${what}`);
    this.expected = what;
    const bytes = yield { take: size };
    yield* this.padding(size);
    return bytes;
  }

  private *length(what: string, most = Number.MAX_SAFE_INTEGER): Reading<number> {
    this.expected = what;
    const bytes = Buffer.from(yield { take: 8 });
    const size = bytes.readBigUInt64LE();
    if (size > most) throw new Malformed(`has ${size} bytes in the place of ${what}`);
    return Number(size);
  }

  private *padding(size: number): Reading {
    const bytes = yield { take: -size & (ALIGNMENT - 1) };
    if (bytes.some((byte) => byte !== 0)) throw new Malformed('is not filled up with zeros');
  }
}
