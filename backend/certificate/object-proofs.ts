import { createHash, randomBytes } from 'node:crypto';
import { statusText } from '../store/answer-xml.ts';
import { type Probe, STATE, succeeded } from './probe.ts';
import { notRun, type ProofResult, proved, refuted } from './proof.ts';

const NOT_FOUND = 404;
const MIB = 2 ** 20;
const LARGE_MIB = 8;
const SKEW_MS = 60_000;

/** What was written is what is read next, also over something older. */
export async function readAfterWrite(probe: Probe, rounds: number): Promise<ProofResult> {
  const key = probe.freshKey('read', STATE);
  for (let round = 1; round <= rounds; round += 1) {
    const body = `write ${round} ${randomBytes(8).toString('hex')}`;
    await probe.mustPut(key, body);
    const read = await probe.contentOf(key);
    if (read === undefined) return refuted(`write ${round} cannot be read: it is not there`);
    if (read.toString() !== body)
      return refuted(`after write ${round} something else is read than was written`);
  }
  return proved(`${rounds} writes, each read back at once`);
}

/** What was deleted is gone at once. */
export async function readAfterDelete(probe: Probe): Promise<ProofResult> {
  const key = probe.freshKey('delete', STATE);
  await probe.mustPut(key, 'to be deleted');
  await probe.mustDelete(key);
  const read = await probe.get(key);
  if (succeeded(read)) return refuted('what was deleted can still be read');
  return read.status === NOT_FOUND
    ? proved('what was deleted is not found')
    : refuted(`what was deleted is answered with ${statusText(read)}, not 404`);
}

/** HEAD, by which tofu decides whether there is a state, and GET say the same. */
export async function headAndGetAgree(probe: Probe): Promise<ProofResult> {
  const key = probe.freshKey('head', STATE);
  await probe.mustPut(key, 'looked at in two ways');
  const [head, get] = [await probe.head(key), await probe.get(key)];
  if (head.status !== get.status)
    return refuted(`HEAD answers ${head.status} and GET ${statusText(get)}`);
  const differs = ['etag', 'content-length'].filter(
    (name) => head.headers[name] !== get.headers[name],
  );
  return differs.length === 0
    ? proved('status, length and ETag are the same')
    : refuted(`they differ in ${differs.join(' and ')}`);
}

/** Listings show what was written, and not what was deleted. */
export async function listAfterWrite(probe: Probe): Promise<ProofResult> {
  const key = probe.freshKey('list', STATE);
  await probe.mustPut(key, 'to be listed');
  if (!(await probe.listedKeys()).includes(key)) return refuted('what was written is not listed');
  await probe.mustDelete(key);
  return (await probe.listedKeys()).includes(key)
    ? refuted('what was deleted is still listed')
    : proved('what was written is listed, what was deleted is not');
}

/** A large state comes back whole. */
export async function largeBodies(probe: Probe): Promise<ProofResult> {
  const key = probe.freshKey('large', STATE);
  const body = randomBytes(LARGE_MIB * MIB);
  const answer = await probe.put(key, body);
  if (!succeeded(answer))
    return refuted(`${LARGE_MIB} MiB are answered with ${statusText(answer)}`);
  const read = await probe.contentOf(key);
  return read?.equals(body) === true
    ? proved(`${LARGE_MIB} MiB come back as they were written`)
    : refuted(`of ${LARGE_MIB} MiB something else comes back`);
}

/** The checksum that tofu sends with every state is understood. */
export async function checksumAccepted(probe: Probe): Promise<ProofResult> {
  const key = probe.freshKey('checksum', STATE);
  const body = 'with its checksum';
  const answer = await probe.put(key, body, checksum(body));
  if (!succeeded(answer))
    return refuted(`a write with the right checksum answers ${statusText(answer)}`);
  return String(await probe.contentOf(key)) === body
    ? proved('a write with x-amz-checksum-sha256 is kept')
    : refuted('a write with its checksum is acknowledged and not kept');
}

/** What does not fit its checksum is refused. */
export async function checksumChecked(probe: Probe): Promise<ProofResult> {
  const key = probe.freshKey('checksum-wrong', STATE);
  const answer = await probe.put(key, 'what arrives', checksum('what was sent'));
  if (succeeded(answer)) return refuted('a body that does not fit its checksum is taken');
  return (await probe.contentOf(key)) === undefined
    ? proved(`a body that does not fit is refused (${statusText(answer)})`)
    : refuted('a body that does not fit is refused and kept all the same');
}

/** Clocks that drift apart end in refused signatures, all at once. */
export async function clockSkew(probe: Probe): Promise<ProofResult> {
  await probe.head(probe.freshKey('clock', STATE));
  const { skewMs } = probe.seen;
  if (skewMs === undefined) return notRun('the store says no time');
  const text = `${Math.round(Math.abs(skewMs) / 1000)} s apart`;
  return Math.abs(skewMs) <= SKEW_MS
    ? proved(text)
    : refuted(`${text}; from 15 minutes on every request is refused`);
}

function checksum(body: string): Record<string, string> {
  const value = createHash('sha256').update(body).digest('base64');
  return { 'x-amz-checksum-sha256': value };
}
