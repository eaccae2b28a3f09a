import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { uncommented, withoutMetadata } from '../../bench/without-metadata.ts';

describe('the peer in plain OpenTofu JSON', () => {
  test('has no comment at any depth, and all else as it was', () => {
    const resource = { '//': { metadata: 1 }, spec: [{ '//': 2, name: 'a//b', empty: {} }, null] };
    expect(uncommented({ '//': 0, resource })).toEqual({
      resource: { spec: [{ name: 'a//b', empty: {} }, null] },
    });
  });

  test('is a copy with what belongs to the stack, and without what tofu has installed', () => {
    const parent = mkdtempSync(join(tmpdir(), 'flywheel-plain-'));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    const folder = join(parent, 'stack');
    for (const name of ['assets', '.terraform']) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'file'), name);
    }
    writeFileSync(join(folder, '.terraform.lock.hcl'), 'hashes');
    writeFileSync(join(folder, 'cdk.tf.json'), '{"//":{"long":"metadata"},"output":{"a":1}}');
    const { folder: copy, bytes, plainBytes } = withoutMetadata(folder, parent);
    expect(readdirSync(copy, { recursive: true }).sort()).toEqual([
      '.terraform.lock.hcl',
      'assets',
      'assets/file',
      'cdk.tf.json',
    ]);
    expect(JSON.parse(readFileSync(join(copy, 'cdk.tf.json'), 'utf8'))).toEqual({
      output: { a: 1 },
    });
    expect(plainBytes).toBeLessThan(bytes);
  });
});
