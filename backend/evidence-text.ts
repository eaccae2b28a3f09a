import { readFileSync } from 'node:fs';
import { EXIT } from '../console/exit-code.ts';
import { Failure } from '../console/failure.ts';

/**
 * What a file of evidence holds.
 *
 * @throws Failure where it cannot be read
 */
export function evidenceText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`there is no evidence to judge: ${file}: ${code}`, EXIT.usage);
  }
}

/** The JSON in evidence; undefined where there is none, which whoever knows its form says of it. */
export function evidenceIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
