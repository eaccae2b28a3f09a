import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { type Judgement, verdictLines } from '../authority/verdict.ts';
import { backendAccess } from '../settings/backend-access.ts';
import { sha256 } from '../store/signature.ts';
import type { StoreAccess } from '../store/store-access.ts';
import { askedBuckets } from './asked-buckets.ts';
import { readBundle, requireEmpty, storeBundle } from './evidence-bundle.ts';
import { readGate } from './gate-records.ts';
import {
  judgeReadiness,
  type Readiness,
  type ReadinessEvidence,
  readinessConclusion,
} from './ha-readiness.ts';
import { proveGate } from './prove-gate.ts';
import { collectStore, storeWorkload } from './rca-evidence.ts';

const OPTIONS = {
  'expect-interim': { type: 'boolean' },
  evidence: { type: 'string' },
  prove: { type: 'string' },
  'watch-maintenance': { type: 'string' },
  save: { type: 'string' },
  judge: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const MINUTE_MS = 60_000;
const MAX_MINUTES = 240;

/**
 * Says whether the store of the states works now, and whether it is HA: RED, INTERIM or HA. One replica is never HA, and a
 * store of many is only with evidence of all that had to be proved before (`--evidence`, made by `--prove`).
 *
 * @returns 0 for HA, and for INTERIM where that was expected; 3 for INTERIM, 2 for RED, 1 when it is not known
 */
export async function haReadiness(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const options = optionsOf(args);
  const { judge, save, json } = options;
  const evidence =
    judge === undefined
      ? await collect(options, printer, environment)
      : readBundle<ReadinessEvidence>(judge, 'ha-readiness');
  const readiness = judgeReadiness(evidence, options);
  if (save !== undefined) storeBundle(save, { subject: 'ha-readiness', evidence });
  if (json) printer.result(JSON.stringify(readiness, undefined, 2));
  else print(readiness, printer);
  return readiness.exitCode;
}

function optionsOf(args: readonly string[]) {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { evidence, prove, save, judge, json = false } = values;
  const minutes = values['watch-maintenance'];
  const fresh = Object.entries({ evidence, prove, save }).filter(
    ([, value]) => value !== undefined,
  );
  if (judge !== undefined && fresh.length > 0) {
    const names = fresh.map(([name]) => `--${name}`).join(', ');
    throw new Failure(
      `--judge looks at evidence that is stored: ${names} belongs to a fresh look`,
      EXIT.usage,
    );
  }
  if (evidence !== undefined && prove !== undefined && evidence !== prove)
    throw new Failure(
      '--prove makes the evidence that is judged: leave --evidence out',
      EXIT.usage,
    );
  if (minutes !== undefined && prove === undefined)
    throw new Failure('--watch-maintenance leaves a record: add --prove DIR', EXIT.usage);
  if (save !== undefined) requireEmpty(save);
  const expectInterim = values['expect-interim'] ?? false;
  const maintenanceMs = minutes === undefined ? undefined : minutesOf(minutes) * MINUTE_MS;
  return { evidence, prove, save, judge, json, expectInterim, maintenanceMs };
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (/^\d+$/.test(text) && minutes >= 1 && minutes <= MAX_MINUTES) return minutes;
  throw new Failure(
    `--watch-maintenance must be whole minutes from 1 to ${MAX_MINUTES}, got: ${text}`,
    EXIT.usage,
  );
}

async function collect(
  { evidence, prove, maintenanceMs }: ReturnType<typeof optionsOf>,
  printer: Printer,
  environment: NodeJS.ProcessEnv,
): Promise<ReadinessEvidence> {
  const settings = readSettings(settingsFile(environment));
  storeWorkload(settings);
  if (settings.state.store !== 'object-store') {
    throw new Failure(
      'the states lie in a store that nothing here manages: whether that is HA cannot be seen from this cluster',
    );
  }
  const access = backendAccess(settings, environment);
  if (prove !== undefined) {
    const report = printer.problem;
    await proveGate({ settings, access, environment, folder: prove, maintenanceMs, report });
  }
  const buckets = askedBuckets(settings, settings.state.bucket);
  const store = await collectStore({ settings, access, buckets, environment, logs: false });
  const gate = readGate(prove ?? evidence);
  return { at: store.at, store, access: wayOf(access), gate };
}

/** How tofu will reach the store; the keys are no part of it. */
function wayOf({ endpoint, bucket, region, pathStyle, authorities }: StoreAccess) {
  const way = { endpoint, bucket, region, pathStyle };
  return authorities === undefined ? way : { ...way, authorities: sha256(authorities) };
}

function print(readiness: Readiness, printer: Printer): void {
  const parts: readonly (readonly [string, readonly Judgement[]])[] = [
    ['it works now', readiness.now],
    ['it outlives one of its nodes', readiness.shape],
    ['what has to be proved before it may be called HA', readiness.gate],
  ];
  for (const [title, checks] of parts) {
    printer.result(title);
    // The conclusion of a part is none: the parts decide together.
    const lines = verdictLines({ title, checks, exitCode: EXIT.good }).slice(0, -1);
    for (const line of lines) printer.result(`  ${line}`);
  }
  const conclusion = readinessConclusion(readiness);
  if (readiness.exitCode === EXIT.good) printer.result(conclusion);
  else printer.problem(conclusion);
}
