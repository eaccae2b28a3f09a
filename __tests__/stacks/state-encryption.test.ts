import { describe, expect, test } from 'vitest';
import { encryptionBlock } from '../../stacks/state-encryption.ts';

const NOW = {
  kind: 'passphrase',
  name: 'state_2026',
  from: { source: 'environment', variable: 'NEW' },
} as const;
const BEFORE = {
  kind: 'passphrase',
  name: 'state_2025',
  from: { source: 'file', path: '/run/old' },
} as const;
const KMS = {
  kind: 'aws-kms',
  name: 'state_kms',
  keyId: 'alias/tofu-state',
  region: 'eu-west-1',
  profile: 'state-keys',
} as const;

describe('the encryption of a stack', () => {
  test('is enforced for states and plans, and names a key without holding it', () => {
    const block = encryptionBlock({ key: NOW });
    expect(block).toEqual({
      key_provider: { pbkdf2: { state_2026: {} } },
      method: { aes_gcm: { state_2026: { keys: 'key_provider.pbkdf2.state_2026' } } },
      state: { method: 'method.aes_gcm.state_2026', enforced: true },
      plan: { method: 'method.aes_gcm.state_2026', enforced: true },
    });
    expect(JSON.stringify(block)).not.toContain('NEW');
  });

  test('still reads what was encrypted with the key before', () => {
    const { key_provider, state } = encryptionBlock({ key: NOW, previous: BEFORE });
    expect(key_provider).toEqual({ pbkdf2: { state_2026: {}, state_2025: {} } });
    expect(state).toMatchObject({
      enforced: true,
      fallback: { method: 'method.aes_gcm.state_2025' },
    });
  });

  test('is not enforced for states while they were never encrypted, but for plans', () => {
    const { method, state, plan } = encryptionBlock({ key: NOW, previous: { kind: 'none' } });
    expect(method).toMatchObject({ unencrypted: { until_now: {} } });
    expect(state).toMatchObject({
      enforced: false,
      fallback: { method: 'method.unencrypted.until_now' },
    });
    expect(plan).toMatchObject({ enforced: true });
  });

  test('asks KMS by a profile of its own, beside a passphrase of before', () => {
    const { key_provider } = encryptionBlock({ key: KMS, previous: BEFORE });
    expect(key_provider).toEqual({
      aws_kms: {
        state_kms: {
          kms_key_id: 'alias/tofu-state',
          region: 'eu-west-1',
          profile: 'state-keys',
          key_spec: 'AES_256',
        },
      },
      pbkdf2: { state_2025: {} },
    });
  });
});
