import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** None of these commands comes as far as starting a program. */
function store(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['bin/flywheel.cjs', 'store', ...words],
    { encoding: 'utf8', env: { ...process.env, FLYWHEEL_CONFIG: '' } },
  );
  return { status, stdout, stderr };
}

const NAME = `command-${process.pid}`;

describe('just store', () => {
  test.each([
    [[], '--kind must say which server is to be the store: versitygw, minio, rustfs'],
    [['--kind', 'miniio'], '--kind must be one of versitygw, minio, rustfs, got: miniio'],
    [['--kind', 'minio', '--port', '70000'], '--port must be a number from 1 to 65535, got: 70000'],
    [
      ['--kind', 'minio', '--name', 'Two'],
      '--name must be up to 32 lower-case letters, digits and dashes, and begin and end with no dash, got: Two',
    ],
    [
      ['--kind', 'minio', '--address', '0.0.0.0'],
      '--address must be a loopback address, got: 0.0.0.0',
    ],
    [
      ['--kind', 'minio', '--address', '127.0.0.256'],
      '--address must be a loopback address, got: 127.0.0.256',
    ],
    [['--kind', 'minio', '--colour'], "Unknown option '--colour'"],
  ])('up rejects %j', (words, sentence) => {
    const named = words.includes('--name') ? words : [...words, '--name', NAME];
    const { status, stderr } = store('up', ...named);
    expect(stderr.split('\n')[0]).toBe(sentence);
    expect(status).toBe(64);
    expect(existsSync(`.rehearsal/store.${NAME}`)).toBe(false);
  });

  test('status and down say when there is nothing', () => {
    expect(store('status', '--name', NAME)).toEqual({
      status: 1,
      stdout: `${NAME}: there is none; start it: just store up --name ${NAME} --kind …\n`,
      stderr: '',
    });
    expect(JSON.parse(store('status', '--json', '--name', NAME).stdout)).toEqual({
      stores: [{ name: NAME, state: 'absent' }],
    });
    expect(store('down', '--name', NAME)).toEqual({
      status: 0,
      stdout: `there is no store ${NAME}\n`,
      stderr: '',
    });
  });
});
