import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingForStacks, startGround } from '../__tests__/real/stacks/ground.ts';
import { EXIT } from '../console/exit-code.ts';
import { table } from '../console/table.ts';
import type { Ground } from '../operations/rehearsal/stacks/ground.ts';
import { StackRun } from '../operations/rehearsal/stacks/stack-run.ts';
import { ensure } from '../operations/secrets/command.ts';
import { STACK_ORDER, type StackName } from '../operations/stack-order.ts';
import { locate } from '../operations/tools/locate.ts';
import { machineLine, median } from './measurement.ts';
import { withoutMetadata } from './without-metadata.ts';

// Run with `just bench-apply`. It applies the stacks to a rehearsal cluster that it starts, each beside the same in plain
// OpenTofu JSON: same resources, same cluster, same store, one after the other.

const RESULTS = 'bench/apply-results.json';
const ROUNDS = 3;
const STEPS = ['init', 'validate', 'plan', 'apply', 'plan again', 'destroy'] as const;

/** Seconds of each step. */
type Steps = Readonly<Record<(typeof STEPS)[number], number>>;

interface Row {
  readonly stack: StackName;
  readonly resources: number;
  readonly bytes: number;
  readonly plainBytes: number;
  /** The first apply, to a cluster that knew nothing of the stack, not even its CRDs. */
  readonly fromNothingSec: number;
  /** Medians of the rounds after it. */
  readonly flywheel: Steps;
  readonly plain: Steps;
}

let interrupted = false;

async function main(): Promise<void> {
  const missing = await missingForStacks();
  if (missing.length > 0) {
    process.stderr.write(`${missing.map((why) => `cannot apply: ${why}`).join('\n')}\n`);
    process.exitCode = EXIT.unknown;
    return;
  }
  // Tofu and the cluster hear of it too, and what runs fails. Then everything that was started is ended.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted = true;
    });
  }
  const ground = await startGround();
  try {
    const rows: Row[] = [];
    for (const name of STACK_ORDER) rows.push(await compare(ground, name));
    const results = { machine: machineLine(), rounds: ROUNDS, rows };
    writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
    process.stdout.write(`${report(results).join('\n')}\n`);
  } catch (error) {
    if (!interrupted) throw error;
    process.exitCode = EXIT.interrupted;
  } finally {
    await ground.stop();
  }
}

/** One stack and its peer, in turn so that a disturbance of the machine meets both, and each as often first. */
async function compare(ground: Ground, name: StackName): Promise<Row> {
  const { environment, folder } = ground;
  await makeSecrets(ground, name);
  const located = await locate('tofu');
  if (located.status === 'missing') throw new Error(located.because);
  const ours = ground.stacks[name];
  const copy = withoutMetadata(ours.folder, folder);
  const plain = new StackRun(name, copy.folder, located.path, environment);
  const { resources, steps: first } = await once(ours);
  const flywheel: Steps[] = [];
  const byHand: Steps[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const turns = [
      async () => flywheel.push((await once(ours)).steps),
      async () => byHand.push((await once(plain)).steps),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  return {
    stack: name,
    resources,
    bytes: copy.bytes,
    plainBytes: copy.plainBytes,
    fromNothingSec: first.apply,
    flywheel: middle(flywheel),
    plain: middle(byHand),
  };
}

/** All steps of a stack, from a folder in which nothing is installed to a cluster in which nothing is left of it. */
async function once(run: StackRun): Promise<{ resources: number; steps: Steps }> {
  if (interrupted) throw new Error('interrupted');
  rmSync(join(run.folder, '.terraform'), { recursive: true, force: true });
  const earlier = run.timings.length;
  await run.init();
  await run.succeed('validate', ['validate']);
  const { added } = await run.apply();
  const left = await run.planAgain();
  if (left !== 0) throw new Error(`${run.name}: a second plan is not empty`);
  const destroyed = await run.destroy();
  if (destroyed !== added) {
    throw new Error(`${run.name}: ${added} resources were made and ${destroyed} destroyed`);
  }
  const own = run.timings.slice(earlier);
  const seconds = STEPS.map((step) => [step, own.find((one) => one.step === step)?.seconds]);
  return { resources: added, steps: Object.fromEntries(seconds) };
}

function middle(runs: readonly Steps[]): Steps {
  const entries = STEPS.map((step) => [step, median(runs.map((run) => run[step]))]);
  return Object.fromEntries(entries);
}

async function makeSecrets({ folder, environment }: Ground, name: StackName): Promise<void> {
  const said: string[] = [];
  const printer = {
    result: (line: string) => void said.push(line),
    problem: (line: string) => void said.push(line),
  };
  const code = await ensure([name, '--from', join(folder, 'given')], printer, environment);
  if (code !== EXIT.good) throw new Error(`${name}: its Secrets are not there\n${said.join('\n')}`);
}

function report({ machine, rows }: { machine: string; rows: readonly Row[] }): string[] {
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const lines = rows.flatMap(({ stack, resources, bytes, plainBytes, ...row }) => [
    [stack, String(resources), kib(bytes), ...STEPS.map((step) => seconds(row.flywheel[step]))],
    ['  in plain JSON', '', kib(plainBytes), ...STEPS.map((step) => seconds(row.plain[step]))],
  ]);
  const fromNothing = rows.reduce((sum, row) => sum + row.fromNothingSec, 0);
  return [
    machine,
    '',
    ...table(['stack', 'resources', 'JSON', ...STEPS], lines),
    '',
    `the four stacks applied from nothing, without init and plan: ${seconds(fromNothing)}`,
    `written to ${RESULTS}`,
  ];
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(0)} KiB`;
}

void main();
