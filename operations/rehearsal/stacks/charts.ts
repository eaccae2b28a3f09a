import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCharts } from '../../../config/charts.ts';

/** Which archives of the pinned charts a folder does not hold, as sentences; empty when it holds all. */
export function missingCharts(folder: string): string[] {
  if (!existsSync(folder)) return [`there is no folder ${folder} (just charts-pull ${folder})`];
  return Object.values(readCharts())
    .filter(({ archive }) => !existsSync(join(folder, archive)))
    .map(({ archive }) => `${folder} holds no ${archive} (just charts-pull ${folder})`);
}

/** Copies the archives of a folder. A stack takes its charts from below the project, and the folder may lie anywhere. */
export function copyCharts(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from).filter((name) => name.endsWith('.tgz'))) {
    cpSync(join(from, file), join(to, file));
  }
}
