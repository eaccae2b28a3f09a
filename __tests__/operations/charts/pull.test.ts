import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCharts } from '../../../config/charts.ts';
import { pull } from '../../../operations/charts/pull.ts';
import { readPin } from '../../../operations/tools/pin.ts';
import { programNamed } from '../../../operations/tools/programs.ts';

let folder: string;
let charts: string;
let results: string[];
let problems: string[];
const printer = {
  result: (line: string) => void results.push(line),
  problem: (line: string) => void problems.push(line),
};
const archives = Object.values(readCharts()).map(({ archive }) => archive);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-charts-pull-'));
  charts = join(folder, 'charts');
  [results, problems] = [[], []];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A Helm of the pinned version that writes down what it is told, and pulls what `pulls` says. */
function place(pulls: string) {
  const helm = programNamed('helm');
  const version = readPin(helm, 'tools').versionOf(helm.versionOf);
  const script = `#!/bin/sh\n[ "$1" = version ] && { echo v${version}; exit; }\necho "$@" >> ${folder}/told\n${pulls}\n`;
  writeFileSync(join(folder, 'helm'), script, { mode: 0o755 });
  const environment = { PATH: `${folder}:/usr/bin:/bin` };
  return { modules: 'tools', built: join(folder, 'built'), environment };
}

/** The archive that a chart and a version make, as Helm names it; of an address only the last part is the chart. */
const PULLS = `c=\${2##*/}; while [ "$1" != --version ]; do shift; done; echo x > "$4/$c-$2.tgz"`;

describe('charts pull', () => {
  test('fills a folder with every pin, and a second run pulls nothing', async () => {
    const here = place(PULLS);
    expect(await pull([charts], printer, here)).toBe(0);
    expect(archives.filter((archive) => !existsSync(join(charts, archive)))).toEqual([]);
    expect(results).toEqual(archives.map((archive) => `${archive}: pulled`));
    rmSync(join(folder, 'told'));
    results = [];
    expect(await pull([charts], printer, here)).toBe(0);
    expect(results).toEqual(archives.map((archive) => `${archive}: is there`));
    expect(existsSync(join(folder, 'told'))).toBe(false);
  });

  test('says which chart cannot be had, and why', async () => {
    const here = place(
      `case "$2" in gitlab-runner) echo 'Error: 404' >&2; exit 1;; esac\n${PULLS}`,
    );
    expect(await pull([charts], printer, here)).toBe(1);
    expect(problems).toEqual([
      'gitlab-runner-0.86.0.tgz: cannot be pulled from https://charts.gitlab.io: Error: 404',
    ]);
    expect(results.length).toBe(archives.length - 1);
  });

  test('needs one folder', async () => {
    for (const words of [[], ['a', 'b']]) {
      await expect(pull(words, printer, place(''))).rejects.toMatchObject({ exitCode: 64 });
    }
  });
});
