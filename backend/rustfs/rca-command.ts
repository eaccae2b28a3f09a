import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { backendAccess } from '../settings/backend-access.ts';
import { askedBuckets } from './asked-buckets.ts';
import { readBundle, requireEmpty, storeBundle } from './evidence-bundle.ts';
import { judgeRca, type Rca } from './judge-rca.ts';
import { collectStore, type StoreEvidence, storeWorkload } from './rca-evidence.ts';
import { rcaLines, type Stored } from './rca-lines.ts';

const OPTIONS = {
  bucket: { type: 'string' },
  'scratch-probe': { type: 'boolean' },
  'strict-scratch-disk-markers': { type: 'boolean' },
  save: { type: 'string' },
  judge: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Options = ReturnType<typeof optionsOf>;

/**
 * Finds out why buckets of RustFS are lost: workload, pods, logs, Jobs and events, and the API's view of each bucket against
 * the disk's. It only reads; with `--scratch-probe` it also makes a bucket of its own and removes it. Evidence of what is not
 * good is stored before any advice to restart is given.
 *
 * @returns 0 when every bucket is coherent, 2 when one is not, 1 when something is not known, 3 for what is only weak
 */
export async function rca(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const options = optionsOf(args);
  const evidence =
    options.judge === undefined
      ? await collect(options, environment)
      : readBundle<StoreEvidence>(options.judge, 'store');
  const asked = evidence.asked.filter(
    (bucket) => options.bucket === undefined || options.bucket === bucket,
  );
  if (asked.length === 0) {
    throw new Failure(
      `the evidence says nothing of bucket ${options.bucket}: it is of ${evidence.asked.join(', ')}`,
      EXIT.usage,
    );
  }
  const verdict = judgeRca(evidence, asked, { strictScratchDisk: options.strict });
  const stored = store(evidence, verdict, options);
  print(verdict, evidence, { stored, json: options.json, printer });
  return verdict.exitCode;
}

function optionsOf(args: readonly string[]) {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { bucket, save, judge, json = false } = values;
  const scratch = values['scratch-probe'] ?? false;
  const strict = values['strict-scratch-disk-markers'] ?? false;
  if (judge !== undefined && (scratch || save !== undefined)) {
    throw new Failure(
      '--judge looks at evidence that is stored: --scratch-probe and --save belong to a fresh look',
      EXIT.usage,
    );
  }
  if (strict && !scratch && judge === undefined) {
    throw new Failure(
      '--strict-scratch-disk-markers says how the scratch bucket is judged: add --scratch-probe',
      EXIT.usage,
    );
  }
  if (save !== undefined) requireEmpty(save);
  return { bucket, save, judge, json, scratch, strict };
}

function collect({ bucket, scratch }: Options, environment: NodeJS.ProcessEnv) {
  const settings: Settings = readSettings(settingsFile(environment));
  storeWorkload(settings);
  const buckets = askedBuckets(settings, bucket);
  const access = backendAccess(settings, environment);
  return collectStore({ settings, access, buckets, environment, scratch });
}

/** What is good need not be kept; what is not good is, wherever that was said. */
function store(evidence: StoreEvidence, { exitCode }: Rca, { judge, save }: Options): Stored {
  if (judge !== undefined) return { folder: judge };
  if (save === undefined && exitCode === EXIT.good)
    return { notStored: 'all is well; --save keeps it' };
  const moment = evidence.at.replaceAll(/[:.]/g, '-');
  const folder = save ?? join('.flywheel', evidence.cluster, 'evidence', `rca-${moment}`);
  try {
    return storeBundle(folder, { subject: 'store', evidence, texts: logTexts(evidence) });
  } catch (error) {
    if (error instanceof Failure) return { notStored: error.message };
    throw error;
  }
}

/** Each log once more, as people read it. */
function logTexts({ logs }: StoreEvidence): Record<string, string> {
  return Object.fromEntries(
    logs.flatMap(({ pod, previous, text }) =>
      'seen' in text ? [[`logs/${pod}${previous ? '.previous' : ''}.log`, text.seen]] : [],
    ),
  );
}

function print(
  verdict: Rca,
  evidence: StoreEvidence,
  { stored, json, printer }: { stored: Stored; json: boolean; printer: Printer },
): void {
  if (json) {
    printer.result(JSON.stringify({ ...verdict, stored }, undefined, 2));
    return;
  }
  for (const line of rcaLines(verdict, evidence, stored)) printer.result(line);
}
