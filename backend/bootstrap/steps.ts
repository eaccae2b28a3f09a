import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { runPreflight } from '../../operations/preflight/command.ts';
import { ensure } from '../../operations/secrets/command.ts';
import { move } from '../recovery/commands/move.ts';
import { type OnStore, onStore } from '../recovery/commands/on-store.ts';
import { localHome } from '../recovery/state-home.ts';
import { readTwice } from '../recovery/stored-object.ts';
import { deploy } from '../tofu/commands/deploy.ts';
import { openWitness } from '../witness/open-witness.ts';
import { whoRuns } from '../witness/who-runs.ts';
import { beginHere, goOnEmpty } from './begin.ts';
import { environmentOf, environmentOfStore, type StackWork } from './stack-work.ts';

/** One step on the way of a stack into being. Done a second time it finds that there is nothing to do. */
export interface Step {
  readonly name: 'deploy' | 'move' | 'preflight' | 'secrets' | 'state';
  /** @default - every stack needs it */
  readonly applies?: (work: StackWork) => boolean;
  readonly run: (work: StackWork) => Promise<ExitCode>;
}

/** The way of each stack, in this order. */
export const STEPS: readonly Step[] = [
  {
    name: 'secrets',
    run: ({ stack, from, printer, environment }) =>
      ensure([stack, ...option('from', from)], printer, environment),
  },
  {
    name: 'preflight',
    run: ({ stack, printer, environment }) => runPreflight([stack], printer, environment),
  },
  { name: 'state', run: (work) => (work.state.holdsOwnStore ? beginState(work) : goOn(work)) },
  { name: 'deploy', run: deployStack },
  {
    name: 'move',
    applies: ({ state }) => localHome(state) !== undefined,
    run: async (work) =>
      move([work.stack, '--to', 's3'], work.printer, await environmentOfStore(work)),
  },
];

/** The state of the stack that has yet to deploy the store of the states. */
async function beginState(work: StackWork): Promise<ExitCode> {
  const { state, settings, environment, client, stored, printer, loss } = work;
  if (stored === undefined) throw new Error(`${state.stack} deploys the store of its state`);
  const witness = await openWitness(state, { settings, environment, cluster: client });
  return await beginHere({
    state,
    stored,
    witness,
    client,
    printer,
    by: whoRuns(environment),
    loss,
  });
}

/** After a total loss, the history of a state goes on in a store that is empty. */
async function goOn(work: StackWork): Promise<ExitCode> {
  const { loss } = work;
  if (loss === undefined) return EXIT.good;
  return await atStore(work, async (on) => {
    if ((await stateIn(on)) !== undefined) return EXIT.good;
    const mark = await loss.lastState(on);
    loss.keep();
    return mark === undefined ? EXIT.good : await goOnEmpty(on, mark);
  });
}

/** Whoever bootstraps says that this is new; what is remembered, or is there, says otherwise and counts. */
async function deployStack(work: StackWork): Promise<ExitCode> {
  const { stack, deadline, printer } = work;
  const isFirst = await atStore(work, async (on) => {
    const memory = await on.witness.recall(stack);
    return memory.kind === 'never-seen' && (await stateIn(on)) === undefined;
  });
  const args = [stack, ...(isFirst ? ['--first-run'] : []), ...option('deadline', deadline)];
  return await deploy(args, printer, await environmentOf(work));
}

async function atStore<T>(work: StackWork, ask: (on: OnStore) => Promise<T>): Promise<T> {
  const { stack, printer } = work;
  const how = { recipe: 'bootstrap', stack, printer, environment: await environmentOf(work) };
  return await onStore(how, ask);
}

function stateIn({ store, state: { bucket, key } }: OnStore) {
  return readTwice({ store, bucket, key });
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`--${name}`, value];
}
