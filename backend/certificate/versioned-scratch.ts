import { randomBytes } from 'node:crypto';
import { statusText } from '../store/answer-xml.ts';
import type { Store, StoreRequest } from '../store/store-client.ts';
import { createAfterDelete } from './lock-proofs.ts';
import { Obstacle, Probe, succeeded } from './probe.ts';
import { notRun, type ProofResult } from './proof.ts';

const VERSIONING =
  '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>';

/**
 * What was deleted can be made anew in a bucket that keeps old versions: tried in a scratch bucket where the bucket of the
 * state keeps none, because somebody may switch them on. The scratch bucket is removed, whatever happens.
 */
export async function createAfterDeleteVersioned(probe: Probe, store: Store): Promise<ProofResult> {
  if ((await probe.keepsVersions()) === true) return createAfterDelete(probe);
  const bucket = `flywheel-scratch-certificate-${randomBytes(6).toString('hex')}`;
  const send = (request: StoreRequest) => store.send({ ...request, bucket });
  const made = await send({ method: 'PUT' });
  if (!succeeded(made)) {
    return notRun(
      `the bucket keeps no old versions, and this identity can make no scratch bucket (${statusText(made)})`,
    );
  }
  const scratch = new Probe(store, bucket);
  try {
    const body = Buffer.from(VERSIONING);
    const versioned = await send({ method: 'PUT', query: { versioning: '' }, body });
    if (!succeeded(versioned))
      return notRun(`the store keeps no old versions (${statusText(versioned)})`);
    return await createAfterDelete(scratch);
  } finally {
    await scratch.cleanUp();
    await removed(send, bucket);
  }
}

async function removed(
  send: (request: StoreRequest) => ReturnType<Store['send']>,
  bucket: string,
): Promise<void> {
  const answer = await send({ method: 'DELETE' });
  if (succeeded(answer)) return;
  throw new Obstacle(
    `the scratch bucket ${bucket} cannot be removed (${statusText(answer)}): remove it by hand`,
  );
}
