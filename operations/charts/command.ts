import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { table } from '../../console/table.ts';
import { ChartTrouble } from '../../policy/charts/chart-trouble.ts';
import { type SummaryResult, summarizeCharts } from '../../policy/charts/charts-summarize.ts';
import { locate } from '../tools/locate.ts';
import { type Place, thisCheckout } from '../tools/place.ts';

/**
 * Makes the committed summary of every chart archive in a folder by the pinned Helm, or compares it with `--check`.
 *
 * @returns 0 when all are up to date now, 2 when `--check` finds one that differs, 1 when a chart has no recipe
 */
export async function summarize(
  args: readonly string[],
  printer: Printer,
  place: Place = thisCheckout(),
): Promise<ExitCode> {
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
  const helm = await locate('helm', place);
  if (helm.status === 'missing') throw new Failure(`${helm.because}\n    run ${helm.fix}`);
  const results = summaries(folder, values.check === true ? 'check' : 'write', helm.path);
  if (results.length === 0) throw new Failure(`${folder} holds no chart archive (.tgz)`);
  const rows = results.map(({ archive, outcome, file }) => [archive, outcome, file]);
  for (const line of table(['archive', '', 'summary'], rows)) printer.result(line);
  const outcomes = new Set(results.map(({ outcome }) => outcome));
  if (outcomes.has('differs')) return EXIT.bad;
  return outcomes.has('no recipe') ? EXIT.unknown : EXIT.good;
}

/** What Helm refuses, or renders otherwise than a recipe says, is told in its sentence. */
function summaries(folder: string, mode: 'write' | 'check', helm: string): SummaryResult[] {
  try {
    return summarizeCharts(folder, mode, helm);
  } catch (error) {
    if (error instanceof ChartTrouble) throw new Failure(error.message);
    throw error;
  }
}
