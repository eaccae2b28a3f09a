import { closest } from 'fastest-levenshtein';
import { EXIT } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { ProgramName } from '../../tools/locate.ts';
import type { Kind } from './kind.ts';
import { minio } from './minio.ts';
import { rustfs } from './rustfs.ts';
import { versitygw } from './versitygw.ts';

/** Servers that can be a rehearsal store; each is a program of its own name. */
const STORE_KINDS = ['versitygw', 'minio', 'rustfs'] as const satisfies readonly ProgramName[];

/** One of them. */
export type StoreKind = (typeof STORE_KINDS)[number];

/** What is particular to each kind. */
export const KINDS: Readonly<Record<StoreKind, Kind>> = { versitygw, minio, rustfs };

/** The kind of that name. */
export function storeKind(name: string | undefined): StoreKind {
  const kind = STORE_KINDS.find((each) => each === name);
  if (kind !== undefined) return kind;
  if (name === undefined) {
    throw new Failure(
      `--kind must say which server is to be the store: ${STORE_KINDS.join(', ')}\n    try --kind ${STORE_KINDS[0]}`,
      EXIT.usage,
    );
  }
  throw new Failure(
    `--kind must be one of ${STORE_KINDS.join(', ')}, got: ${name}\n    did you mean ${closest(name, [...STORE_KINDS])}?`,
    EXIT.usage,
  );
}
