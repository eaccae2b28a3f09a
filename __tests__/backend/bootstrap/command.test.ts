import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bootstrap } from '../../../backend/bootstrap/command.ts';
import { BootstrapGround } from './bootstrap-ground.ts';

const outdir = mkdtempSync(join(tmpdir(), 'flywheel-bootstrap-'));
beforeAll(() => {
  const env = { ...process.env, FLYWHEEL_CONFIG: 'config/tinyland.yaml', CDKTF_OUTDIR: outdir };
  spawnSync(process.execPath, ['bin/flywheel.cjs', 'synth'], { env });
});
afterAll(() => rmSync(outdir, { recursive: true }));

let ground: BootstrapGround;
beforeEach(async () => {
  ground = await BootstrapGround.start();
});
afterEach(() => ground.stop());

function run(...args: string[]): Promise<number> {
  const environment = { PATH: process.env.PATH, ...ground.home.environment, CDKTF_OUTDIR: outdir };
  return bootstrap(args, ground.printer, environment);
}

describe('bootstrap', () => {
  test('stops at the first step that is not good, and says how to go on, to machines too', async () => {
    expect(await run('--json')).toBe(2);
    const { cluster, exitCode, steps } = JSON.parse(ground.results.join('\n'));
    expect({ cluster, exitCode }).toEqual({ cluster: 'honey', exitCode: 2 });
    expect(steps).toMatchObject([
      { stack: 'attic', step: 'secrets', exitCode: 0 },
      { stack: 'attic', step: 'preflight', exitCode: 2 },
    ]);
    const told = ground.problems;
    expect(told[0]).toBe(
      'bootstrap of honey: attic, gitlab-runners, arc-runners, runner-dashboard',
    );
    expect(told.filter((line) => /^[a-z-]+: [a-z]+$/.test(line))).toEqual([
      'attic: secrets',
      'attic: preflight',
    ]);
    expect(told.at(-1)).toBe(
      'stopped at attic: preflight\n    when that is mended, just bootstrap goes on from there',
    );
  });

  test('begins nothing in another cluster than the declared one', async () => {
    ground.server.state.objects.clear();
    await expect(run()).rejects.toMatchObject({ exitCode: 1 });
    expect(ground.results).toEqual([]);
  });

  test.each<[string[], string]>([
    [['--confirm', 'honey'], '--confirm goes with --after-total-loss: nothing else is asked'],
    [['--after-total-loss', '--confirm', 'hive'], 'nothing was begun'],
  ])('begins nothing with %j', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
    expect(ground.results.filter((line) => line.startsWith('attic'))).toEqual([]);
  });
});
