import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { evidenceIn, evidenceText } from '../evidence-text.ts';
import { type Evidence, evidenceSchema } from './evidence.ts';

const FILE = 'state-authority.json';

/**
 * Stores evidence in a folder, readable by its owner alone.
 *
 * @returns the file
 * @throws Failure when it cannot be stored, or when there is some already
 */
export function saveEvidence(folder: string, evidence: Evidence): string {
  const file = join(folder, FILE);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const text = `${JSON.stringify(evidence, undefined, 2)}\n`;
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return file;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new Failure(`the evidence cannot be stored in ${file}: ${code}`);
    throw new Failure(
      `${file} is there already, and evidence is never written over\n    name another folder with --save`,
      EXIT.usage,
    );
  }
}

/**
 * Reads evidence that `saveEvidence` has stored.
 *
 * @throws Failure where there is none, or something else
 */
export function readEvidence(folder: string): Evidence {
  const file = join(folder, FILE);
  const { success, data, error } = evidenceSchema.safeParse(evidenceIn(evidenceText(file)));
  if (success) return data;
  const [issue] = error.issues;
  throw new Failure(
    `${file} is no evidence of a deep check: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`,
    EXIT.usage,
  );
}
