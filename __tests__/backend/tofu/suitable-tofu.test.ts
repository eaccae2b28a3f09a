import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allows, suitableTofu } from '../../../backend/tofu/suitable-tofu.ts';

describe('the version of tofu', () => {
  test.each([
    ['>= 1.12.0, < 2.0.0', '1.12.6', true],
    ['>= 1.12.0, < 2.0.0', '1.12.0', true],
    ['>= 1.12.0, < 2.0.0', '1.11.14', false],
    ['>= 1.12.0, < 2.0.0', '1.9.0', false],
    ['>= 1.12.0, < 2.0.0', '2.0.0', false],
    ['>= 1.12, < 2', '1.13.0-dev', true],
    ['= 1.12.6', '1.12.6', true],
    ['1.12.6', '1.12.5', false],
    ['!= 1.12.5', '1.12.5', false],
    ['> 1.12.5, <= 1.12.6', '1.12.6', true],
    ['', '1.0.0', true],
  ])('within %j: %s is %s', (required, version, allowed) => {
    expect(allows(required, version)).toBe(allowed);
  });
});

test('one that is too old is named with the version that is needed', async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-old-tofu-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'tofu');
  writeFileSync(program, '#!/bin/sh\necho "OpenTofu v1.9.0"\n');
  chmodSync(program, 0o755);
  const json = { terraform: { required_version: '>= 1.12.0, < 2.0.0' } };
  const place = { modules: 'tools', built: join(folder, 'built'), environment: { PATH: folder } };
  await expect(suitableTofu(json, { PATH: folder }, place)).rejects.toThrow(
    `${program} is tofu 1.9.0, and the stacks need >= 1.12.0, < 2.0.0`,
  );
  const nowhere = { ...place, environment: { PATH: '/nowhere' } };
  await expect(suitableTofu(json, { PATH: '/nowhere' }, nowhere)).rejects.toThrow(
    /^tofu \d+\.\d+\.\d+ is not built, and no tofu is on PATH\n {4}run just tools tofu/,
  );
});
