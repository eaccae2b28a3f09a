// Makes the buckets of an object store what the declaration says, and the access identities with them. It compares first,
// changes only what differs, says one line for each thing, and fails with one sentence.
//
// STORE_ENDPOINT and STORE_REGION say where, BUCKETS_FILE names the declaration, CREDENTIALS_FOLDER holds a folder for each
// Secret, ROOT_SECRET names the one of the root identity, READY_WITHIN_SEC bounds the wait for the store.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ensureDurability,
  ensureIdentity,
  ensurePolicy,
  policyExists,
  proveIdentity,
  reportFormerIdentities,
} from './access-identity.mjs';
import {
  bucketNames,
  ensureExists,
  ensureLifecycle,
  ensureNoPublicAccess,
  ensureVersioning,
} from './bucket-settings.mjs';
import { errorCode, Failure } from './outcome.mjs';
import { signedClient } from './signed-request.mjs';

const PAUSE_MS = 250;

function environment(name) {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Failure(`the variable ${name} is not set`);
  return value;
}

/** One identity as its Secret holds it, and a way to send requests as it. */
function identityOf(secret) {
  const key = (name) => {
    const file = join(environment('CREDENTIALS_FOLDER'), secret, name);
    const text = readFileSync(file, 'utf8');
    if (text === '' || /\s/.test(text)) {
      throw new Failure(
        `key ${name} of Secret ${secret} is empty or has a blank or a line end; write it again without`,
      );
    }
    return text;
  };
  const pair = { accessKeyId: key('access-key-id'), secretAccessKey: key('secret-access-key') };
  const store = { endpoint: environment('STORE_ENDPOINT'), region: environment('STORE_REGION') };
  return { ...pair, send: signedClient({ ...store, ...pair }) };
}

/** Waits until the store lists its buckets to the root identity, and answers with their names. */
async function bucketsWhenReady(root) {
  const seconds = Number(environment('READY_WITHIN_SEC'));
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const { names, obstacle } = await listBuckets(root);
    if (names !== undefined) return names;
    if (Date.now() + PAUSE_MS > deadline) {
      throw new Failure(
        `the store at ${environment('STORE_ENDPOINT')} was not ready within ${seconds} s: ${obstacle}`,
      );
    }
    await pause(PAUSE_MS);
  }
}

async function listBuckets(root) {
  try {
    const answer = await root('GET', '/');
    if (answer.status === 200) return { names: bucketNames(answer) };
    const obstacle = `${answer.status} ${errorCode(answer)}`.trim();
    if (answer.status < 500) {
      throw new Failure(
        `the store refuses the root identity: ${obstacle}. It reads its Secret only when it starts: restart it if the Secret was changed`,
      );
    }
    return { obstacle };
  } catch (error) {
    if (error instanceof Failure) throw error;
    return { obstacle: error.cause?.code ?? error.name };
  }
}

async function ensureBucket(context, bucket, names) {
  await ensureExists(context, bucket, {
    listed: names.includes(bucket.name),
    known: await policyExists(context, bucket),
  });
  await ensureDurability(context, bucket);
  await ensureVersioning(context, bucket);
  await ensureNoPublicAccess(context, bucket);
  await ensureLifecycle(context, bucket);
  await ensurePolicy(context, bucket);
  await ensureIdentity(context, bucket);
}

async function main() {
  const counts = { ok: 0, changed: 0, left: 0 };
  const report = (state, sentence) => {
    counts[state] += 1;
    process.stdout.write(`${state.padEnd(8)} ${sentence}\n`);
  };
  const declared = JSON.parse(readFileSync(environment('BUCKETS_FILE'), 'utf8')).buckets;
  const buckets = declared.map((bucket) => ({ ...bucket, identity: identityOf(bucket.secret) }));
  const root = identityOf(environment('ROOT_SECRET')).send;
  const names = await bucketsWhenReady(root);
  const context = { root, report };
  for (const bucket of buckets) await ensureBucket(context, bucket, names);
  for (const bucket of buckets) {
    const others = buckets.map(({ name }) => name).filter((name) => name !== bucket.name);
    await proveIdentity(context, bucket, others);
  }
  await reportFormerIdentities(context, buckets);
  process.stdout.write(`${buckets.length} buckets: ${counts.changed} changes\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`failed   ${error.message}\n`);
  process.exitCode = 1;
}
