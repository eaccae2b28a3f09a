import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test that says which requirements it proves. */
export interface ProvingTest {
  readonly file: string;
  readonly title: string;
  readonly ids: readonly string[];
}

const ID = String.raw`(?:[A-Z]|W-[ABC])\d+`;
const IDS = new RegExp(String.raw`\((${ID}(?:, ${ID})*)\)`, 'g');
/** A quoted text that names requirements in parentheses; in test files such a text is a title. */
const TITLE = new RegExp(
  String.raw`(['"\x60])((?:(?!\1|\n).)*\(${ID}(?:, ${ID})*\)(?:(?!\1|\n).)*)\1`,
  'g',
);

/** The tests in the folder, in the order of their files, that name requirements. */
export function provingTests(folder: string): ProvingTest[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .flatMap((name) => titlesOf(join(folder, name)));
}

function titlesOf(file: string): ProvingTest[] {
  return [...readFileSync(file, 'utf8').matchAll(TITLE)].map(([, , text = '']) => ({
    file,
    title: text.replace(IDS, '').replace(/ {2,}/g, ' ').trim(),
    ids: [...text.matchAll(IDS)].flatMap(([, list = '']) => list.split(', ')),
  }));
}
