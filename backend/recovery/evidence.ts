import { join } from 'node:path';
import type { StackState } from '../stack-state.ts';
import { isState, readState } from '../state/state-document.ts';
import type { Memory } from '../witness/witness.ts';
import { writeDurably } from './durable.ts';
import type { StoredObject } from './stored-object.ts';

/** What is known before a person makes something else the truth. */
export interface Evidence {
  readonly object: StoredObject | undefined;
  readonly memory: Memory;
  readonly by: string;
  /** What is to be done, as it is to stand in the record. */
  readonly truth: unknown;
}

/** Headers that say something of the object, and nothing of whoever asked. */
const TOLD = new Set(['content-length', 'etag', 'last-modified', 'server', 'x-amz-version-id']);

/**
 * Keeps what the store answered and what the witness remembers.
 *
 * @returns the folder, readable for its owner alone
 * @throws Failure when it cannot be kept; then nothing may be changed
 */
export function keepEvidence(state: StackState, evidence: Evidence): string {
  const { object, memory, by, truth } = evidence;
  const at = new Date().toISOString();
  const folder = join(state.memory, 'evidence', at.replaceAll(/[-:]/g, ''));
  const read = object === undefined ? undefined : readState(object.body);
  const record = {
    at,
    by,
    stack: state.stack,
    object: `${state.bucket}/${state.key}`,
    truth,
    witness: memory,
    store:
      object === undefined || read === undefined
        ? 'no state'
        : {
            bytes: object.body.length,
            headers: Object.fromEntries(
              Object.entries(object.headers).filter(([name]) => TOLD.has(name)),
            ),
            ...(isState(read) ? { serial: read.serial, lineage: read.lineage } : read),
          },
  };
  if (object !== undefined) writeDurably(join(folder, 'in-store.tfstate'), object.body);
  writeDurably(join(folder, 'evidence.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  return folder;
}
