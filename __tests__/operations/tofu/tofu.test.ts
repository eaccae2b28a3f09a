import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { complaintOf, jsonIn, runTofu } from '../../../operations/tofu/run-tofu.ts';
import { tofuEnvironment } from '../../../operations/tofu/tofu-environment.ts';

test('a tofu that reads gets no argument, variable or credential that a shell has left behind', () => {
  expect(
    tofuEnvironment({
      PATH: '/bin',
      HTTPS_PROXY: 'http://proxy',
      TF_CLI_CONFIG_FILE: '/etc/tofurc',
      TF_CLI_ARGS: '-lock=false',
      TF_CLI_ARGS_plan: '-lock=false',
      TF_WORKSPACE: 'other',
      TF_VAR_name: 'x',
      TF_DATA_DIR: '/elsewhere',
      TOFU_BACKEND_S3_SECRET_ACCESS_KEY: 'secret',
      AWS_SECRET_ACCESS_KEY: 'secret',
    }),
  ).toEqual({
    PATH: '/bin',
    HTTPS_PROXY: 'http://proxy',
    TF_CLI_CONFIG_FILE: '/etc/tofurc',
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
  });
});

describe('a run of tofu', () => {
  const run = (script: string, deadlineMs?: number) =>
    runTofu({
      tofu: '/bin/sh',
      folder: tmpdir(),
      args: ['-c', script],
      environment: {},
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });

  test('has its code and what it says', async () => {
    expect(await run('echo out; echo err >&2; exit 3')).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('is killed at its deadline', async () => {
    const result = await run('exec sleep 60', 50);
    expect(result).toEqual({ code: undefined, stdout: '', stderr: '' });
    expect(complaintOf(result)).toBe('tofu took too long and was killed');
  });

  test('ends at once with all that it has started, when it is told to', async () => {
    const ending = new AbortController();
    const folder = mkdtempSync(join(tmpdir(), 'flywheel-tofu-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const started = runTofu({
      tofu: '/bin/sh',
      folder,
      // Holds the other end of standard output, as a provider does: it has to go for the run to be over.
      args: ['-c', 'sleep 60 & echo $! > started; wait'],
      environment: { PATH: '/usr/bin:/bin' },
      signal: ending.signal,
    });
    await vi.waitUntil(() => existsSync(join(folder, 'started')));
    ending.abort();
    expect((await started).code).toBeUndefined();
    const later = { tofu: '/nowhere', folder, args: [], environment: {}, signal: ending.signal };
    expect((await runTofu(later)).code).toBeUndefined();
  });

  test('rejects for a program that is not there', async () => {
    const missing = { tofu: '/nowhere/tofu', folder: tmpdir(), args: [], environment: {} };
    await expect(runTofu(missing)).rejects.toThrow('ENOENT');
  });

  test.each([
    [
      '╷\n│ Warning: old\n│\n│ It is.\n╵\n╷\n│ Error: No such\n│   provider\n│\n│ Look   elsewhere.\n╵\n',
      'No such provider Look elsewhere.',
    ],
    ['\nError: One\n\nfirst\n\nWarning: Two\n\nsecond\n', 'One first'],
    ['', 'tofu ended with 1 and said nothing'],
  ])('complains in one line', (stderr, complaint) => {
    expect(complaintOf({ code: 1, stdout: '', stderr })).toBe(complaint);
  });
});

describe('the JSON that tofu prints', () => {
  test.each<[string, string, unknown]>([
    ['alone', '{"format_version":"1.2"}\n', { format_version: '1.2' }],
    [
      'after a warning of its configuration',
      '\nWarning: Unable to open CLI configuration file\n\nThe file {"a":1} does not exist.\n\n{"valid":true}\n',
      { valid: true },
    ],
    [
      'over several lines',
      '{\n  "valid": false,\n  "error_count": 1\n}\n',
      { valid: false, error_count: 1 },
    ],
    ['cut short', '{"valid":tr', undefined],
    ['not at all', 'Error: no\n', undefined],
    ['and nothing else', '', undefined],
  ])('is read %s', (_, stdout, json) => {
    expect(jsonIn({ stdout })).toEqual(json);
  });
});
