import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readCharts } from '../../config/charts.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import type { ChartPin } from '../../values/chart-pin.ts';
import { locate } from '../tools/locate.ts';
import { type Place, thisCheckout } from '../tools/place.ts';

const PULL_MS = 120_000;

/**
 * Fills a folder with the archive of every pinned chart, by the pinned Helm. What lies there already stays.
 *
 * @returns 0 when every archive is there, 1 when one cannot be had
 */
export async function pull(
  args: readonly string[],
  printer: Printer,
  place: Place = thisCheckout(),
): Promise<ExitCode> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) {
    throw new Failure('name the one folder that is to hold the chart archives', EXIT.usage);
  }
  const helm = await locate('helm', place);
  if (helm.status === 'missing') throw new Failure(`${helm.because}\n    run ${helm.fix}`);
  mkdirSync(folder, { recursive: true });
  const pins = Object.values(readCharts());
  const results = pins.map((pin) => {
    if (existsSync(join(folder, pin.archive))) return { pin, outcome: 'is there' };
    const { status, stderr, error } = spawnSync(helm.path, pullWords(pin, folder), {
      encoding: 'utf8',
      env: place.environment,
      timeout: PULL_MS,
    });
    if (status === 0) return { pin, outcome: 'pulled' };
    return { pin, problem: (error?.message ?? stderr).trim().split('\n').at(-1) ?? '' };
  });
  for (const { pin, outcome, problem } of results) {
    if (problem === undefined) printer.result(`${pin.archive}: ${outcome}`);
    else printer.problem(`${pin.archive}: cannot be pulled from ${pin.repository}: ${problem}`);
  }
  return results.some(({ problem }) => problem !== undefined) ? EXIT.unknown : EXIT.good;
}

/** A registry is asked by the address of the chart, a repository by its own and the name of the chart. */
function pullWords({ repository, name, version }: ChartPin, folder: string): string[] {
  const chart = repository.startsWith('oci://')
    ? [`${repository}/${name}`]
    : [name, '--repo', repository];
  return ['pull', ...chart, '--version', version, '--destination', folder];
}
