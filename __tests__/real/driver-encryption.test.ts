import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isState, readState } from '../../backend/state/state-document.ts';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { plan } from '../../backend/tofu/commands/plan.ts';
import { readSettings } from '../../config/read-settings.ts';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import { encryptionBlock } from '../../stacks/state-encryption.ts';
import { driverGround } from './driver-ground.ts';
import { type DriverStack, resources } from './driver-stack.ts';

const PASSPHRASES = {
  FIRST: 'correct horse battery staple',
  SECOND: 'a passphrase that came after it',
};
const keyNamed = (name: string, variable: string) =>
  `{ kind: passphrase, name: ${name}, from: { source: environment, variable: ${variable} } }`;
const FIRST = keyNamed('state_2025', 'FIRST');
const SECOND = keyNamed('state_2026', 'SECOND');

const ground = driverGround();

/** Brings the settings, and with them what is synthesized, to this encryption. */
function encrypt(stack: DriverStack, key: string, previous?: string): void {
  const file = stack.environment.FLYWHEEL_CONFIG ?? '';
  const [text = ''] = readFileSync(file, 'utf8').split('\nstate:');
  const before = previous === undefined ? '' : `, previous: ${previous}`;
  writeFileSync(file, `${text}\nstate:\n  encryption: { key: ${key}${before} }\n`);
  const { encryption } = readSettings(file).state;
  if (encryption === undefined) throw new Error('nothing is encrypted');
  stack.write(resources({ one: 'first' }));
  const json = JSON.parse(readFileSync(join(stack.folder, STACK_FILE), 'utf8'));
  json.terraform.encryption = encryptionBlock(encryption);
  writeFileSync(join(stack.folder, STACK_FILE), JSON.stringify(json));
}

/** What the store holds: whether it can be read without a key, its serial, and the names of the keys it names. */
async function stored(stack: DriverStack) {
  const bytes = (await stack.object()) ?? Buffer.alloc(0);
  const read = readState(bytes);
  if (!isState(read)) throw new Error(`the body ${read.because}`);
  const keys = [...bytes.toString().matchAll(/"key_provider\.pbkdf2\.(\w+)"/g)];
  return { encrypted: read.encrypted, serial: read.serial, keys: keys.map(([, name]) => name) };
}

async function deployed(stack: DriverStack, ...args: string[]): Promise<void> {
  const said = await stack.run(deploy, args, PASSPHRASES);
  expect(said.code, said.problems).toBe(0);
}

describe('the encryption of a state', () => {
  test('is turned on over a state in clear, and a new key takes over from the one before', async () => {
    const stack = ground.stackOn(ground.realStore());
    stack.write(resources({ one: 'first' }));
    await deployed(stack, '--first-run');
    const clear = await stored(stack);
    expect(clear).toMatchObject({ encrypted: false, keys: [] });
    encrypt(stack, FIRST, '{ kind: none }');
    await deployed(stack);
    const first = await stored(stack);
    expect(first).toMatchObject({ encrypted: true, keys: ['state_2025'] });
    encrypt(stack, SECOND, FIRST);
    await deployed(stack);
    const second = await stored(stack);
    expect(second).toMatchObject({ encrypted: true, keys: ['state_2026'] });
    // To the gateway each is a successor of the one before, and no fork.
    expect(first.serial).toBeGreaterThan(clear.serial);
    expect(second.serial).toBeGreaterThan(first.serial);
    encrypt(stack, SECOND);
    await deployed(stack);
    expect(await stored(stack)).toEqual(second);
  });

  test('keeps out whoever lacks the passphrase, before anything is asked or changed', async () => {
    const stack = ground.stackOn(ground.realStore());
    encrypt(stack, FIRST);
    await deployed(stack, '--first-run');
    const before = await stored(stack);
    const said = await stack.run(plan, [], { FIRST: undefined });
    expect(said.code).toBe(1);
    expect(said.problems).toContain(
      'the passphrase of the key state_2025 is to be in FIRST, which is not set',
    );
    const wrong = await stack.run(plan, [], { FIRST: 'another passphrase altogether' });
    expect(wrong.code).toBe(1);
    expect(wrong.problems).toMatch(/decryption failed/);
    expect(await stored(stack)).toEqual(before);
  });
});
