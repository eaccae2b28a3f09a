import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Outcome, reportOf } from './real/layer-report.ts';

const RESULT: readonly Outcome[] = [
  { file: '__tests__/real/components.test.ts', state: 'not run', because: 'no atticd' },
  { file: '__tests__/real/providers.test.ts', state: 'failed' },
  { file: '__tests__/real/tofu-lock.test.ts', state: 'passed' },
  { file: '__tests__/real/tofu-backend.test.ts', state: 'not run', because: 'no rustfs' },
  { file: '__tests__/real/tofu-backend.test.ts', state: 'passed' },
  { file: '__tests__/real/tofu-backend.test.ts', state: 'not run', because: 'no minio' },
  { file: '__tests__/real/tofu-backend.test.ts', state: 'not run', because: 'no rustfs' },
  { file: '__tests__/real/tofu-backend.test.ts', state: 'not run' },
];

describe('the report of the real lane', () => {
  test('has the layers in order, what was not run by reason, and the counts', () => {
    expect(reportOf(RESULT, 0)).toEqual([
      'tofu        2 passed, 4 not run',
      '    2 not run: no rustfs',
      '    1 not run: no minio',
      '    1 not run: nobody says why',
      'providers   0 passed, 1 failed',
      'components  0 passed, 1 not run',
      '    1 not run: no atticd',
      '2 passed, 1 failed, 5 skipped',
    ]);
  });

  test('counts what breaks outside of any test', () => {
    expect(reportOf([], 2)).toEqual([
      '2 errors outside of any test',
      '0 passed, 2 failed, 0 skipped',
    ]);
  });
});

describe('the real lane', () => {
  // Below the checkout, so that the tests in it find vitest.
  const folder = mkdtempSync(resolve('node_modules', '.flywheel-lane-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('runs its files layer by layer, and says of every test what came of it', () => {
    mkdirSync(join(folder, '__tests__', 'real'), { recursive: true });
    const files = {
      'providers.test.ts': "test('skips', (ctx) => ctx.skip('no registry'));",
      'cluster.test.ts':
        "describe('broken', () => { beforeAll(() => { throw new Error('no'); }); test('one', () => {}); });",
      'tofu.test.ts':
        "describe.skip('a group (not run: no tofu (just tools))', () => { test('one', () => {}); });\ntest('passes', () => {});",
      'tools.test.ts':
        "beforeEach((ctx) => ctx.skip('no Go'));\ntest('needs Go', () => { throw new Error('ran'); });",
    };
    for (const [name, text] of Object.entries(files)) {
      const imports = "import { beforeAll, beforeEach, describe, test } from 'vitest';\n";
      writeFileSync(join(folder, '__tests__', 'real', name), `${imports}${text}\n`);
    }
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--config',
        resolve('vitest.real.config.ts'),
        '--root',
        relative('', folder),
      ],
      { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
    expect(status).toBe(1);
    expect(stdout.slice(stdout.indexOf('\ntools')).trim().split('\n')).toEqual([
      'tools      0 passed, 1 not run',
      '    1 not run: no Go',
      'tofu       1 passed, 1 not run',
      '    1 not run: no tofu (just tools)',
      'providers  0 passed, 1 not run',
      '    1 not run: no registry',
      'cluster    0 passed, 1 failed, 1 not run',
      '    1 not run: what stands around it failed',
      '1 passed, 1 failed, 4 skipped',
    ]);
  }, 60_000);
});
