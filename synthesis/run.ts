import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { formatProblems, InvalidFile } from '../config/problem.ts';
import { EXIT, type ExitCode } from '../console/exit-code.ts';
import { Failure } from '../console/failure.ts';
import { type Printer, STANDARD_PRINTER } from '../console/printer.ts';
import { Refusal } from '../constructs/refusal.ts';
import { summarizeCapacity } from '../policy/capacity-summary.ts';
import { clusterOf, judge } from '../policy/check.ts';
import { applyWaivers } from '../policy/finding.ts';
import type { Cluster } from '../policy/model/cluster.ts';
import type { JudgedStack } from '../policy/policy-input.ts';
import type { FlywheelStack } from '../stacks/flywheel-stack.ts';
import type { StackContext } from '../stacks/stack-context.ts';
import { InvalidValue } from '../values/invalid-value.ts';
import { takeInventory } from './inventory.ts';
import { readOptions, type SynthesisOptions, USAGE_TEXT, WrongUsage } from './options.ts';
import { isStopped, type Outcome } from './outcome.ts';
import { printOutcome } from './printer.ts';
import { publish } from './publish.ts';
import { printReport } from './report.ts';
import { type Staged, type SynthesizedStack, withSynthesized } from './synthesize.ts';

/** The settings, and the stacks that are built from them. */
export interface Program {
  /** The settings file. */
  readonly file: string;
  /** The folder that OpenTofu reads. */
  readonly outdir: string;
  readonly context: StackContext;
  readonly define: (app: App) => readonly FlywheelStack[];
}

/**
 * Synthesizes, judges and publishes, and says what came of it.
 *
 * @returns the exit code: 0 good, 1 the result could not be written, 2 findings over the result, 64 settings, words or a
 * folder that are wrong by themselves
 */
export function runSynthesis(
  args: readonly string[],
  load: () => Program,
  printer: Printer = STANDARD_PRINTER,
): number {
  try {
    const options = readOptions(args);
    if (options.help) {
      printer.result(USAGE_TEXT);
      return EXIT.good;
    }
    const outcome = synthesize(load(), options);
    print(outcome, options, printer);
    return isStopped(outcome) ? EXIT.bad : EXIT.good;
  } catch (error) {
    const { lines, code } = explain(error);
    for (const line of lines) printer.problem(line);
    return code;
  }
}

/** What went wrong, in the terms of who can mend it; a defect of ours keeps its stack trace. */
function explain(error: unknown): { readonly lines: string[]; readonly code: ExitCode } {
  if (error instanceof WrongUsage)
    return { lines: [error.message, '', USAGE_TEXT], code: EXIT.usage };
  if (error instanceof InvalidFile)
    return { lines: formatProblems(error.problems), code: EXIT.usage };
  if (error instanceof Failure) return { lines: [error.message], code: error.exitCode };
  if (error instanceof Refusal || error instanceof InvalidValue) {
    return { lines: [error.message], code: EXIT.usage };
  }
  if (isSystemError(error))
    return { lines: [`the result was not written: ${error.message}`], code: EXIT.unknown };
  throw error;
}

/** A full disk, a folder that may not be written to, and what else the operating system refuses. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

function print(outcome: Outcome, { verb, json }: SynthesisOptions, printer: Printer): void {
  if (json) printer.result(JSON.stringify(outcome, undefined, 2));
  else if (verb === 'report') printReport(outcome, printer);
  else printOutcome(outcome, printer);
}

function synthesize(
  { file, outdir, context, define }: Program,
  { verb }: SynthesisOptions,
): Outcome {
  return withSynthesized(define, (staged) => {
    const cluster = readResult(staged, outdir, context);
    const verdict = applyWaivers(judge(cluster), context.settings.waivers);
    const writes = verb === 'synth' && !isStopped({ verdict });
    const { written, keptOrphans } = writes
      ? publish(staged.folder, outdir)
      : { written: [], keptOrphans: [] };
    const stacks = staged.stacks.map(stackOutcome);
    const inventory = takeInventory(staged.stacks.map(({ stack }) => stack));
    return {
      organization: context.settings.organization.name,
      settings: file,
      outdir,
      stacks,
      verdict,
      inventory,
      capacity: summarizeCapacity(cluster),
      written,
      keptOrphans,
    };
  });
}

function readResult({ stacks }: Staged, outdir: string, { settings }: StackContext): Cluster {
  return clusterOf({
    stacks: stacks.map(({ stack, json }) => ({ name: stack.node.id, json })),
    previous: stacks.flatMap((stack) => lastResult(outdir, stack)),
    declared: { nodes: settings.cluster.nodes, requireDigests: settings.images.requireDigests },
  });
}

function lastResult(outdir: string, { stack, text, json }: SynthesizedStack): JudgedStack[] {
  const name = stack.node.id;
  const file = join(outdir, 'stacks', name, 'cdk.tf.json');
  if (!existsSync(file)) return [];
  try {
    const last = readFileSync(file, 'utf8');
    return [{ name, json: last === text ? json : JSON.parse(last) }];
  } catch {
    // Cut short by something else; the new result replaces it.
    return [];
  }
}

function stackOutcome({ stack, text, json, milliseconds }: SynthesizedStack) {
  return {
    name: stack.node.id,
    resources: countResources(json),
    bytes: Buffer.byteLength(text),
    stateKey: stack.state.key,
    milliseconds,
  };
}

function countResources(json: Record<string, unknown>): number {
  return Object.values((json.resource ?? {}) as Record<string, object>).flatMap(Object.keys).length;
}
