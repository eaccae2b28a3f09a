import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { besideResults, type Printer } from '../../console/printer.ts';
import { publishedStacks } from '../../operations/published-stacks.ts';
import { STACK_ORDER } from '../../operations/stack-order.ts';
import { confirmBy } from '../recovery/confirm.ts';
import { clusterInReach } from '../rustfs/cluster-in-reach.ts';
import { declaredEndpoint } from '../settings/declared-endpoint.ts';
import { type StackName, stackState } from '../stack-state.ts';
import { type Ground, workOn } from './stack-work.ts';
import { STEPS, type Step } from './steps.ts';
import { storeInStack } from './store-in-stack.ts';
import { shellLines } from './store-variables.ts';
import { TotalLoss } from './total-loss.ts';

const OPTIONS = {
  from: { type: 'string' },
  deadline: { type: 'string' },
  'after-total-loss': { type: 'boolean' },
  confirm: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** A step that was done, or at which the bootstrap has stopped. */
interface DoneStep {
  readonly stack: StackName;
  readonly step: Step['name'];
  readonly exitCode: ExitCode;
  readonly seconds: number;
}

/**
 * `bootstrap`: brings the four stacks into being from a machine that is no runner, in the order in which they need each other. The
 * state of the stack that deploys the store of the states begins on this machine, and moves into that store when it is there.
 *
 * It may stop anywhere and be given again: what is done is found to be done. After the loss of everything it is the same way.
 *
 * @returns 0 when all are deployed and nothing is left to do, else the code of the step at which it has stopped
 */
export async function bootstrap(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { json = false } = values;
  const told = json ? besideResults(printer) : printer;
  const ground = await groundOf(values, told, environment);
  const { settings } = ground;
  told.result(`bootstrap of ${settings.cluster.name}: ${STACK_ORDER.join(', ')}`);
  const done: DoneStep[] = [];
  for (const stack of STACK_ORDER) {
    for (const step of STEPS) {
      const result = await take(step, stack, ground);
      if (result === undefined) continue;
      done.push(result);
      if (result.exitCode !== EXIT.good) return end(done, ground, { json, printer });
    }
  }
  return end(done, ground, { json, printer });
}

async function groundOf(
  given: {
    readonly from?: string | undefined;
    readonly deadline?: string | undefined;
    readonly 'after-total-loss'?: boolean | undefined;
    readonly confirm?: string | undefined;
  },
  printer: Printer,
  environment: NodeJS.ProcessEnv,
): Promise<Ground> {
  const { from, deadline, confirm, 'after-total-loss': isLost = false } = given;
  if (confirm !== undefined && !isLost) {
    throw new Failure('--confirm goes with --after-total-loss: nothing else is asked', EXIT.usage);
  }
  const settings = readSettings(settingsFile(environment));
  const stacks = publishedStacks(STACK_ORDER, environment);
  const { client, uid } = await clusterInReach(settings, environment);
  if (isLost) await requireConfirmed(settings.cluster.name, confirm, printer);
  return {
    settings,
    environment,
    printer,
    client,
    stored: stacks.map((stack) => storeInStack(stack, settings.state.bucket)).find(Boolean),
    from,
    deadline,
    loss: isLost
      ? new TotalLoss(stackState(STACK_ORDER[0], settings, environment), uid)
      : undefined,
  };
}

/** The cluster is named once, for all its stacks. */
async function requireConfirmed(
  cluster: string,
  given: string | undefined,
  printer: Printer,
): Promise<void> {
  printer.result(
    `everything that ${cluster} had is taken for lost: each state that this machine remembers goes on empty`,
  );
  if (await confirmBy(given, printer, undefined, 'cluster').named(cluster)) return;
  throw new Failure('nothing was begun');
}

async function take(step: Step, stack: StackName, ground: Ground): Promise<DoneStep | undefined> {
  const work = workOn(stack, ground);
  if (step.applies?.(work) === false) return undefined;
  ground.printer.result('');
  ground.printer.result(`${stack}: ${step.name}`);
  const startedAt = performance.now();
  const exitCode = await attempt(step, work);
  return { stack, step: step.name, exitCode, seconds: (performance.now() - startedAt) / 1000 };
}

async function attempt(step: Step, work: Parameters<Step['run']>[0]): Promise<ExitCode> {
  try {
    return await step.run(work);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    work.printer.problem(error.message);
    return error.exitCode;
  }
}

function end(
  done: readonly DoneStep[],
  { settings, stored, loss, printer: told }: Ground,
  { json, printer }: { readonly json: boolean; readonly printer: Printer },
): ExitCode {
  const exitCode = done.at(-1)?.exitCode ?? EXIT.good;
  const { name } = settings.cluster;
  if (json) printer.result(JSON.stringify({ cluster: name, exitCode, steps: done }, undefined, 2));
  if (exitCode !== EXIT.good) {
    const { stack, step } = done.at(-1) ?? never();
    const same = loss === undefined ? '' : ' --after-total-loss';
    told.problem(
      `stopped at ${stack}: ${step}\n    when that is mended, just bootstrap${same} goes on from there`,
    );
    return exitCode;
  }
  loss?.end();
  told.result('');
  told.result(
    `${name} is deployed: ${STACK_ORDER.length} stacks, a second plan of each has nothing to do`,
  );
  if (stored !== undefined) {
    told.result('a shell reaches the store of their states by:');
    for (const line of shellLines(stored, declaredEndpoint(settings))) told.result(`    ${line}`);
  }
  told.result('next: just tofu-state-ha-readiness --expect-interim');
  return EXIT.good;
}

function never(): never {
  throw new Error('a bootstrap has steps');
}
