import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { statusText } from '../store/answer-xml.ts';
import { sha256 } from '../store/signature.ts';
import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';

/** An object of a store that was read whole. */
export interface StoredObject {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where an object is. */
export interface ObjectPlace {
  readonly store: Store;
  readonly bucket: string;
  readonly key: string;
}

/**
 * Reads an object, twice: what a store answers once it may deny at the next request.
 *
 * @returns undefined where there is none
 * @throws Failure when that is not known, or the two answers differ
 */
export async function readTwice(place: ObjectPlace): Promise<StoredObject | undefined> {
  const [first, second] = [await readOnce(place), await readOnce(place)];
  if (hashOf(first) === hashOf(second)) return second;
  throw new Failure(
    `${nameOf(place)} was read twice, and the two answers differ: ${shown(first)}, then ${shown(second)}\n    run just tofu-state-authority-deep-check, and change nothing before the store answers with one voice`,
    EXIT.bad,
  );
}

/**
 * Writes an object, and reads it back.
 *
 * @param condition headers that the store has to fulfil, such as `if-none-match`
 * @throws Failure when it is not proved to be there
 */
export async function writeProved(
  place: ObjectPlace,
  body: Uint8Array,
  condition: Readonly<Record<string, string>> = {},
): Promise<void> {
  const headers = { 'content-type': 'application/json', ...condition };
  const answer = await ask(place, { method: 'PUT', headers, body });
  if (answer.status === 412) {
    throw new Failure(
      `${nameOf(place)} is there already, or was changed by somebody else meanwhile; it was not written`,
      EXIT.unknown,
    );
  }
  if (answer.status !== 200) throw refused(place, 'write', answer);
  const kept = await readTwice(place);
  if (kept?.body.equals(body) === true) return;
  throw new Failure(
    `${nameOf(place)} was written, the store acknowledged it, and ${kept === undefined ? 'it is not there' : 'other bytes are there'}`,
    EXIT.bad,
  );
}

/**
 * Removes an object, and looks whether it is gone.
 *
 * @throws Failure when it is not proved to be gone
 */
export async function removeProved(place: ObjectPlace): Promise<void> {
  const answer = await ask(place, { method: 'DELETE' });
  if (![200, 204, 404].includes(answer.status)) throw refused(place, 'remove', answer);
  if ((await readTwice(place)) === undefined) return;
  throw new Failure(
    `${nameOf(place)} was removed, the store acknowledged it, and it is still there`,
    EXIT.bad,
  );
}

async function readOnce(place: ObjectPlace): Promise<StoredObject | undefined> {
  const answer = await ask(place, { method: 'GET' });
  const { status, headers, body } = answer;
  if (status === 200) return { headers, body };
  // Of a bucket that is not there nobody knows what was in it.
  if (status === 404 && !statusText(answer).includes('NoSuchBucket')) return undefined;
  throw refused(place, 'read', answer);
}

async function ask(
  { store, bucket, key }: ObjectPlace,
  request: Pick<StoreRequest, 'body' | 'headers' | 'method'>,
): Promise<StoreAnswer> {
  try {
    return await store.send({ ...request, bucket, key });
  } catch (error) {
    if (!(error instanceof StoreTrouble)) throw error;
    throw new Failure(
      `the store gave no answer to ${request.method} ${bucket}/${key}: ${error.message}`,
    );
  }
}

function refused(place: ObjectPlace, doing: string, answer: StoreAnswer): Failure {
  return new Failure(
    `the store refuses to ${doing} ${nameOf(place)}: ${statusText(answer)}`,
    EXIT.unknown,
  );
}

function nameOf({ bucket, key }: ObjectPlace): string {
  return `${bucket}/${key}`;
}

function hashOf(object: StoredObject | undefined): string {
  return object === undefined ? '' : sha256(object.body);
}

function shown(object: StoredObject | undefined): string {
  return object === undefined ? 'nothing' : `${object.body.length} bytes`;
}
