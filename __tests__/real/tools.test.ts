import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildTools } from '../../operations/tools/build-command.ts';
import { findCompiler } from '../../operations/tools/compiler.ts';
import { findOnPath } from '../../operations/tools/on-path.ts';
import { readPin } from '../../operations/tools/pin.ts';
import { programNamed } from '../../operations/tools/programs.ts';
import { RecordingPrinter } from '../operations/tools/recording-printer.ts';

/** From cold caches on a busy machine. */
const BUILD_MS = 600_000;

const pin = readPin(programNamed('etcd'), 'tools');
const go = await findCompiler('go', pin.compiler, { environment: process.env });
const notRun = go.status === 'usable' ? '' : ` (not run: ${go.because})`;

describe.skipIf(notRun !== '')(`a tool built by the real Go${notRun}`, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flywheel-real-tools-'));
    cpSync('tools/etcd', join(folder, 'tools', 'etcd'), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Builds etcd, also when there is one on PATH: only Go is on this one. */
  async function buildEtcd() {
    const bin = mkdtempSync(join(folder, 'bin-'));
    const path = findOnPath('go', process.env) ?? '';
    writeFileSync(join(bin, 'go'), `#!/bin/sh\nexec '${path}' "$@"\n`, { mode: 0o755 });
    const printer = new RecordingPrinter();
    const place = {
      modules: join(folder, 'tools'),
      built: join(folder, 'built'),
      environment: { ...process.env, PATH: bin },
    };
    const code = await buildTools(['etcd'], { printer, terminal: { write: () => true }, place });
    return { code, ...printer };
  }

  test('is not built from what its sums do not bind, and the sums are not mended', async () => {
    const file = join(folder, 'tools', 'etcd', 'go.sum');
    const sums = readFileSync(file, 'utf8');
    const less = sums.replaceAll(/^go\.uber\.org\/zap .*\n/gm, '');
    expect(less.length).toBeLessThan(sums.length);
    writeFileSync(file, less);
    const { code, problems } = await buildEtcd();
    expect(readFileSync(file, 'utf8')).toBe(less);
    writeFileSync(file, sums);
    expect(code).toBe(1);
    expect(problems[0]).toMatch(
      /^etcd could not be built: the pins do not bind all that is needed: run go mod tidy/,
    );
  });

  test(
    'is put in its place after it has said the pinned version',
    async () => {
      const { code, results, problems } = await buildEtcd();
      expect(problems).toEqual([]);
      expect(code).toBe(0);
      expect(results.at(-1)).toBe('1 program: 1 built');
    },
    BUILD_MS,
  );
});
