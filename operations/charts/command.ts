import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { table } from '../../console/table.ts';
import { summarizeCharts } from '../../policy/charts/charts-summarize.ts';

/**
 * Makes the committed summary of every chart archive in a folder by the real Helm, or compares it with `--check`.
 *
 * @returns 0 when all are up to date now, 2 when `--check` finds one that differs, 1 when a chart has no recipe
 */
export function summarize(args: readonly string[], printer: Printer): ExitCode {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { check: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) {
    throw new Failure('name the one folder that holds the chart archives', EXIT.usage);
  }
  if (!existsSync(folder)) throw new Failure(`there is no folder ${folder}`, EXIT.usage);
  const results = summarizeCharts(folder, values.check === true ? 'check' : 'write');
  if (results.length === 0) throw new Failure(`${folder} holds no chart archive (.tgz)`);
  const rows = results.map(({ archive, outcome, file }) => [archive, outcome, file]);
  for (const line of table(['archive', '', 'summary'], rows)) printer.result(line);
  const outcomes = new Set(results.map(({ outcome }) => outcome));
  if (outcomes.has('differs')) return EXIT.bad;
  return outcomes.has('no recipe') ? EXIT.unknown : EXIT.good;
}
