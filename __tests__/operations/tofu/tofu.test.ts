import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { complaintOf, runTofu } from '../../../operations/tofu/run-tofu.ts';
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
