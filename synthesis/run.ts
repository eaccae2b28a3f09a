import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import { formatProblem, InvalidFile } from '../config/problem.ts';
import { check, type JudgedStack } from '../policy/check.ts';
import { applyWaivers, type Verdict } from '../policy/finding.ts';
import type { FlywheelStack } from '../stacks/flywheel-stack.ts';
import type { StackContext } from '../stacks/stack-context.ts';
import type { Outcome } from './outcome.ts';
import { findingLines, type Printer, STANDARD_PRINTER, stackTable } from './printer.ts';
import { publish } from './publish.ts';
import { type Staged, type SynthesizedStack, withSynthesized } from './synthesize.ts';

const GOOD = 0;
const FINDINGS = 2;
const USAGE = 64;

/** The settings, and the stacks that are built from them. */
export interface Program {
  readonly file: string;
  readonly context: StackContext;
  readonly define: (app: App) => readonly FlywheelStack[];
}

/**
 * Synthesizes, judges and publishes, and says what came of it.
 *
 * @returns the exit code: 0 good, 2 findings over the result, 64 settings that are wrong by themselves
 */
export function runSynthesis(
  _args: readonly string[],
  load: () => Program,
  printer: Printer = STANDARD_PRINTER,
): number {
  try {
    const outcome = synthesize(load());
    for (const line of stackTable(outcome)) printer.result(line);
    for (const line of outcome.verdict.findings.flatMap(findingLines)) printer.problem(line);
    return hasErrors(outcome.verdict) ? FINDINGS : GOOD;
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    for (const problem of error.problems) printer.problem(formatProblem(problem));
    return USAGE;
  }
}

function synthesize({ file, context, define }: Program): Outcome {
  const outdir = process.env['CDKTF_OUTDIR'] ?? 'cdktf.out';
  return withSynthesized(define, (staged) => {
    const verdict = judge(staged, outdir, context);
    const { written, keptOrphans } = hasErrors(verdict)
      ? { written: [], keptOrphans: [] }
      : publish(staged.folder, outdir);
    const stacks = staged.stacks.map(stackOutcome);
    return { settings: file, outdir, stacks, verdict, notes: [], written, keptOrphans };
  });
}

function judge({ stacks }: Staged, outdir: string, { settings }: StackContext): Verdict {
  const findings = check({
    stacks: stacks.map(({ stack, json }) => ({ name: stack.node.id, json })),
    previous: stacks.flatMap(({ stack }) => lastResult(outdir, stack.node.id)),
    declared: { nodes: settings.cluster.nodes, requireDigests: settings.images.requireDigests },
  });
  return applyWaivers(findings, settings.waivers);
}

function lastResult(outdir: string, name: string): JudgedStack[] {
  const file = join(outdir, 'stacks', name, 'cdk.tf.json');
  return existsSync(file) ? [{ name, json: JSON.parse(readFileSync(file, 'utf8')) }] : [];
}

function hasErrors({ findings }: Verdict): boolean {
  return findings.some(({ severity }) => severity === 'error');
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
  return Object.values((json['resource'] ?? {}) as Record<string, object>).flatMap(Object.keys)
    .length;
}
