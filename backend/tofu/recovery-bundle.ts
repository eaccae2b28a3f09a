import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { asText, at } from '../../policy/model/json.ts';
import { writeDurably } from '../recovery/durable.ts';
import type { StackState } from '../stack-state.ts';

/** What waits to be recovered lies in these folders of the person. */
const FOLDERS = ['recovery', 'journal'] as const;
const CIPHER = 'aes-256-gcm';
const FORMAT = 'flywheel-recovery-1';
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = SALT_BYTES + NONCE_BYTES + TAG_BYTES;
const KEY_BYTES = 32;
const SHORTEST = 16;
/** Some ten milliseconds and 16 MiB for each guess at a passphrase that is long. */
const COST = { N: 2 ** 14, r: 8, p: 1 };

/** Names the passphrase of a bundle. */
const PASSPHRASE = 'FLYWHEEL_RECOVERY_PASSPHRASE';

/** Files by their path below the folder of a stack, as base64. */
type Files = Readonly<Record<string, string>>;

/** The files of a stack that wait to be recovered, by their path. */
export function waitingFiles({ memory }: StackState): Files {
  const found = FOLDERS.flatMap((folder) =>
    existsSync(join(memory, folder))
      ? readdirSync(join(memory, folder), { withFileTypes: true })
          .filter((entry) => entry.isFile() && !entry.name.endsWith('.half'))
          .map(({ name }) => join(folder, name))
      : [],
  );
  return Object.fromEntries(
    found.map((path) => [path, readFileSync(join(memory, path)).toString('base64')]),
  );
}

/** The passphrase that the environment has. */
export function bundlePassphrase(environment: NodeJS.ProcessEnv): string {
  const given = environment[PASSPHRASE] ?? '';
  if (given.length >= SHORTEST) return given;
  const problem = given === '' ? 'is missing' : `has fewer than ${SHORTEST} characters`;
  throw new Failure(
    `${PASSPHRASE} ${problem}: what waits to be recovered holds a state, and leaves this machine encrypted or not at all`,
    EXIT.usage,
  );
}

/** Encrypts the files of a stack. */
export function sealed(stack: string, files: Files, passphrase: string): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const head = Buffer.from(`${FORMAT} ${stack}\n`);
  const cipher = createCipheriv(CIPHER, scryptSync(passphrase, salt, KEY_BYTES, COST), nonce);
  cipher.setAAD(head);
  const body = Buffer.concat([cipher.update(JSON.stringify(files)), cipher.final()]);
  return Buffer.concat([head, salt, nonce, cipher.getAuthTag(), body]);
}

/**
 * Decrypts what {@link sealed} has made.
 *
 * @throws Failure for what is no bundle of the stack, is damaged, or has another passphrase
 */
export function opened(stack: string, bundle: Buffer, passphrase: string): Files {
  const end = bundle.indexOf('\n') + 1;
  const head = bundle.subarray(0, end);
  const [format = '', of = ''] = head.toString('utf8').trim().split(' ');
  if (format !== FORMAT) throw new Failure('this is no bundle of a recovery', EXIT.usage);
  if (of !== stack) throw new Failure(`this is a bundle of ${of}, not of ${stack}`, EXIT.usage);
  const rest = bundle.subarray(end);
  const salt = rest.subarray(0, SALT_BYTES);
  const nonce = rest.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES);
  const tag = rest.subarray(SALT_BYTES + NONCE_BYTES, HEAD_BYTES);
  try {
    const key = scryptSync(passphrase, salt, KEY_BYTES, COST);
    const cipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(head);
    cipher.setAuthTag(tag);
    const text = Buffer.concat([cipher.update(rest.subarray(HEAD_BYTES)), cipher.final()]);
    return JSON.parse(text.toString('utf8'));
  } catch {
    throw new Failure('the bundle cannot be opened: it is damaged, or the passphrase is another');
  }
}

/**
 * Puts files back to where they wait to be recovered. What is there already is left as it is.
 *
 * @returns their places
 */
export function restore({ memory }: StackState, files: Files): string[] {
  const paths = Object.keys(files).sort();
  const strange = paths.find((path) => !/^(recovery|journal)\/[\w.-]+$/.test(path));
  if (strange !== undefined) throw new Failure(`the bundle holds ${strange}, which is not taken`);
  const clash = paths.find((path) => {
    const place = join(memory, path);
    return existsSync(place) && readFileSync(place).toString('base64') !== files[path];
  });
  if (clash !== undefined) {
    throw new Failure(
      `${join(memory, clash)} is there already, and is another one; nothing was changed`,
    );
  }
  for (const path of paths) {
    writeDurably(join(memory, path), Buffer.from(asText(at(files, path)) ?? '', 'base64'));
  }
  return paths.map((path) => join(memory, path));
}
