import { describe, expect, test } from 'vitest';
import { info } from '../../operations/attachment.ts';

function run(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const lines: string[] = [];
  const printer = {
    result: (line: string) => lines.push(line),
    problem: (line: string) => lines.push(line),
  };
  return { code: info(args, printer, environment), lines };
}

describe('info', () => {
  test('calls a machine without a Bazel cache what it is, and that is good (D1)', () => {
    expect(run([], { BAZEL_REMOTE_CACHE: '' })).toEqual({
      code: 0,
      lines: [
        'settings     config/tinyland.yaml',
        'Attic        https://nix-cache.tinyland.dev, cache main',
        'substituter  https://nix-cache.tinyland.dev/main, when you trust its key',
        'Bazel        compatibility-local-only',
      ],
    });
  });

  test('takes an address of the Bazel cache from the person only (D1, D3)', () => {
    const { lines } = run([], { BAZEL_REMOTE_CACHE: 'grpcs://bazel.example.org' });
    expect(lines.at(-1)).toBe('Bazel        cache-backed, grpcs://bazel.example.org');
  });

  test('repeats nothing that is no address', () => {
    const { lines } = run([], { BAZEL_REMOTE_CACHE: 'grpcs://me:secret@bazel.example.org' });
    expect(lines.at(-1)).toBe('Bazel        cache-backed');
  });

  test('derives what a shell needs from the settings, and no Bazel cache (T4, D1, D3)', () => {
    expect(run(['--export'], { FLYWHEEL_CONFIG: 'config/minimal.yaml' }).lines).toEqual([
      'export ATTIC_SERVER=https://nix-cache.example.org',
      'export ATTIC_CACHE=main',
    ]);
  });
});
