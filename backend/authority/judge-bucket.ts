import { bad, good, unknown } from '../../operations/kubernetes/check.ts';
import type { Evidence } from './evidence.ts';
import { incidentFix, notKnown, seen, statusText } from './seen.ts';
import { type Judgement, notRun } from './verdict.ts';

/** Whether the store answers at all, and to the end. */
export function judgeReach({ stopped, steps }: Evidence): Judgement {
  const name = 'store-answers';
  const asked = Object.values(steps);
  const troubled = asked.find(({ trouble }) => trouble !== undefined);
  if (stopped !== undefined || troubled !== undefined) {
    const because = stopped ?? `${troubled?.request}: ${troubled?.trouble?.message}`;
    return unknown(name, because, 'see whether the store runs, and whether its address is right');
  }
  const ms = asked.reduce((sum, exchange) => sum + exchange.ms, 0);
  return good(name, `${asked.length} requests in ${ms} ms`);
}

/** Whether the store shows the bucket, in both ways in which it can. */
export function judgeBucket(evidence: Evidence): Judgement[] {
  return [bucketListed(evidence), bucketHead(evidence)];
}

function bucketListed(evidence: Evidence): Judgement {
  const name = 'bucket-listed';
  const { bucket, steps } = evidence;
  // Many identities may see one bucket and not the list: that says nothing against the store.
  if (steps.buckets?.answer?.code === 'AccessDenied') {
    return notRun(name, 'the list of buckets is not visible to this identity');
  }
  const found = seen(evidence, 'buckets');
  if (found.answer === undefined) return notKnown(name, found);
  const { names } = found.answer;
  if (names === undefined) {
    const problem = `ListBuckets answers ${statusText(found.answer)} without a list`;
    return bad(name, problem, incidentFix(evidence));
  }
  return names.includes(bucket)
    ? good(name, `${bucket} is in ListBuckets`)
    : bad(
        name,
        `${bucket} is not in ListBuckets, which names ${names.length === 0 ? 'none' : names.join(', ')}`,
        incidentFix(evidence),
      );
}

function bucketHead(evidence: Evidence): Judgement {
  const name = 'bucket-head';
  const { bucket } = evidence;
  const found = seen(evidence, 'bucket');
  if (found.answer === undefined) return notKnown(name, found);
  return found.answer.status === 200
    ? good(name, `HeadBucket finds ${bucket}`)
    : bad(
        name,
        `HeadBucket answers ${statusText(found.answer)} for ${bucket}`,
        incidentFix(evidence),
      );
}
