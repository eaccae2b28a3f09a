import { BodyMeter } from './body-meter.ts';
import { type Answer, type CacheClient, readText } from './cache-client.ts';
import type {
  BodyEvidence,
  BodyMeasure,
  CacheStanding,
  NarinfoEvidence,
  NotAsked,
  PathEvidence,
} from './evidence.ts';
import { measureNar } from './measure-nar.ts';
import { type Narinfo, parseNarinfo } from './narinfo.ts';
import { verifySignatures } from './signature.ts';
import type { AskedPath } from './store-path.ts';
import { Trouble } from './trouble.ts';
import type { TrustedKey } from './trusted-keys.ts';
import type { Turns } from './turns.ts';

/** What an examination needs. */
export interface ExamineHow {
  readonly client: CacheClient;
  readonly keys: readonly TrustedKey[];
  /** Bodies of which only one is read at a time. */
  readonly turns: Turns;
  /** Called with the size of each piece of a body. */
  readonly arrived?: (bytes: number) => void;
}

const MAX_NARINFO_BYTES = 2 ** 20;
const MAX_MESSAGE_BYTES = 2 ** 12;
/** What Attic answers for a NAR of which its database lacks chunks. */
const INCOMPLETE = 'IncompleteNar';
/** A library that decodes one stream at a time makes the others wait: they are not even asked for before. */
const IN_TURN = 'xz';

/** Finds out all about a store path in a cache, and judges nothing. */
export async function examine(asked: AskedPath, how: ExamineHow): Promise<PathEvidence> {
  const narinfo = await examineNarinfo(asked, how);
  if (narinfo.kind !== 'read') return { asked, narinfo };
  const read = () => examineBody(narinfo.narinfo, how);
  const isInTurn = narinfo.narinfo.compression === IN_TURN;
  return { asked, narinfo, body: isInTurn ? await how.turns.take(read) : await read() };
}

async function examineNarinfo({ hash }: AskedPath, how: ExamineHow): Promise<NarinfoEvidence> {
  const { client, keys } = how;
  return await asking(async () => {
    const { status, text } = await client.text(`${hash}.narinfo`, MAX_NARINFO_BYTES);
    if (status === 404) return { kind: 'refused', status, cache: await cacheStanding(client) };
    if (status !== 200) return { kind: 'refused', status };
    const narinfo = parseNarinfo(text);
    if (!('storePath' in narinfo)) return { kind: 'unreadable', problems: narinfo };
    return { kind: 'read', narinfo, signatures: verifySignatures(narinfo, keys) };
  });
}

/** A path that is missing from a cache, and a cache that is missing itself, are both answered with 404. */
async function cacheStanding(client: CacheClient): Promise<CacheStanding> {
  try {
    const { status } = await client.text('nix-cache-info', MAX_MESSAGE_BYTES);
    if (status === 200) return 'there';
    return status === 404 ? 'missing' : 'not-known';
  } catch (error) {
    if (error instanceof Trouble) return 'not-known';
    throw error;
  }
}

/** Reads a body; once more where the connection broke off, since a network that loses one says nothing of the body. */
async function examineBody(narinfo: Narinfo, how: ExamineHow): Promise<BodyEvidence> {
  return await asking(async () => {
    const first = await readBody(narinfo, how);
    if (first.kind !== 'read' || first.cutOff !== 'closed') return first;
    const second = await readBody(narinfo, how);
    return second.kind === 'read' ? { ...second, firstReceived: first.received } : second;
  });
}

async function readBody(narinfo: Narinfo, how: ExamineHow): Promise<BodyEvidence> {
  const answer = await how.client.open(narinfo.url);
  const { status, from, isCacheServer } = answer;
  if (status === 200) return { kind: 'read', ...(await measure(answer, narinfo, how)) };
  const text = await readText(answer.body, MAX_MESSAGE_BYTES, how.client.idleMs);
  answer.body.destroy();
  const isIncomplete = text.includes(`"${INCOMPLETE}"`);
  return { kind: 'refused', status, from, isCacheServer, isIncomplete };
}

async function measure(
  { body, from }: Answer,
  narinfo: Narinfo,
  { client, arrived }: ExamineHow,
): Promise<BodyMeasure> {
  const { 'content-length': length, 'content-encoding': coding } = body.headers;
  const algorithm = narinfo.fileHash?.algorithm ?? 'sha256';
  const meter = new BodyMeter(body, { algorithm, idleMs: client.idleMs, arrived });
  const nar = await measureNar(meter, narinfo);
  return {
    from,
    received: meter.received,
    digest: meter.digest(),
    nar,
    ...(length === undefined ? {} : { contentLength: Number(length) }),
    ...(coding === undefined || coding === 'identity' ? {} : { contentEncoding: coding }),
    ...(meter.cutOff === undefined ? {} : { cutOff: meter.cutOff }),
  };
}

async function asking<Found>(
  ask: () => Promise<Found>,
): Promise<Found | { readonly kind: 'not-asked'; readonly trouble: NotAsked }> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { kind: 'not-asked', trouble: { because: error.message, fix: error.fix } };
  }
}
