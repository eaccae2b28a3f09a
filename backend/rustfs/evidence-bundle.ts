import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { asText, at, isObject } from '../../policy/model/json.ts';
import { evidenceIn, evidenceText } from '../evidence-text.ts';
import { sha256 } from '../store/signature.ts';

const EVIDENCE = 'evidence.json';
const SUMS = 'SHA256SUMS';
const KIND = 'flywheel-evidence';
const VERSION = 1;

/** What the evidence in a bundle is of. */
export type BundleSubject = 'ha-readiness' | 'inventory' | 'store';

/** Evidence that lies on disk. */
export interface StoredBundle {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

/** What is to be stored. */
export interface Bundle {
  readonly subject: BundleSubject;
  readonly evidence: { readonly at: string };
  /** More files, by their path in the folder: what people want to read as text. */
  readonly texts?: Readonly<Record<string, string>>;
}

/**
 * Stores evidence in a folder that is new or empty, readable by its owner alone: one file to judge from, texts for people, and
 * the sums of all.
 *
 * @throws Failure when it cannot be stored, or when something else is there
 */
export function storeBundle(
  folder: string,
  { subject, evidence, texts = {} }: Bundle,
): StoredBundle {
  const document = { kind: KIND, bundle: VERSION, subject, evidence };
  const files = { [EVIDENCE]: `${JSON.stringify(document, undefined, 2)}\n`, ...texts };
  const sums = Object.entries(files).map(([name, text]) => `${sha256(text)}  ${name}\n`);
  const all = { ...files, [SUMS]: sums.join('') };
  requireEmpty(folder);
  try {
    for (const [name, text] of Object.entries(all)) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`the evidence cannot be stored in ${folder}: ${code}`);
  }
  const bytes = Object.values(all).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { folder, files: Object.keys(all).length, bytes };
}

/** Refuses a folder in which something lies, before anything is looked at. */
export function requireEmpty(folder: string): void {
  if (!existsSync(folder)) return;
  if (statSync(folder).isDirectory() && readdirSync(folder).length === 0) return;
  throw new Failure(
    `${folder} holds something already, and evidence is never written over\n    name another folder with --save`,
    EXIT.usage,
  );
}

/**
 * Reads evidence that {@link storeBundle} has stored.
 *
 * @throws Failure where there is none of that subject, or where it is not what was stored
 */
export function readBundle<Evidence extends { readonly at: string }>(
  folder: string,
  subject: BundleSubject,
): Evidence {
  const text = evidenceText(join(folder, EVIDENCE));
  const sums = evidenceText(join(folder, SUMS));
  for (const line of sums.split('\n').filter(Boolean)) {
    const [sum = '', name = ''] = line.split('  ');
    if (sha256(evidenceText(join(folder, name))) === sum) continue;
    throw new Failure(`${join(folder, name)} is not what was stored: it was changed`, EXIT.bad);
  }
  if (!sums.includes(`  ${EVIDENCE}\n`))
    throw new Failure(`${join(folder, SUMS)} does not name ${EVIDENCE}`, EXIT.bad);
  const value = evidenceIn(text);
  const evidence = at(value, 'evidence');
  const isKnown = at(value, 'kind') === KIND && at(value, 'bundle') === VERSION;
  if (!isKnown || !isObject(evidence) || asText(evidence.at) === undefined)
    throw new Failure(`${join(folder, EVIDENCE)} is no evidence`);
  if (at(value, 'subject') !== subject) {
    throw new Failure(
      `${folder} holds evidence of another kind: ${at(value, 'subject')}, not ${subject}`,
      EXIT.usage,
    );
  }
  // The sums have just said that it is what this program wrote.
  return evidence as unknown as Evidence;
}
