import type { EncryptionKey } from '../config/schema/encryption.ts';
import type { Settings } from '../config/settings.ts';

type Encryption = NonNullable<Settings['state']['encryption']>;
type Block = Record<string, Record<string, unknown>>;

/**
 * The `encryption` block of a stack. It names keys and never holds one: a passphrase comes by `TF_ENCRYPTION` into the process
 * that needs it, and without it OpenTofu refuses to read or write anything.
 *
 * @see https://opentofu.org/docs/language/state/encryption
 */
export function encryptionBlock({ key, previous }: Encryption): Record<string, unknown> {
  const keys = previous === undefined || previous.kind === 'none' ? [key] : [key, previous];
  const fallback = previous === undefined ? undefined : methodOf(previous);
  const isUnencrypted = previous?.kind === 'none';
  const method = methodOf(key);
  return {
    key_provider: grouped(keys.map((each) => [PROVIDERS[each.kind], each.name, providerOf(each)])),
    method: grouped([
      ...keys.map((each) => ['aes_gcm', each.name, { keys: referenceTo(each) }] as const),
      ...(isUnencrypted ? [['unencrypted', UNENCRYPTED, {}] as const] : []),
    ]),
    state: {
      method,
      // OpenTofu refuses to read what is not encrypted as long as encryption is enforced.
      enforced: !isUnencrypted,
      ...(fallback === undefined ? {} : { fallback: { method: fallback } }),
    },
    plan: { method, enforced: true },
  };
}

const PROVIDERS = { passphrase: 'pbkdf2', 'aws-kms': 'aws_kms' } as const;
const UNENCRYPTED = 'until_now';

function methodOf(key: EncryptionKey | { readonly kind: 'none' }): string {
  return key.kind === 'none' ? `method.unencrypted.${UNENCRYPTED}` : `method.aes_gcm.${key.name}`;
}

function referenceTo({ kind, name }: EncryptionKey): string {
  return `key_provider.${PROVIDERS[kind]}.${name}`;
}

/** What may be known in public of a key: of a passphrase nothing. */
function providerOf(key: EncryptionKey): Record<string, unknown> {
  if (key.kind === 'passphrase') return {};
  const { keyId, region, profile } = key;
  return { kms_key_id: keyId, region, profile, key_spec: 'AES_256' };
}

function grouped(entries: readonly (readonly [string, string, unknown])[]): Block {
  const block: Block = {};
  for (const [kind, name, body] of entries) block[kind] = { ...block[kind], [name]: body };
  return block;
}
