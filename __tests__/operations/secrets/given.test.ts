import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { afterAll, describe, expect, test } from 'vitest';
import { fromDocument, fromEnvironment, fromFolder } from '../../../operations/secrets/given.ts';
import { terminalPrompt } from '../../../operations/secrets/prompt.ts';
import { SecretRef } from '../../../values/secret-ref.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-given-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TOKEN = SecretRef.of('runner-token', 'gitlab-runners', 'nix-runner-token');
const PULL = SecretRef.of('registry-credentials', 'nix-cache', 'ghcr');

function file(path: string, content: string | Buffer): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

describe('what a person gives', () => {
  test('is taken from a variable, with the namespace or without', () => {
    const environment = {
      FLYWHEEL_SECRET_GITLAB_RUNNERS__NIX_RUNNER_TOKEN__RUNNER_TOKEN: 'one',
      FLYWHEEL_SECRET_NIX_RUNNER_TOKEN__RUNNER_TOKEN: 'two',
      FLYWHEEL_SECRET_GHCR__DOCKERCONFIGJSON: '{}',
    };
    const given = fromEnvironment(environment);
    expect(given(TOKEN, 'runner-token').map(({ value }) => value)).toEqual(['one', 'two']);
    expect(given(PULL, '.dockerconfigjson')).toEqual([
      { value: '{}', from: 'FLYWHEEL_SECRET_GHCR__DOCKERCONFIGJSON' },
    ]);
    expect(given(PULL, 'token')).toEqual([]);
  });

  test('is taken from a folder as it is, with its line end', () => {
    const path = file('a/gitlab-runners/nix-runner-token/runner-token', 'glrt-x\n');
    file('a/ghcr/.dockerconfigjson', '{}');
    const given = fromFolder(join(folder, 'a'));
    expect(given(TOKEN, 'runner-token')).toEqual([{ value: 'glrt-x\n', from: path }]);
    expect(given(PULL, '.dockerconfigjson')).toMatchObject([{ value: '{}' }]);
  });

  test('is taken from a JSON document', () => {
    const given = fromDocument('{"gitlab-runners/nix-runner-token": {"runner-token": "glrt-x"}}');
    expect(given(TOKEN, 'runner-token')).toEqual([
      { value: 'glrt-x', from: 'gitlab-runners/nix-runner-token on standard input' },
    ]);
    expect(given(TOKEN, 'constructor')).toEqual([]);
  });

  test.each([
    ['no JSON', 'hunter2', 'standard input is not JSON'],
    ['a list', '["hunter2"]', 'standard input must be a JSON object'],
    ['a text for a Secret', '{"ghcr": "hunter2"}', 'ghcr must be a JSON object'],
    ['a number for a value', '{"ghcr": {"token": 2}}', 'ghcr: token must be text'],
  ])('is refused as %s, and not repeated', (_, text, message) => {
    expect(() => fromDocument(text)).toThrow(message);
    expect(message).not.toContain('hunter2');
  });

  test('is refused from a file that holds no text', () => {
    const path = file('b/ghcr/.dockerconfigjson', Buffer.from([0xff, 0xfe, 0x7b]));
    expect(() => fromFolder(join(folder, 'b'))(PULL, '.dockerconfigjson')).toThrow(
      `${path} cannot be read: it is not UTF-8 text`,
    );
    expect(() => fromFolder(join(folder, 'none'))).toThrow(`there is no folder ${folder}/none`);
  });
});

describe('terminalPrompt', () => {
  function terminal() {
    const modes: boolean[] = [];
    const shown: string[] = [];
    const input = Object.assign(new PassThrough(), {
      setRawMode: (on: boolean) => void modes.push(on),
    }) as unknown as ReadStream & PassThrough;
    const output = new PassThrough();
    output.on('data', (chunk) => void shown.push(String(chunk)));
    return { input, prompt: terminalPrompt(input, output), modes, shown };
  }

  test('takes a value without showing it, and puts the terminal back', async () => {
    const { input, prompt, modes, shown } = terminal();
    const answer = prompt.secret('token (not shown): ');
    input.write('glrtx');
    input.write('\u007f-abc\r');
    expect(await answer).toBe('glrt-abc');
    expect(modes).toEqual([true, false]);
    expect(shown.join('')).toBe('token (not shown): \n');
  });

  test('takes nothing for an answer, and an interruption for an end', async () => {
    const { input, prompt, modes } = terminal();
    const nothing = prompt.secret('token: ');
    input.write('\n');
    expect(await nothing).toBeUndefined();
    const interrupted = prompt.secret('token: ');
    input.write('glrt-\u0003');
    await expect(interrupted).rejects.toMatchObject({
      message: 'interrupted; nothing was written',
      exitCode: 130,
    });
    expect(modes).toEqual([true, false, true, false]);
  });

  test('asks for the name of a file in the open', async () => {
    const { input, prompt } = terminal();
    const answer = prompt.text('from which file: ');
    input.write('/tmp/key.pem \n');
    expect(await answer).toBe('/tmp/key.pem');
  });
});
