import { judgeCluster } from './cluster-side.ts';
import type { Evidence } from './evidence.ts';
import { judgeBucket, judgeReach } from './judge-bucket.ts';
import { judgeCanaries, judgeLeftovers } from './judge-canary.ts';
import { judgeHolder } from './judge-lock.ts';
import { judgeState } from './judge-state.ts';
import { type Verdict, verdictOver } from './verdict.ts';

/** Judges what a deep check has seen, now or long after. It asks nobody. */
export function judge(evidence: Evidence): Verdict {
  return verdictOver(`state authority of ${evidence.stack}`, [
    ...judgeCluster(evidence),
    judgeReach(evidence),
    ...judgeBucket(evidence),
    ...judgeState(evidence),
    judgeHolder(evidence),
    ...judgeCanaries(evidence),
    ...judgeLeftovers(evidence),
  ]);
}
