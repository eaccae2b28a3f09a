import { readFileSync, statSync } from 'node:fs';
import { InvalidFile, type Problem } from './problem.ts';

const MAX_BYTES = 1_048_576;

/**
 * Reads a text file that a person wrote.
 *
 * @throws InvalidFile for a file that is missing, unreadable, larger than 1 MiB or not UTF-8.
 */
export function readTextFile(file: string): string {
  const bytes = readBytes(file);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
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
    'have at most 1 MiB',
    'settings are a few kilobytes; is this the right file?',
  );
  return new InvalidFile([{ ...problem, value: `${bytes} bytes` }]);
}

/** What cannot be read becomes U+FFFD. */
const BAD = /[\uFFFD\0]/;

function firstBadByte(bytes: Uint8Array): { line: number; column: number } {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  const index = lines.findIndex((line) => BAD.test(line));
  return { line: index + 1, column: (lines[index]?.search(BAD) ?? 0) + 1 };
}
