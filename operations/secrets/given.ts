import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { SecretRef } from '../../values/secret-ref.ts';

/** A value that a person gave, and where. */
export interface GivenValue {
  readonly value: string;
  readonly from: string;
}

/** Finds every value that a person gave for a key of a Secret. */
export type GivenSource = (secret: SecretRef, key: string) => readonly GivenValue[];

const VARIABLE = 'FLYWHEEL_SECRET_';
const MAX_BYTES = 2 ** 20;

/** The variables that may hold a key: with the namespace, or without it for Secrets that are the same in several. */
export function variablesOf(
  { namespace, name }: SecretRef,
  key: string,
): readonly [string, string] {
  const short = `${shouted(name)}__${shouted(key.replace(/^\./, ''))}`;
  return [`${VARIABLE}${shouted(namespace)}__${short}`, `${VARIABLE}${short}`];
}

function shouted(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** Values in the environment. */
export function fromEnvironment(environment: NodeJS.ProcessEnv): GivenSource {
  return (secret, key) =>
    variablesOf(secret, key).flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [{ value, from: name }];
    });
}

/** The files below a folder that may hold a key. */
export function filesOf({ namespace, name }: SecretRef, key: string): readonly [string, string] {
  return [join(namespace, name, key), join(name, key)];
}

/** Values in files below a folder, as a Secret looks when it is mounted: `<namespace>/<name>/<key>`, or `<name>/<key>`. */
export function fromFolder(folder: string): GivenSource {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Failure(`there is no folder ${folder}`, EXIT.usage);
  }
  return (secret, key) =>
    filesOf(secret, key).flatMap((file) => {
      const path = join(folder, file);
      const value = readValue(path);
      return value === undefined ? [] : [{ value, from: path }];
    });
}

/** The text of a file exactly as it is, or undefined where there is none. */
export function readValue(path: string): string | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (!status.isFile() || status.size > MAX_BYTES) {
    throw new Failure(`${path} is no file of at most ${MAX_BYTES} bytes`, EXIT.usage);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Failure(
      `${path} cannot be read: ${code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : code}`,
    );
  }
}

/**
 * Values in a JSON document: `{"<namespace>/<name>": {"<key>": "<value>"}}`, or the name alone.
 *
 * @throws Failure for anything else, without repeating any of it
 */
export function fromDocument(text: string): GivenSource {
  const document = parse(text);
  return ({ namespace, name }, key) =>
    [`${namespace}/${name}`, name].flatMap((title) => {
      const value = document.get(title)?.get(key);
      return value === undefined ? [] : [{ value, from: `${title} on standard input` }];
    });
}

function parse(text: string): Map<string, Map<string, string>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's words quote what they stumble over, and that can be a secret.
    throw new Failure('standard input is not JSON', EXIT.usage);
  }
  return new Map(
    entriesOf(document, 'standard input').map(([title, keys]) => [
      title,
      new Map(
        entriesOf(keys, title).map(([key, value]) => [key, textOf(value, `${title}: ${key}`)]),
      ),
    ]),
  );
}

function entriesOf(value: unknown, what: string): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value);
  }
  throw new Failure(`${what} must be a JSON object`, EXIT.usage);
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Failure(`${what} must be text`, EXIT.usage);
}
