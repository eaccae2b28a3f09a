import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../../config/read-settings.ts';
import { storeBuckets } from '../../../../operations/rehearsal/store/buckets.ts';
import { exportLines } from '../../../../operations/rehearsal/store/variables.ts';

const settings = readSettings();

describe('the buckets of a rehearsal store', () => {
  test('are the three of the settings, and only that of the state keeps old versions', () => {
    const named = {
      ...settings,
      state: { ...settings.state, bucket: 'other-state', store: 'elsewhere' as const },
    };
    expect(
      storeBuckets(named).map(({ name, purpose, rules }) => [name, purpose, rules.versioned]),
    ).toEqual([
      ['attic', 'attic', false],
      ['bazel-cache', 'bazel', false],
      ['other-state', 'state', true],
    ]);
  });

  test('keep no old versions where the server cannot', () => {
    expect(storeBuckets(settings, false).map(({ rules }) => rules.versioned)).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('have an identity each, and another with every start', () => {
    const identities = [...storeBuckets(settings), ...storeBuckets(settings)].map(
      ({ identity }) => identity,
    );
    expect(new Set(identities.map(({ accessKeyId }) => accessKeyId)).size).toBe(6);
    expect(new Set(identities.map(({ secretAccessKey }) => secretAccessKey)).size).toBe(6);
  });
});

test('the variables of the backend name the bucket and the identity of the state', () => {
  const buckets = storeBuckets(settings).map((bucket) => ({
    ...bucket,
    identity: { accessKeyId: `ID-${bucket.purpose}`, secretAccessKey: `key-${bucket.purpose}` },
  }));
  const root = { accessKeyId: 'root', secretAccessKey: 'root' };
  const facts = { endpoint: 'http://127.0.0.1:9', region: 'eu-1', pathStyle: true, root, buckets };
  expect(exportLines({ ...facts, pathStyle: true })).toEqual([
    'export TOFU_BACKEND_S3_ENDPOINT=http://127.0.0.1:9',
    'export TOFU_BACKEND_S3_BUCKET=tofu-state',
    'export TOFU_BACKEND_S3_REGION=eu-1',
    'export TOFU_BACKEND_S3_ACCESS_KEY_ID=ID-state',
    'export TOFU_BACKEND_S3_SECRET_ACCESS_KEY=key-state',
    'export TOFU_BACKEND_S3_PATH_STYLE=true',
  ]);
});
