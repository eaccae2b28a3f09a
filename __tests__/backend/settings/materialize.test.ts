import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAttributes } from '../../../backend/settings/attribute-file.ts';
import { materialize, materialized } from '../../../backend/settings/materialize.ts';

const ACCESS = {
  endpoint: 'https://s3.example.org',
  bucket: 'tofu-state',
  region: 'us-east-1',
  pathStyle: true,
  keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secretsecretsecret' },
};

test('the materialized file says where the store is, and never as whom (S3)', ({
  onTestFinished,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-materialize-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'backend.flywheel.tfbackend');
  // One that others could read is replaced, not written to.
  writeFileSync(file, '', { mode: 0o644 });
  expect(materialize(folder, materialized(ACCESS, '/etc/${ca}.pem'))).toBe(file);
  const text = readFileSync(file, 'utf8');
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  expect(text).toContain('custom_ca_bundle = "/etc/$${ca}.pem"');
  expect(text).not.toMatch(/AKIDEXAMPLE|secretsecret/);
  materialize(folder, materialized(ACCESS, undefined));
  expect(parseAttributes(readFileSync(file, 'utf8'))).toMatchObject([
    { name: 'endpoints.s3', value: 'https://s3.example.org' },
  ]);
});
