import { EXIT } from '../../console/exit-code.ts';
import type { Lie } from '../lying-store/lie.ts';
import { type Outcome, secondsOf } from './outcome.ts';
import { againstIn, type Ran, type Stage, type Who } from './ran.ts';
import type { Command } from './recorded-client.ts';

/** When a lie begins, and who else is there. */
export type Circumstance =
  /** It is told from the first request on, also to the guards. */
  | 'from the beginning'
  /** It begins when the guards have just passed. */
  | 'behind the guards'
  /** The same, and somebody else applies between reading and writing. */
  | 'beside another'
  /** The same, and somebody else begins to apply at the same moment. */
  | 'racing another';

/** One cell of the matrix. */
export interface Cell {
  readonly lie: Lie;
  readonly command: Command | 'deep check';
  readonly circumstance: Circumstance;
  readonly who: Who;
}

/** Another run comes soon, as in a pipeline: some of what a store does later it has done by then, and some not. */
const BETWEEN_MS = 1_500;

/** A lie that was told, with what became of it. */
export interface ToldCell {
  readonly outcome: Outcome;
  /** Of the command, of somebody else where there was one, and the next one where it came to that. */
  readonly runs: readonly Ran[];
}

/** What became of a lie. */
export async function outcomeOf(stage: Stage, cell: Cell): Promise<Outcome> {
  return (await tell(stage, cell)).outcome;
}

/** Lets a store lie to a command, and judges what became of it by the truth alone. */
export async function tell(
  stage: Stage,
  { lie, command, circumstance, who }: Cell,
): Promise<ToldCell> {
  stage.place.lie(lie);
  if (command === 'deep check') return { outcome: await checked(stage), runs: [] };
  const guarded = circumstance === 'from the beginning';
  const runs = await runsOf(stage, { command, circumstance, who });
  const found = judged(stage, runs);
  if (found !== undefined) return { outcome: found, runs };
  await stage.clock.sleep(BETWEEN_MS);
  const next = await stage[who]('plan', { id: 'next', guarded });
  return { outcome: later(stage, next), runs: [...runs, next] };
}

function later(stage: Stage, next: Ran): Outcome {
  if (next.ended !== 'well') return { ...caught(next), by: 'next run' };
  if (next.wrong[0] !== undefined) return { kind: 'silent', wrong: `later ${next.wrong[0]}` };
  return asKept(stage);
}

/** The run of the command, and that of somebody else where there is one. */
async function runsOf(
  stage: Stage,
  { command, circumstance, who }: Pick<Cell, 'circumstance' | 'who'> & { command: Command },
): Promise<Ran[]> {
  const run = stage[who];
  const guarded = circumstance === 'from the beginning';
  const other = () => run('apply', { id: 'other', guarded: false });
  if (circumstance === 'racing another') {
    return await Promise.all([run(command, { id: 'ours', guarded }), other()]);
  }
  const others: Ran[] = [];
  const meanwhile = async () => {
    others.push(await other());
  };
  const beside = circumstance === 'beside another' ? { meanwhile } : {};
  return [await run(command, { id: 'ours', guarded, ...beside }), ...others];
}

/** What became of the lie as far as it shows by now. Whoever is kept out by the lock of somebody else is rightly so. */
function judged({ ledger }: Stage, runs: readonly Ran[]): Outcome | undefined {
  const wrong = runs.flatMap((ran) => (ran.ended === 'well' ? ran.wrong : []));
  if (wrong[0] !== undefined) return { kind: 'silent', wrong: wrong[0] };
  if (ledger.lost > 0) return { kind: 'silent', wrong: 'wrote over a state that it had not read' };
  const isAlone = runs.length === 1;
  const stopped = runs.find(({ ended, keptOut }) => ended !== 'well' && (isAlone || !keptOut));
  return stopped && caught(stopped);
}

function caught({ by, code, exitCode, ms }: Ran): Extract<Outcome, { kind: 'caught' }> {
  return { kind: 'caught', by, code, exitCode, seconds: secondsOf(ms) };
}

/** A check believes nothing and changes nothing: what it lets pass is for the gateway to see. */
async function checked(stage: Stage): Promise<Outcome> {
  const began = stage.clock.now();
  const verdict = await stage.check();
  const { exitCode } = verdict;
  if (exitCode === EXIT.good || exitCode === EXIT.degraded) return asKept(stage);
  const seconds = secondsOf(stage.clock.now() - began);
  return { kind: 'caught', by: 'deep check', code: againstIn(verdict), exitCode, seconds };
}

/** Nobody has complained, so what was acknowledged last has to be there. */
function asKept({ place, ledger }: Stage): Outcome {
  if (place.held()?.equals(ledger.last) !== true) {
    return { kind: 'silent', wrong: 'what was acknowledged is not kept' };
  }
  const because = place.store.lied === 0 ? 'not met' : 'only the truth was believed';
  return { kind: 'harmless', because };
}
