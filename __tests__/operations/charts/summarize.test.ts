import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { summarize } from '../../../operations/charts/command.ts';
import { readPin } from '../../../operations/tools/pin.ts';
import { programNamed } from '../../../operations/tools/programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-charts-summarize-'));
const charts = join(folder, 'charts');
const printer = { result: () => {}, problem: () => {} };

beforeAll(() => {
  mkdirSync(charts);
  writeFileSync(join(charts, 'gitlab-runner-0.86.0.tgz'), 'x');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Tools of which none is built, and a PATH of one folder. */
function place(path: string) {
  const environment = { PATH: `${path}:/usr/bin:/bin` };
  return { modules: 'tools', built: join(folder, 'built'), environment };
}

describe('charts summarize', () => {
  test('takes the pinned Helm and no other, and says how to have it', async () => {
    const elsewhere = join(folder, 'other');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'helm'), '#!/bin/sh\necho v3.0.0\n', { mode: 0o755 });
    await expect(summarize([charts], printer, place(elsewhere))).rejects.toThrow(
      /^helm \S+ is not built, and \S+\/helm is 3\.0\.0\n {4}run just tools helm$/,
    );
  });

  test('tells in one sentence what Helm refuses', async () => {
    const helm = programNamed('helm');
    const version = readPin(helm, 'tools').versionOf(helm.versionOf);
    const script = `#!/bin/sh\n[ "$1" = version ] && { echo v${version}; exit; }\necho 'Error: gzip: invalid header' >&2\nexit 1\n`;
    writeFileSync(join(folder, 'helm'), script, { mode: 0o755 });
    await expect(summarize([charts], printer, place(folder))).rejects.toThrow(
      `helm show chart ${join(charts, 'gitlab-runner-0.86.0.tgz')}: Error: gzip: invalid header`,
    );
  });
});
