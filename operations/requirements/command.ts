import { parseArgs } from 'node:util';
import type { ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { reportStale, writeStale } from '../../console/generated-file.ts';
import type { Printer } from '../../console/printer.ts';
import { FAMILIES, type Family } from './requirements.ts';
import { type ProvingTest, provingTests } from './test-titles.ts';

/** The generated table of requirements. */
export const REQUIREMENTS_FILE = 'docs/requirements.md';

const TESTS = '__tests__';

const HEAD = `# Requirements and the tests that prove them

Made by \`just requirements\` from the titles of the tests: a title names the requirements it proves in parentheses. A test that
fails stops the pipeline, so what stands here as tested holds. Open ones have no test yet.
`;

/**
 * Writes the table of requirements, or says with `--check` whether it is what the tests say.
 *
 * @returns 0 when it is up to date now, 2 when `--check` finds that it is not
 * @throws Failure when a test names a requirement that does not exist
 */
export function writeRequirements(args: readonly string[], printer: Printer): ExitCode {
  const { values } = parseArgs({ args: [...args], options: { check: { type: 'boolean' } } });
  const files = [{ file: REQUIREMENTS_FILE, text: requirementsTable(provingTests(TESTS)) }];
  return values.check === true
    ? reportStale(files, 'just requirements', printer)
    : writeStale(files, printer);
}

/** The whole page. */
export function requirementsTable(tests: readonly ProvingTest[]): string {
  const known = new Set(FAMILIES.flatMap(idsOf));
  for (const { file, title, ids } of tests) {
    const stranger = ids.find((id) => !known.has(id));
    if (stranger !== undefined) {
      throw new Failure(`${file}: "${title}" proves ${stranger}, which is no requirement`);
    }
  }
  const tested = [...known].filter((id) => tests.some(({ ids }) => ids.includes(id)));
  const count = `${tested.length} of ${known.size} are tested.\n`;
  return [HEAD, count, ...FAMILIES.map((family) => familyTable(family, tests))].join('\n');
}

function idsOf({ prefix, members }: Family): string[] {
  return members.map((_, index) => `${prefix}${index + 1}`);
}

function familyTable(family: Family, tests: readonly ProvingTest[]): string {
  const rows = idsOf(family).map((id, index) => {
    const proofs = tests.filter(({ ids }) => ids.includes(id)).map(proof);
    const status = proofs.length === 0 ? 'open' : 'tested';
    return `| ${id} | ${family.members[index]} | ${[...new Set(proofs)].join('<br>')} | ${status} |`;
  });
  const head = ['| id | requirement | tests | status |', '| --- | --- | --- | --- |'];
  return [`## ${family.about}\n`, ...head, ...rows, ''].join('\n');
}

function proof({ file, title }: ProvingTest): string {
  const name = file.replace(`${TESTS}/`, '').replace('.test.ts', '');
  return `[${name}](../${file}): ${title.replaceAll('|', '\\|')}`;
}
