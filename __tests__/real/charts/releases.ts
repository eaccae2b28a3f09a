import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCharts } from '../../../config/charts.ts';
import { type HelmRelease, releasesOf } from '../../../policy/model/helm-release.ts';
import { resourcesOf } from '../../../policy/model/stack-json.ts';
import { type JudgedName, judgedStacks } from './judged-settings.ts';

const FOLDER_VARIABLE = 'FLYWHEEL_CHARTS';

/** The folder of the pinned chart archives. */
export function chartFolder(): string {
  return process.env[FOLDER_VARIABLE] ?? '';
}

/** The pinned charts that are not there, as sentences; empty when all are. */
export function missingCharts(folder = chartFolder()): string[] {
  if (folder === '') {
    return [`${FOLDER_VARIABLE} names no folder of charts (just charts-pull fills one)`];
  }
  return Object.values(readCharts())
    .filter(({ archive }) => !existsSync(join(folder, archive)))
    .map(({ archive }) => `${folder} holds no ${archive} (just charts-pull ${folder})`);
}

/** The releases of stacks: those of others' charts, or those of our own. */
export function releasesIn(name: JudgedName, whose: 'others' | 'ours' = 'others'): HelmRelease[] {
  const releases = releasesOf(judgedStacks(name).flatMap(resourcesOf));
  return releases.filter(({ holdsManifests }) => holdsManifests === (whose === 'ours'));
}

/** The archive of a release's chart. */
export function archiveOf({ chart, version }: HelmRelease): string {
  return join(chartFolder(), `${chart}-${version}.tgz`);
}
