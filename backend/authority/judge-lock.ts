import { bad, good } from '../../operations/kubernetes/check.ts';
import type { Evidence } from './evidence.ts';
import { incidentFix, notKnown, seen, statusText } from './seen.ts';
import { type Judgement, pending } from './verdict.ts';

/** No run takes so long: every one of ours is ended before, at its deadline. */
const STALE_HOURS = 6;
const HOUR_MS = 3_600_000;

/** Who holds the lock of the state, and since when. */
export function judgeHolder(evidence: Evidence): Judgement {
  const name = 'state-lock';
  const { lockKey, stack, at } = evidence;
  const found = seen(evidence, 'lock');
  if (found.answer === undefined) return notKnown(name, found);
  const { answer } = found;
  if (answer.status === 404) return good(name, 'nobody holds it');
  const { holder } = answer;
  if (holder === undefined) {
    return bad(
      name,
      `${lockKey} answers ${statusText(answer)} with ${answer.size} bytes that name no holder`,
      `find out whether somebody applies ${stack}; ${incidentFix(evidence)}`,
    );
  }
  const { id, who, operation, created } = holder;
  const ageMs = Date.parse(at) - Date.parse(created);
  const held = `held by ${who} for ${operation} ${ageText(ageMs)}, as ${id}`;
  if (Number.isNaN(ageMs) || ageMs < STALE_HOURS * HOUR_MS) {
    return good(name, `${held}: tofu will refuse to begin before it is released`);
  }
  return pending(
    name,
    held,
    `make sure that this run is over, and then: just tofu-unlock ${stack} ${id}`,
  );
}

function ageText(ageMs: number): string {
  if (Number.isNaN(ageMs)) return 'since a time that is none';
  const minutes = Math.max(0, Math.round(ageMs / 60_000));
  return minutes < 120 ? `for ${minutes} minutes` : `for ${Math.round(minutes / 60)} hours`;
}
