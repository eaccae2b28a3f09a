import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode, gravest } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { besideResults, type Printer } from '../../console/printer.ts';
import { table } from '../../console/table.ts';
import { requireEmpty } from '../rustfs/evidence-bundle.ts';
import { CANARY_STEPS, type CanaryAsked, type CanaryStep } from './steps.ts';

const OPTIONS = {
  'store-hash': { type: 'string', multiple: true },
  save: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Store paths for a pipeline, whose jobs have no arguments of their own; several are parted by blanks. */
const HASHES = 'FLYWHEEL_CANARY_STORE_HASHES';

/** Evidence is for its owner alone. */
const PRIVATE = 0o600;

/** What a step came to. */
interface StepResult {
  readonly step: string;
  readonly exitCode: ExitCode;
  readonly seconds: number;
}

/**
 * `state-authority-canary`: looks at the store of the states, at a bucket and a body of the cache beside them, and at a bucket
 * of its own, one after the other and whatever the one before has found.
 *
 * @returns 0 when all is good, else the gravest of the codes
 */
export async function canary(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
  steps: readonly CanaryStep[] = CANARY_STEPS,
): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { save, json = false, 'store-hash': given } = values;
  if (save !== undefined) requireEmpty(save);
  const settings = readSettings(settingsFile(environment));
  const storeHashes = given ?? (environment[HASHES] ?? '').split(/\s+/).filter(Boolean);
  const told = json ? besideResults(printer) : printer;
  const results: StepResult[] = [];
  for (const step of steps) {
    const log = new Log(told);
    results.push(await take(step, { settings, storeHashes, printer: log, environment }));
    log.keep(save, `${results.length}-${step.name}.log`);
  }
  return conclude(results, { save, json, printer });
}

function conclude(
  steps: readonly StepResult[],
  how: { readonly save: string | undefined; readonly json: boolean; readonly printer: Printer },
): ExitCode {
  const { save, json, printer } = how;
  const exitCode = gravest(steps.map((step) => step.exitCode));
  const text = JSON.stringify({ exitCode, steps }, undefined, 2);
  if (save !== undefined) writeFileSync(join(save, 'canary.json'), `${text}\n`, { mode: PRIVATE });
  for (const line of json ? [text] : lines(exitCode, steps)) printer.result(line);
  return exitCode;
}

/** Prints, and keeps what was printed. */
class Log implements Printer {
  private readonly kept: string[] = [];
  private readonly printer: Printer;

  constructor(printer: Printer) {
    this.printer = printer;
  }

  result(line: string): void {
    this.kept.push(line);
    this.printer.result(line);
  }

  problem(line: string): void {
    this.kept.push(line);
    this.printer.problem(line);
  }

  /** @param folder none keeps nothing */
  keep(folder: string | undefined, name: string): void {
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, name), `${this.kept.join('\n')}\n`, { mode: PRIVATE });
  }
}

async function take(step: CanaryStep, asked: CanaryAsked): Promise<StepResult> {
  const startedAt = performance.now();
  asked.printer.result(`== ${step.name}`);
  const exitCode = await attempt(step, asked);
  asked.printer.result('');
  return { step: step.name, exitCode, seconds: (performance.now() - startedAt) / 1000 };
}

/** A step that cannot be done leaves the others their turn; only an interrupt ends them all. */
async function attempt(step: CanaryStep, asked: CanaryAsked): Promise<ExitCode> {
  try {
    return await step.run(asked);
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode === EXIT.interrupted) throw error;
    asked.printer.problem(error.message);
    return error.exitCode;
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.good]: 'good',
  [EXIT.bad]: 'bad',
  [EXIT.degraded]: 'degraded',
  [EXIT.pending]: 'recovery pending',
  [EXIT.usage]: 'not asked rightly',
};

function lines(exitCode: ExitCode, steps: readonly StepResult[]): string[] {
  const rows = steps.map(({ step, exitCode: code, seconds }) => [
    step,
    MEANINGS[code] ?? 'not known',
    `${seconds.toFixed(1)} s`,
  ]);
  return [
    ...table(['looked at', 'found', 'in'], rows),
    '',
    exitCode === EXIT.good
      ? 'the path of the states is coherent now; that is no claim that it is highly available'
      : `not good: the gravest code is ${exitCode}; the evidence stands above`,
  ];
}
