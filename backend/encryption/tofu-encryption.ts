import type { EncryptionKey } from '../../config/schema/encryption.ts';
import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import { type PassphraseReader, readPassphrase } from './passphrase.ts';

/**
 * The value of `TF_ENCRYPTION` for a tofu that reads or writes states and plans: the passphrases of the keys that the
 * synthesized stack names, and nothing else. It belongs into the environment of that one process, and nowhere else.
 *
 * @returns undefined where nothing is encrypted, or by keys that OpenTofu fetches itself
 * @throws Failure that names every passphrase which cannot be had
 */
export async function tofuEncryption(
  settings: Settings,
  reader: PassphraseReader,
): Promise<string | undefined> {
  const passphrases: Record<string, { passphrase: string }> = {};
  const problems: string[] = [];
  for (const key of keysOf(settings)) {
    if (key.kind !== 'passphrase') continue;
    const read = await readPassphrase(key.from, reader);
    if ('problem' in read) problems.push(`the passphrase of the key ${key.name} ${read.problem}`);
    else passphrases[key.name] = { passphrase: read.value };
  }
  if (problems.length > 0) {
    throw new Failure(
      `states and plans are encrypted (state.encryption in the settings), and a key is missing\n    ${problems.join('\n    ')}`,
    );
  }
  if (Object.keys(passphrases).length === 0) return undefined;
  return JSON.stringify({ key_provider: { pbkdf2: passphrases } });
}

function keysOf({ state: { encryption } }: Settings): readonly EncryptionKey[] {
  if (encryption === undefined) return [];
  const { key, previous } = encryption;
  return previous === undefined || previous.kind === 'none' ? [key] : [key, previous];
}
