import { statusText } from '../store/answer-xml.ts';
import type { StoreAnswer } from '../store/store-client.ts';
import { LOCK, Obstacle, type Probe, STATE, succeeded } from './probe.ts';
import { type ProofResult, proved, refuted } from './proof.ts';

const CREATE = { 'if-none-match': '*' };
const WRITERS = 8;
/** How a store says that somebody else was faster; AWS answers 409 while the other is still at it. */
const LOST = [409, 412];

/** A key is made once: the second is refused, and the first stays as it is. */
export async function conditionalCreate(probe: Probe): Promise<ProofResult> {
  const key = probe.freshKey('create', LOCK);
  const first = await probe.put(key, 'the first', CREATE);
  if (!succeeded(first)) return refuted(`the first create answers ${statusText(first)}`);
  const second = await probe.put(key, 'the second', CREATE);
  const kept = String(await probe.contentOf(key));
  if (succeeded(second))
    return refuted('a second create over the first is taken: locks exclude nobody');
  if (!LOST.includes(second.status))
    return refuted(`the second create answers ${statusText(second)}, not 412`);
  if (kept !== 'the first')
    return refuted('the refused create has changed the object all the same');
  return proved('the second is refused with 412, the first stays');
}

/** What was deleted can be made anew: the second lock of a stack. */
export async function createAfterDelete(probe: Probe): Promise<ProofResult> {
  const key = probe.freshKey('again', LOCK);
  const first = await probe.put(key, 'the first lock', CREATE);
  if (!succeeded(first)) return refuted(`the first create answers ${statusText(first)}`);
  await probe.mustDelete(key);
  const again = await probe.put(key, 'the second lock', CREATE);
  const room = await versionsText(probe);
  if (!succeeded(again)) {
    return refuted(
      `after the delete a create answers ${statusText(again)}${room}: the second lock of a stack can never be taken`,
    );
  }
  const kept = String(await probe.contentOf(key));
  return kept === 'the second lock'
    ? proved(`after a delete it can be made anew${room}`)
    : refuted('after a delete the create is acknowledged and not kept');
}

async function versionsText(probe: Probe): Promise<string> {
  const keeps = await probe.keepsVersions();
  if (keeps === undefined) return '';
  return keeps ? ', in a bucket that keeps old versions' : ', in a bucket without old versions';
}

/** Of racing creates exactly one is taken, and it is the one that is kept. */
export async function exclusion(probe: Probe, rounds: number): Promise<ProofResult> {
  for (let round = 0; round < rounds; round += 1) {
    const problem = await race(probe, probe.freshKey(`race-${round}`, LOCK), CREATE);
    if (problem !== undefined) return refuted(problem);
  }
  return proved(
    `of ${WRITERS} racing creates one is taken, ${rounds === 1 ? 'in one race' : `in each of ${rounds} races`}`,
  );
}

async function race(
  probe: Probe,
  key: string,
  condition: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const bodies = Array.from({ length: WRITERS }, (_, index) => `writer ${index}`);
  const answers = await Promise.all(bodies.map((body) => probe.race(key, body, condition)));
  const busy = answers.find(({ status }) => status >= 500);
  const winners = bodies.filter((_, index) => succeeded(answers[index] ?? answerOf(answers)));
  if (winners.length === 0 && busy !== undefined)
    throw new Obstacle(`the racing writers are answered ${statusText(busy)}`);
  if (winners.length !== 1) return `${winners.length} of ${WRITERS} racing writers won`;
  const kept = String(await probe.contentOf(key));
  return kept === winners[0]
    ? undefined
    : 'the object that is kept is not that of the one writer who won';
}

function answerOf(answers: readonly StoreAnswer[]): StoreAnswer {
  const [first] = answers;
  if (first === undefined) throw new Obstacle('nobody raced');
  return first;
}

/** A write over the last version is taken, one over an older version refused. */
export async function compareAndSwap(probe: Probe, races: number): Promise<ProofResult> {
  const key = probe.freshKey('swap', STATE);
  const first = versionOf(await probe.mustPut(key, 'one'));
  const swapped = await probe.put(key, 'two', { 'if-match': first });
  if (!succeeded(swapped))
    return refuted(`a write over the last version answers ${statusText(swapped)}`);
  const stale = await probe.put(key, 'three', { 'if-match': first });
  if (succeeded(stale)) return refuted('a write over an older version is taken');
  if (!LOST.includes(stale.status))
    return refuted(`a write over an older version answers ${statusText(stale)}, not 412`);
  if (String(await probe.contentOf(key)) !== 'two')
    return refuted('the refused write has changed the object all the same');
  for (let round = 0; round < races; round += 1) {
    const version = versionOf(await probe.mustPut(key, `round ${round}`));
    const problem = await race(probe, key, { 'if-match': version });
    if (problem !== undefined) return refuted(`over one version ${problem}`);
  }
  return proved('a write over an older version is refused');
}

function versionOf({ headers }: StoreAnswer): string {
  const { etag = '' } = headers;
  if (etag === '') throw new Obstacle('a write is answered without an ETag');
  return etag;
}
