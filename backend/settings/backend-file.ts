import { readFileSync, statSync } from 'node:fs';
import { closest } from 'fastest-levenshtein';
import type { Settings } from '../../config/settings.ts';
import { isObject } from '../../policy/model/json.ts';
import { type Attribute, type AttributeValue, parseAttributes } from './attribute-file.ts';
import { ATTRIBUTES, type Said } from './variables.ts';

/** What a backend file says, each with its place for messages. */
export interface BackendFile {
  readonly said: Readonly<
    Partial<Record<Said, { readonly value: string; readonly place: string }>>
  >;
  /** Sentences, each with its place. */
  readonly problems: readonly string[];
}

const MAX_BYTES = 65_536;
const OTHERS = 0o077;

/** Other spellings of what is read. */
const SPELLINGS: Readonly<Record<string, Said>> = {
  ...Object.fromEntries(Object.entries(ATTRIBUTES).map(([said, name]) => [name, said as Said])),
  endpoint: 'ENDPOINT',
  force_path_style: 'PATH_STYLE',
};

/** What the stacks say themselves: it may stand in a file as well, if it says the same. */
const SAME: Readonly<Record<string, AttributeValue>> = {
  use_lockfile: true,
  skip_credentials_validation: true,
  skip_metadata_api_check: true,
  skip_region_validation: true,
  skip_requesting_account_id: true,
  insecure: false,
};

/** What would lead past what is proved here, and why it is not taken. */
const REFUSED: Readonly<Record<string, string>> = {
  dynamodb_table: 'be left out: the lock is an object beside the state',
  profile: 'be left out: name the keys by access_key and secret_key, or in the environment',
  shared_credentials_files: 'be left out: name the keys by access_key and secret_key',
  assume_role: 'be left out: give temporary keys by access_key, secret_key and token',
  skip_s3_checksum: 'be left out: what is written is compared in any case',
  workspace_key_prefix: 'be left out: each stack has one state, and no workspaces',
};

/** Reads a materialized backend file: attributes of HCL, or JSON where its name ends in `.json`. */
export function readBackendFile(file: string, settings: Settings): BackendFile {
  const text = textOf(file);
  if ('problem' in text) return { said: {}, problems: [text.problem] };
  const read = file.endsWith('.json') ? jsonAttributes(text.text) : parseAttributes(text.text);
  if (!isList(read))
    return { said: {}, problems: [`${placeOf(file, read)} the file must ${read.rule}`] };
  const judged = read.map((attribute) => ({
    ...attribute,
    place: `${placeOf(file, attribute)} ${attribute.name}`,
    problem: problemOf(attribute, settings),
  }));
  const said = Object.fromEntries(
    judged.flatMap(({ name, value, place, problem }) => {
      const meant = problem === undefined ? SPELLINGS[name] : undefined;
      return meant === undefined ? [] : [[meant, { value: String(value), place }] as const];
    }),
  ) as BackendFile['said'];
  const problems = judged.flatMap(({ place, problem }) =>
    problem === undefined ? [] : [`${place} must ${problem}`],
  );
  const holdsSecret = said.SECRET_ACCESS_KEY !== undefined || said.SESSION_TOKEN !== undefined;
  if (holdsSecret && text.isOpen) problems.push(openFile(file));
  return { said, problems };
}

/** In JSON an attribute is found by its name alone. */
function placeOf(file: string, { line, column }: { line: number; column: number }): string {
  return line === 0 ? `${file}:` : `${file}:${line}:${column} `;
}

function openFile(file: string): string {
  return `${file} holds a secret and must be readable for its owner alone\n    run chmod 600 ${file}`;
}

function problemOf({ name, value }: Attribute, { state }: Settings): string | undefined {
  const meant = SPELLINGS[name];
  if (meant !== undefined) return kindProblem(meant, value);
  if (name === 'key') {
    const keys = Object.values(state.keys);
    return keys.some((key) => key === value)
      ? undefined
      : `be a key of the settings, got ${JSON.stringify(value)}\n    leave it out: every stack has its key by state.keys`;
  }
  const same = SAME[name];
  if (same !== undefined) return value === same ? undefined : `be ${same}, or be left out`;
  const refused = REFUSED[name.split('.')[0] ?? ''];
  if (refused !== undefined) return refused;
  const known = [...Object.keys(SPELLINGS), ...Object.keys(SAME), 'key'];
  return `be an attribute that is read here\n    did you mean ${closest(name, known)}? There are ${known.join(', ')}`;
}

function kindProblem(meant: Said, value: AttributeValue): string | undefined {
  const wanted = meant === 'PATH_STYLE' ? 'boolean' : 'string';
  if (typeof value === wanted && value !== '') return undefined;
  return wanted === 'boolean' ? 'be true or false' : 'be text in quotes, and not empty';
}

type Text = { readonly text: string; readonly isOpen: boolean } | { readonly problem: string };

function textOf(file: string): Text {
  try {
    const { mode, size } = statSync(file);
    if (size > MAX_BYTES)
      return { problem: `${file} must be a backend file; it has ${size} bytes` };
    return { text: readFileSync(file, 'utf8'), isOpen: (mode & OTHERS) !== 0 };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: `${file} cannot be read: ${code ?? 'it is no file'}` };
  }
}

/** JSON has no places here: an attribute is found by its name. */
function jsonAttributes(text: string): readonly Attribute[] | { line: 0; column: 0; rule: string } {
  const refusal = (rule: string) => ({ line: 0, column: 0, rule }) as const;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser quotes what it stumbles over, which may be a key.
    return refusal('be JSON');
  }
  if (!isObject(parsed)) return refusal('be an object of attributes');
  const flat = Object.entries(parsed).flatMap(([name, value]) =>
    isObject(value)
      ? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, each] as const)
      : [[name, value] as const],
  );
  const attributes = flat.flatMap(([name, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value)
      ? [{ name, value: value as AttributeValue, line: 0, column: 0 }]
      : [],
  );
  const strange = flat.find(([name]) => !attributes.some((each) => each.name === name));
  if (strange !== undefined) {
    return refusal(`hold text, numbers and booleans only, and ${strange[0]} is none of them`);
  }
  return attributes;
}

function isList<T>(read: readonly T[] | object): read is readonly T[] {
  return Array.isArray(read);
}
