import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ChartSummary } from '../model/chart-summary.ts';

/** The file in which the summary of a chart version lies. Every command runs in the root of the project. */
export function summaryFile(chart: string, version: string): string {
  return resolve(process.cwd(), 'policy/charts', `${chart}-${version}.json`);
}

/** The committed summary of a chart version, or undefined where nobody has made one. */
export function readSummary(chart: string, version: string): ChartSummary | undefined {
  const file = summaryFile(chart, version);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
