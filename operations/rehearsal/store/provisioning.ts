import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../../console/failure.ts';
import { errorCode } from '../../../constructs/object-store/ensure-buckets/outcome.mjs';
import {
  type Answer,
  type SignedClient,
  signedClient,
} from '../../../constructs/object-store/ensure-buckets/signed-request.mjs';
import type { Identity, StoreBucket } from './buckets.ts';

/** How long a store may still be starting although it answers. */
const STARTING_MS = 15_000;
const PAUSE_MS = 200;

const VERSIONED =
  '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';

/** Where a store answers. */
export interface StoreAddress {
  readonly endpoint: string;
  readonly region: string;
}

/** A store that answers to its root identity, and what it is to hold. */
export interface Provisioning extends StoreAddress {
  readonly root: Identity;
  readonly buckets: readonly StoreBucket[];
  /** A folder that is removed with the store. */
  readonly folder: string;
  /** Aborted when the store is stopped meanwhile. */
  readonly signal: AbortSignal;
}

/** Requests to a store as one identity. */
export function clientOf({ endpoint, region }: StoreAddress, identity: Identity): SignedClient {
  return signedClient({ endpoint, region, ...identity });
}

/** Asks again while the answer is 503, which a store gives as long as a part of it is still starting. */
export function patient(send: SignedClient, signal: AbortSignal): SignedClient {
  return async (...request) => {
    const end = Date.now() + STARTING_MS;
    for (;;) {
      const answer = await send(...request);
      if (answer.status !== 503 || signal.aborted || Date.now() > end) return answer;
      await pause(PAUSE_MS);
    }
  };
}

/** Ends the work unless a store did what it was asked. */
export function accept(answer: Answer, what: string): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  const said = [answer.status, errorCode(answer)].join(' ').trim();
  throw new Failure(`the store refused to ${what}: ${said}`);
}

/** Makes a bucket that is not there, and lets it keep old versions where its rules say so. */
export async function ensureBucket(
  root: SignedClient,
  { name, rules }: StoreBucket,
): Promise<void> {
  const there = await root('HEAD', `/${name}`);
  if (there.status === 404) accept(await root('PUT', `/${name}`), `make bucket ${name}`);
  else accept(there, `say whether bucket ${name} exists`);
  if (!rules.versioned) return;
  const answer = await root('PUT', `/${name}`, { query: { versioning: '' }, body: VERSIONED });
  accept(answer, `keep old versions in bucket ${name}`);
}

/** Proves that every identity reaches its own bucket and is refused by the others. */
export async function proveIdentities({ buckets, ...address }: Provisioning): Promise<void> {
  for (const own of buckets) {
    const send = clientOf(address, own.identity);
    for (const { name } of buckets) {
      const answer = await send('GET', `/${name}`, { query: { 'list-type': '2' } });
      if (name === own.name) accept(answer, `let the identity of bucket ${name} in`);
      else if (answer.status !== 403) {
        throw new Failure(
          `the identity of bucket ${own.name} is not kept out of bucket ${name}: ${answer.status} instead of 403`,
        );
      }
    }
  }
}
