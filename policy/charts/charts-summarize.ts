import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sameJson } from '../model/json.ts';
import { readSummary, summaryFile } from './chart-summaries.ts';
import { chartArchive } from './helm.ts';
import { RECIPES } from './recipes.ts';
import { summarize } from './summarize.ts';

/** What became of the summary of one chart archive. */
export interface SummaryResult {
  readonly archive: string;
  readonly file: string;
  readonly outcome: 'same' | 'written' | 'differs' | 'no recipe';
}

/**
 * Makes the summary of every chart archive in a folder, by the real Helm.
 *
 * @param mode `write` keeps what is new; `check` only compares
 * @param helm path of the program
 * @throws ChartTrouble when Helm refuses a chart, or a summary does not give what its chart renders.
 */
export function summarizeCharts(
  folder: string,
  mode: 'write' | 'check',
  helm: string,
): SummaryResult[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .sort()
    .map((archive) => summarizeArchive(join(folder, archive), mode, helm));
}

function summarizeArchive(path: string, mode: 'write' | 'check', helm: string): SummaryResult {
  const archive = basename(path);
  const recipe = RECIPES.find(({ chart }) => new RegExp(`^${chart}-\\d`).test(archive));
  if (recipe === undefined) return { archive, file: '', outcome: 'no recipe' };
  const summary = summarize(recipe, chartArchive(path, helm));
  const file = summaryFile(summary.chart, summary.version);
  if (sameJson(readSummary(summary.chart, summary.version), JSON.parse(JSON.stringify(summary))))
    return { archive, file, outcome: 'same' };
  if (mode === 'check') return { archive, file, outcome: 'differs' };
  writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
  return { archive, file, outcome: 'written' };
}
