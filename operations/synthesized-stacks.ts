import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outdirOf } from '../config/outdir.ts';
import { EXIT, type ExitCode } from '../console/exit-code.ts';
import { Failure } from '../console/failure.ts';
import type { JudgedStack } from '../policy/policy-input.ts';
import { STACK_ORDER } from './stack-order.ts';

/** The stacks as the settings make them now; one of them is what the command is about. */
export interface SynthesizedStacks {
  readonly asked: JudgedStack;
  readonly all: readonly JudgedStack[];
}

const PROGRAM = 'bin/flywheel.cjs';
const SYNTH_MS = 60_000;

/**
 * Synthesizes into a folder of its own, and refuses to go on where the asked stack in `cdktf.out` is another: what is looked at
 * must be what will be applied.
 *
 * @throws Failure for a name that is no stack, settings that are refused, and a result that is missing or stale
 */
export function synthesizedStacks(
  name: string,
  environment: NodeJS.ProcessEnv = process.env,
): SynthesizedStacks {
  const all = freshStacks([name], environment);
  return { asked: all.find((stack) => stack.name === name) ?? never(name), all };
}

/** The same for several stacks, or for all where none is named, in the order in which they need each other. */
export function currentStacks(
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): JudgedStack[] {
  const asked = names.length === 0 ? STACK_ORDER : names;
  const all = freshStacks(asked, environment);
  const inOrder = STACK_ORDER.filter((name) => asked.includes(name));
  return inOrder.flatMap((name) => all.filter((stack) => stack.name === name));
}

/** The stacks are made by a process of its own, because an operator's command does not carry the constructs. */
function freshStacks(asked: readonly string[], environment: NodeJS.ProcessEnv): JudgedStack[] {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-synth-'));
  try {
    synthesize(folder, environment);
    const names = readdirSync(join(folder, 'stacks')).sort();
    for (const name of asked) {
      if (!names.includes(name)) {
        throw new Failure(`there is no stack ${name}; there are ${names.join(', ')}`, EXIT.usage);
      }
      requireCurrent(name, folder, outdirOf(environment));
    }
    return names.map((name) => ({ name, json: JSON.parse(textOf(folder, name) ?? '') }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function synthesize(folder: string, environment: NodeJS.ProcessEnv): void {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'synth', '--json'], {
    env: { ...environment, CDKTF_OUTDIR: folder },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SYNTH_MS,
  });
  if (status === EXIT.good) return;
  const codes: readonly ExitCode[] = [EXIT.bad, EXIT.usage];
  const code = codes.find((known) => known === status) ?? EXIT.unknown;
  const because = code === EXIT.bad ? 'it has findings: run just synth' : stderr.trim();
  throw new Failure(`the stacks cannot be synthesized: ${because}`, code);
}

function requireCurrent(name: string, fresh: string, outdir: string): void {
  const published = textOf(outdir, name);
  if (published === textOf(fresh, name)) return;
  const file = join(outdir, 'stacks', name, 'cdk.tf.json');
  const problem =
    published === undefined ? 'does not exist' : 'is not what the settings make of it now';
  throw new Failure(`${file} ${problem}\n    run just synth`);
}

function textOf(outdir: string, name: string): string | undefined {
  try {
    return readFileSync(join(outdir, 'stacks', name, 'cdk.tf.json'), 'utf8');
  } catch {
    return undefined;
  }
}

function never(name: string): never {
  throw new Error(`${name} was there a moment ago`);
}
