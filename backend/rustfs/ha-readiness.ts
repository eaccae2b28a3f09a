import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { good, unknown } from '../../operations/kubernetes/check.ts';
import { degraded, type Judgement, notRun } from '../authority/verdict.ts';
import type { BucketDiagnosis } from './bucket-diagnosis.ts';
import type { GateEvidence } from './gate-records.ts';
import { type HaCondition, haShape } from './ha-shape.ts';
import { type GateItem, type GateSubject, judgeGate } from './judge-gate.ts';
import { judgeRca } from './judge-rca.ts';
import type { StoreEvidence } from './rca-evidence.ts';

/** What a store of states was seen to be, and what was proved of it before. */
export interface ReadinessEvidence {
  /** In ISO 8601. */
  readonly at: string;
  readonly store: StoreEvidence;
  /** The way that tofu will take. */
  readonly access: GateSubject['access'];
  readonly gate: GateEvidence;
}

/** `RED`: nothing may be changed. `INTERIM`: it works, and one node is all there is. `HA`: proved. `UNKNOWN`: none of them. */
export type HaVerdict = 'HA' | 'INTERIM' | 'RED' | 'UNKNOWN';

/** What the evidence came to. */
export interface Readiness {
  readonly verdict: HaVerdict;
  readonly exitCode: ExitCode;
  readonly title: string;
  /** Whether the store works now. */
  readonly now: readonly Judgement[];
  /** Whether it outlives one of its nodes. */
  readonly shape: readonly Judgement[];
  /** What had to be proved before it may be called HA. */
  readonly gate: readonly Judgement[];
}

/** Judges evidence, fresh or from a bundle. It asks nobody. */
export function judgeReadiness(
  evidence: ReadinessEvidence,
  { expectInterim = false }: { readonly expectInterim?: boolean } = {},
): Readiness {
  const { store, access, gate, at } = evidence;
  const rca = judgeRca(store, store.asked);
  const now = rca.checks.map((check) => withoutDisk(check, rca.buckets));
  const shape = haShape(store.workload);
  const found = store.workload.workload;
  const workload = 'seen' in found ? found.seen : { uid: '', image: '' };
  const proofs = judgeGate(gate, { access, workload, now: new Date(at) });
  const verdict = verdictOf(now, shape, proofs);
  return {
    verdict,
    exitCode: codeOf(verdict, expectInterim),
    title: `state store ${store.namespace}/${store.name}`,
    now,
    shape: shape.map(shapeCheck),
    gate: proofs.map(gateCheck),
  };
}

/** The API is the authority. The disk is looked at where that is possible, and counts where it was. */
function withoutDisk(check: Judgement, buckets: readonly BucketDiagnosis[]): Judgement {
  const bucket = buckets.find((each) => check.name === `bucket-${each.bucket}`);
  return bucket?.verdict === 'API_PRESENT_DISK_UNKNOWN'
    ? notRun(check.name, bucket.meaning)
    : check;
}

function verdictOf(
  now: readonly Judgement[],
  shape: readonly HaCondition[],
  gate: readonly GateItem[],
): HaVerdict {
  if (now.some(({ status }) => status === 'bad')) return 'RED';
  if (now.some(({ status }) => status === 'unknown')) return 'UNKNOWN';
  const isWhole = now.every(({ status }) => status !== 'degraded');
  const outlives = shape.every(({ holds }) => holds === true);
  return isWhole && outlives && gate.every(({ holds }) => holds) ? 'HA' : 'INTERIM';
}

function codeOf(verdict: HaVerdict, expectInterim: boolean): ExitCode {
  if (verdict === 'HA') return EXIT.good;
  if (verdict === 'INTERIM') return expectInterim ? EXIT.good : EXIT.degraded;
  return verdict === 'RED' ? EXIT.bad : EXIT.unknown;
}

function shapeCheck({ name, holds, detail }: HaCondition): Judgement {
  if (holds === undefined) return unknown(name, detail);
  return holds
    ? good(name, detail)
    : degraded(name, detail, 'a store that outlives one of its nodes is another store than this');
}

function gateCheck({ name, holds, detail }: GateItem): Judgement {
  if (holds) return good(name, detail);
  const isMaintenance = name === 'maintenance';
  const command = `just tofu-state-ha-readiness --prove DIR${isMaintenance ? ' --watch-maintenance MINUTES' : ''}`;
  return degraded(name, `not proved: ${detail}`, `prove it: ${command}`);
}

const CONCLUSIONS: Readonly<Record<HaVerdict, string>> = {
  RED: 'nothing may be changed through it',
  INTERIM: 'it works now; it is not HA',
  HA: 'it outlives one of its nodes, and all that had to be proved is',
  UNKNOWN: 'whether it works is not known; nothing may be changed through it',
};

/** The one sentence that a readiness ends with. */
export function readinessConclusion({ verdict, title }: Readiness): string {
  return `${verdict}: ${title}: ${CONCLUSIONS[verdict]}`;
}
