import { EXIT } from '../../console/exit-code.ts';
import { bad, good, unknown } from '../../operations/kubernetes/check.ts';
import {
  degraded,
  type Judgement,
  notRun,
  type Verdict,
  verdictOver,
} from '../authority/verdict.ts';
import { type BucketDiagnosis, diagnose } from './bucket-diagnosis.ts';
import { cluesIn } from './clues.ts';
import type { WorkloadEvidence } from './collect-workload.ts';
import type { StoreEvidence } from './rca-evidence.ts';
import type { ScratchEvidence, ScratchStep } from './scratch-probe.ts';

/** What a look at the store came to. */
export interface Rca extends Verdict {
  readonly buckets: readonly BucketDiagnosis[];
  /** What stands beside it and may explain it; none of it decides. */
  readonly clues: readonly string[];
}

/** How strictly it is judged. */
export interface JudgeOptions {
  /** A disk that could not be looked at, or that lags behind the API, counts against the scratch bucket. @default false */
  readonly strictScratchDisk?: boolean;
}

/** Judges evidence, fresh or from a bundle. It asks nobody. */
export function judgeRca(
  evidence: StoreEvidence,
  asked: readonly string[],
  { strictScratchDisk = false }: JudgeOptions = {},
): Rca {
  const { api, disk, workload, scratch, namespace, name } = evidence;
  const buckets = asked.map((bucket) => diagnose(api, disk, bucket));
  const checks = [
    workloadCheck(workload, `${namespace}/${name}`),
    ...buckets.map(bucketCheck),
    ...stateChecks(evidence),
    ...(scratch === undefined ? [] : scratchChecks(scratch, strictScratchDisk)),
  ];
  const title = `bucket index of ${namespace}/${name}`;
  return { ...verdictOver(title, checks), buckets, clues: cluesIn(evidence) };
}

/** Whether the pods of the store run. */
function workloadCheck({ workload }: WorkloadEvidence, place: string): Judgement {
  if ('notSeen' in workload) return unknown('workload', workload.notSeen);
  const { kind, desired, ready, image } = workload.seen;
  const text = `${kind} ${place}: ${ready} of ${desired} ready, ${image}`;
  if (ready >= desired && desired > 0) return good('workload', text);
  const fix = `look at its pods and events: kubectl describe ${kind.toLowerCase()} ${place.split('/')[1]} -n ${place.split('/')[0]}`;
  return ready === 0 ? bad('workload', text, fix) : degraded('workload', text, fix);
}

function bucketCheck({ bucket, verdict, exitCode, meaning }: BucketDiagnosis): Judgement {
  const name = `bucket-${bucket}`;
  const text = `${verdict}: ${meaning}`;
  if (exitCode === EXIT.good) return good(name, text);
  if (exitCode === EXIT.unknown) return unknown(name, text);
  return bad(name, text, 'keep the evidence, then follow the order below');
}

/** A state that was never written is nobody's fault; one that cannot be read is. */
function stateChecks({ api }: StoreEvidence): Judgement[] {
  const objects = api.buckets.flatMap(({ objects: all }) => all);
  return objects.map(({ key, outcome, detail }): Judgement => {
    const name = `state ${key}`;
    if (outcome === 'readable') return good(name, detail);
    if (outcome === 'no-state') {
      const fix = 'write nothing; see what is left of it: just tofu-state-authority-deep-check';
      return bad(name, detail, fix);
    }
    if (outcome === 'absent') {
      return notRun(name, `${detail}: whether there should be one is known to the witness alone`);
    }
    return unknown(name, detail);
  });
}

const DISK_STEPS: readonly ScratchStep['name'][] = ['on-disk', 'off-disk'];

/** Each step of the scratch bucket; its disk counts only where it has to. */
export function scratchChecks({ bucket, steps }: ScratchEvidence, strict: boolean): Judgement[] {
  return steps.map((step): Judgement => {
    const name = `scratch-${step.name}`;
    const isLax = DISK_STEPS.includes(step.name) && !strict;
    if (step.outcome === 'as-expected') return good(name, step.detail);
    if (step.outcome === 'not-run')
      return isLax ? notRun(name, step.detail) : unknown(name, step.detail);
    const fix =
      step.name === 'removed'
        ? `remove the bucket ${bucket} by hand`
        : 'API and disk disagree about a bucket that was made a moment ago: keep the evidence';
    return isLax ? degraded(name, step.detail, fix) : bad(name, step.detail, fix);
  });
}
