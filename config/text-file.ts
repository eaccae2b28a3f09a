import { readFileSync, statSync } from 'node:fs';
import { InvalidFile, type Problem } from './problem.ts';

/**
 * The largest settings that ship have 3 KiB, and a thousand pools about 100. Every problem of a file is looked for, located
 * and given a remedy, so that a larger file, which is none of settings, would keep a person waiting for nothing.
 */
const MAX_BYTES = 131_072;

/**
 * Reads a text file that a person wrote.
 *
 * @throws InvalidFile for a file that is missing, unreadable, larger than 128 KiB or not UTF-8.
 */
export function readTextFile(file: string): string {
  const bytes = readBytes(file);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (LONE_RETURN.test(text)) throw loneReturn(file, text);
    if (!text.includes('\0')) return text;
  } catch (error) {
    if (error instanceof InvalidFile) throw error;
    // The answer is the same as for a zero byte, of which UTF-16 is full.
  }
  const problem = wholeFile(file, 'be UTF-8 text', 'save it as UTF-8');
  throw new InvalidFile([{ ...problem, ...firstBadByte(bytes) }]);
}

/** A problem of the file as a whole. */
export function wholeFile(file: string, rule: string, remedy: string): Problem {
  return { file, line: 1, column: 1, path: '', rule, value: '', remedy };
}

/** What the operating system says, and what a person can do about it. */
const READ_FAILURES: Readonly<Record<string, readonly [rule: string, remedy: string]>> = {
  ENOENT: ['exist', 'name the settings with FLYWHEEL_CONFIG=path, or copy config/minimal.yaml'],
  ENOTDIR: ['exist', 'a part of its path is a file, not a folder'],
  EISDIR: ['be a file', 'name the settings file itself'],
};

function readBytes(file: string): Buffer {
  try {
    const status = statSync(file);
    if (status.isDirectory()) throw failure(file, 'EISDIR');
    if (!status.isFile())
      throw new InvalidFile([wholeFile(file, 'be a file', 'devices and pipes are not read')]);
    if (status.size > MAX_BYTES) throw tooLarge(file, status.size);
    return readFileSync(file);
  } catch (error) {
    if (error instanceof InvalidFile) throw error;
    throw failure(file, (error as NodeJS.ErrnoException).code ?? 'an unknown error');
  }
}

function failure(file: string, code: string): InvalidFile {
  const [rule, remedy] = READ_FAILURES[code] ?? ['be readable', `the system answers ${code}`];
  return new InvalidFile([wholeFile(file, rule, remedy)]);
}

function tooLarge(file: string, bytes: number): InvalidFile {
  const problem = wholeFile(
    file,
    'have at most 128 KiB',
    'settings are a few kilobytes; is this the right file?',
  );
  return new InvalidFile([{ ...problem, value: `${bytes} bytes` }]);
}

/** YAML ends a line there, and its parser does not: the whole file becomes one comment, or one line of nonsense. */
const LONE_RETURN = /\r(?!\n)/;

function loneReturn(file: string, text: string): InvalidFile {
  const before = text.slice(0, text.search(LONE_RETURN)).split('\n');
  const problem = wholeFile(
    file,
    'end its lines with LF or CRLF',
    'save it with the line ends of Unix: a carriage return alone ends no line',
  );
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return new InvalidFile([{ ...problem, ...place }]);
}

/** What cannot be read becomes U+FFFD. */
const BAD = /[\uFFFD\0]/;

function firstBadByte(bytes: Uint8Array): { line: number; column: number } {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  const index = lines.findIndex((line) => BAD.test(line));
  return { line: index + 1, column: (lines[index]?.search(BAD) ?? 0) + 1 };
}
