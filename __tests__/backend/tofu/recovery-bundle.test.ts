import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stackState } from '../../../backend/stack-state.ts';
import { packRecovery, unpackRecovery } from '../../../backend/tofu/commands/recovery-bundle.ts';
import { readSettings } from '../../../config/read-settings.ts';
import type { ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { exampleFile } from '../../support/examples.ts';

const PASSPHRASE = 'correct horse battery';
const STATE = '{"version":4,"resources":["a-secret-of-the-state"]}';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Bundling = (
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv,
) => ExitCode;

function run(command: Bundling, machine: string, stack = 'attic', change: NodeJS.ProcessEnv = {}) {
  const results: string[] = [];
  const printer = { result: (line: string) => results.push(line), problem: () => {} };
  const environment = {
    FLYWHEEL_CONFIG: exampleFile('minimal'),
    XDG_STATE_HOME: join(folder, machine),
    FLYWHEEL_RECOVERY_PASSPHRASE: PASSPHRASE,
    ...change,
  };
  const code = command([stack, join(folder, 'bundle')], printer, environment);
  return { code, results: results.join('\n') };
}

/** The folder of the person for the stack attic on a machine. */
function memory(machine: string): string {
  const settings = readSettings(exampleFile('minimal'));
  return stackState('attic', settings, { XDG_STATE_HOME: join(folder, machine) }).memory;
}

function waits(machine: string, text = STATE): void {
  for (const [path, content] of [
    ['recovery/one.tfstate', text],
    ['recovery/one.tfstate.json', '{}'],
    ['journal/run.jsonl', '{"event":"begin"}\n'],
  ] as const) {
    mkdirSync(join(memory(machine), path, '..'), { recursive: true });
    writeFileSync(join(memory(machine), path), content);
  }
}

describe('what waits to be recovered', () => {
  test('leaves a machine encrypted, and is whole on the next one (S8)', () => {
    waits('job');
    expect(run(packRecovery, 'job').results).toContain('holds 3 files of attic, encrypted');
    expect(readFileSync(join(folder, 'bundle'), 'latin1')).not.toMatch(/secret|version|begin/);
    expect(run(unpackRecovery, 'desk').results.split('\n')).toHaveLength(3);
    expect(readFileSync(join(memory('desk'), 'recovery/one.tfstate'), 'utf8')).toBe(STATE);
    // Twice is as good as once.
    expect(run(unpackRecovery, 'desk').code).toBe(0);
  });

  test('does not leave it at all without a passphrase', () => {
    waits('job');
    for (const given of ['', 'short']) {
      expect(() =>
        run(packRecovery, 'job', 'attic', { FLYWHEEL_RECOVERY_PASSPHRASE: given }),
      ).toThrow('leaves this machine encrypted or not at all');
    }
    expect(existsSync(join(folder, 'bundle'))).toBe(false);
  });

  test('is nothing most of the time: then there is no file, and no passphrase is needed', () => {
    const said = run(packRecovery, 'job', 'attic', { FLYWHEEL_RECOVERY_PASSPHRASE: '' });
    expect(said).toEqual({ code: 0, results: 'nothing of attic waits to be recovered' });
    expect(existsSync(join(folder, 'bundle'))).toBe(false);
  });

  test('is put over nothing else', () => {
    waits('job');
    run(packRecovery, 'job');
    waits('desk', 'another');
    expect(() => run(unpackRecovery, 'desk')).toThrow(/is there already, and is another one/);
    expect(readFileSync(join(memory('desk'), 'recovery/one.tfstate'), 'utf8')).toBe('another');
  });

  test('is opened by its passphrase, for its stack, undamaged', () => {
    waits('job');
    run(packRecovery, 'job');
    const other = { FLYWHEEL_RECOVERY_PASSPHRASE: 'another passphrase' };
    expect(() => run(unpackRecovery, 'desk', 'attic', other)).toThrow('cannot be opened');
    expect(() => run(unpackRecovery, 'desk', 'arc-runners')).toThrow(
      'this is a bundle of attic, not of arc-runners',
    );
    const file = join(folder, 'bundle');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(() => run(unpackRecovery, 'desk')).toThrow('cannot be opened');
    writeFileSync(file, 'something else\n');
    expect(() => run(unpackRecovery, 'desk')).toThrow('this is no bundle of a recovery');
    expect(existsSync(memory('desk'))).toBe(false);
  });
});
