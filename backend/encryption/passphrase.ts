import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EncryptionKey } from '../../config/schema/encryption.ts';

/** Where a passphrase is read from. */
export type PassphraseSource = Extract<EncryptionKey, { kind: 'passphrase' }>['from'];

/** One key of a Secret. */
export interface SecretPlace {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** What the source of a passphrase is read with. */
export interface PassphraseReader {
  readonly environment: NodeJS.ProcessEnv;
  /** Reads one key of a Secret, in the cluster that this process runs in. */
  readonly readSecret: (place: SecretPlace) => Promise<string>;
}

/** A passphrase, or why there is none: continues "the passphrase ". The reason never quotes it. */
export type Passphrase = { readonly value: string } | { readonly problem: string };

/** What OpenTofu asks for. */
const SHORTEST = 16;
const COMMAND_MS = 60_000;
const READABLE_BY_OTHERS = 0o077;

/** Reads a passphrase. One line break at its end belongs to the file or the command, any other one is refused. */
export async function readPassphrase(
  source: PassphraseSource,
  reader: PassphraseReader,
): Promise<Passphrase> {
  const read = await readSource(source, reader);
  return 'problem' in read ? read : judged(read.value.replace(/\r?\n$/, ''), read.where);
}

type Read = { readonly value: string; readonly where: string } | { readonly problem: string };

async function readSource(source: PassphraseSource, reader: PassphraseReader): Promise<Read> {
  switch (source.source) {
    case 'file':
      return readFile(source.path, reader.environment);
    case 'command':
      return await readCommand(source.run, reader.environment);
    case 'environment':
      return readVariable(source.variable, reader.environment);
    case 'secret':
      return await readInCluster(source, reader);
  }
}

function readVariable(variable: string, environment: NodeJS.ProcessEnv): Read {
  const value = environment[variable];
  return value === undefined
    ? { problem: `is to be in ${variable}, which is not set` }
    : { value, where: variable };
}

function readFile(given: string, environment: NodeJS.ProcessEnv): Read {
  const file = given.replace(/^~(?=\/)/, environment.HOME ?? homedir());
  try {
    if ((statSync(file).mode & READABLE_BY_OTHERS) !== 0) {
      return { problem: `is in ${file}, which others may read: chmod 600 ${file}` };
    }
    return { value: readFileSync(file, 'utf8'), where: file };
  } catch (error) {
    return { problem: `is to be in ${file}, which cannot be read: ${codeOf(error)}` };
  }
}

function readCommand(command: readonly string[], environment: NodeJS.ProcessEnv): Promise<Read> {
  const [program = '', ...args] = command;
  const where = command.join(' ');
  return new Promise((resolve) => {
    execFile(program, args, { env: environment, timeout: COMMAND_MS }, (error, stdout) => {
      const why = error?.killed === true ? `was killed after ${COMMAND_MS / 1000} s` : 'failed';
      const code = error === null ? '' : ` (${codeOf(error)})`;
      resolve(
        error === null
          ? { value: stdout, where }
          : { problem: `is to be printed by "${where}", which ${why}${code}` },
      );
    });
  });
}

/** Outside of the cluster nobody may come to depend on a key that is lost with it. */
async function readInCluster(
  secret: SecretPlace,
  { environment, readSecret }: PassphraseReader,
): Promise<Read> {
  const where = join(secret.namespace, secret.name, secret.key);
  if (environment.KUBERNETES_SERVICE_HOST === undefined) {
    return {
      problem: `is in the Secret ${where}, which is read by jobs in the cluster alone: outside of it name a file, a command or a variable`,
    };
  }
  try {
    return { value: await readSecret(secret), where };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `is to be in the Secret ${where}, which cannot be read: ${why}` };
  }
}

function judged(value: string, where: string): Passphrase {
  if (/[\r\n]/.test(value)) return { problem: `from ${where} has a line break in it` };
  if (value !== value.trim()) return { problem: `from ${where} begins or ends with a blank` };
  if (value.length < SHORTEST) {
    return { problem: `from ${where} has fewer than ${SHORTEST} characters` };
  }
  return { value };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && error.code !== null ? String(error.code) : error.name;
}
