import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { asText, at, isObject } from '../../policy/model/json.ts';
import { writeDurably } from '../recovery/durable.ts';
import { sha256 } from '../store/signature.ts';
import type { StateMark } from '../witness/state-mark.ts';

/** What is kept of a plan beside it, so that no other is applied. */
export interface PlanRecord {
  readonly stack: string;
  /** When it was made, in ISO 8601. */
  readonly at: string;
  /** SHA-256 of the plan. */
  readonly plan: string;
  /** SHA-256 of the JSON of the stack that it was made of. */
  readonly json: string;
  /** The state that it was made on; nothing where there was none. */
  readonly state: { readonly lineage: string; readonly serial: number } | null;
  readonly firstRun: boolean;
  /** It removes everything. */
  readonly destroys: boolean;
  /** What it does, such as `2 to add, 0 to change, 1 to destroy`. */
  readonly says: string;
}

/** Where the plan of a stack is kept. */
export interface PlanPlace {
  /** The stack. */
  readonly stack: string;
  /** The folder of the checkout for it. */
  readonly work: string;
}

/** The file of the plan. */
export function planFile({ work }: PlanPlace): string {
  return join(work, 'plan.tfplan');
}

/** Makes room for a plan: an older one must not be taken for it. */
export function clearPlan(place: PlanPlace): void {
  mkdirSync(place.work, { recursive: true, mode: 0o700 });
  rmSync(planFile(place), { force: true });
  rmSync(recordFile(place), { force: true });
}

/** Keeps what a plan was made of. A plan holds the state, so nobody else may read it. */
export function recordPlan(
  place: PlanPlace,
  record: Omit<PlanRecord, 'at' | 'plan' | 'stack'>,
): void {
  chmodSync(planFile(place), 0o600);
  const plan = sha256(readFileSync(planFile(place)));
  const whole: PlanRecord = { stack: place.stack, at: new Date().toISOString(), plan, ...record };
  writeDurably(recordFile(place), `${JSON.stringify(whole, undefined, 2)}\n`);
}

/**
 * The plan that is to be applied.
 *
 * @param json SHA-256 of the stack as it is now
 * @param known the last state that was proved; undefined where none is known
 * @throws Failure with the code 2 where it was made of another stack, on another state, or is another file; with 1 where there
 * is none
 */
export function requirePlan(
  place: PlanPlace,
  json: string,
  known: Pick<StateMark, 'lineage' | 'serial'> | undefined,
): PlanRecord {
  const { stack } = place;
  const record = readRecord(place);
  if (record === undefined || !existsSync(planFile(place))) {
    throw new Failure(`${stack} has no saved plan\n    run just tofu-plan ${stack}`);
  }
  const because = outdated(place, record, json, known);
  if (because === undefined) return record;
  throw new Failure(
    `the saved plan of ${stack} (${record.says}, made ${record.at}) is not applied: ${because}\n    run just tofu-plan ${stack}`,
    EXIT.bad,
  );
}

function outdated(
  place: PlanPlace,
  record: PlanRecord,
  json: string,
  known: Pick<StateMark, 'lineage' | 'serial'> | undefined,
): string | undefined {
  const { plan, state, stack } = record;
  if (stack !== place.stack) return `it is one of ${stack}`;
  if (sha256(readFileSync(planFile(place))) !== plan) return 'the file is not what was planned';
  if (record.json !== json) return 'the stack was synthesized anew since';
  if (known === undefined) return undefined;
  if (state === null) return `it was made for no state, and there is one of serial ${known.serial}`;
  if (state.lineage !== known.lineage) return 'it was made on a state of another lineage';
  return state.serial < known.serial
    ? `it was made on serial ${state.serial} of the state, which has ${known.serial} now`
    : undefined;
}

function readRecord(place: PlanPlace): PlanRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(recordFile(place), 'utf8'));
    const whole = isObject(record) && asText(at(record, 'plan')) !== undefined;
    return whole ? (record as unknown as PlanRecord) : undefined;
  } catch {
    return undefined;
  }
}

function recordFile({ work }: PlanPlace): string {
  return join(work, 'plan.json');
}
