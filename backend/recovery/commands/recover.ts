import { readSettings, settingsFile } from '../../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { stackArguments } from '../../../operations/stack-argument.ts';
import { stackState } from '../../stack-state.ts';
import { onStack } from '../../tofu/commands/on-stack.ts';
import { takeRunLock } from '../../tofu/run-lock.ts';
import { lookAtWitness } from '../../witness/open-witness.ts';
import { whoRuns } from '../../witness/who-runs.ts';
import { type Confirm, confirmBy } from '../confirm.ts';
import { waitsHere } from '../pending.ts';
import { discardKept, recoverState } from '../recover.ts';
import { noteLines } from '../run-note-text.ts';
import { RunNotes } from '../run-notes.ts';
import { makeReady } from './make-ready.ts';

/**
 * `tofu-state-recover`: brings a state to the store that could not be written, or gives it up.
 *
 * @returns 0 when nothing waits any more, 1 when it was not confirmed, 2 when two histories do not fit, 4 when something else waits
 */
export async function recover(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name: stack, values } = stackArguments(args, 'whose state is to be recovered', {
    discard: { type: 'boolean' },
    confirm: { type: 'string' },
  });
  if (values.discard === true) {
    return await discard(stack, confirmBy(values.confirm, printer), { printer, environment });
  }
  const how = { recipe: 'tofu-state-recover', stack, printer, environment, recovers: true };
  return await onStack(how, async (session) => {
    const { state, progress, guarded, runs } = session;
    const notes = await runs.requireQuiet();
    const others = runs.ofOthers(notes);
    // "Nothing waits" would be true of this machine alone.
    if (others.length > 0 && !waitsHere(state)) throw await runs.elsewhere(others);
    const ready = await makeReady(session);
    if (ready !== EXIT.good) return ready;
    const code = await recoverState({
      state,
      tofu: guarded,
      printer: progress.printer,
      guard: (guard) => session.guard(guard),
    });
    if (code !== EXIT.good) return code;
    await runs.clear(notes.filter((note) => !others.includes(note)));
    if (others.length > 0) throw await runs.elsewhere(others);
    return code;
  });
}

/** No store is asked, and none has to be in reach. */
async function discard(
  stack: string,
  confirm: Confirm,
  { printer, environment }: { printer: Printer; environment: NodeJS.ProcessEnv },
): Promise<ExitCode> {
  const settings = readSettings(settingsFile(environment));
  const state = stackState(stack, settings, environment);
  const lock = takeRunLock(state.work, `tofu-state-recover ${stack}`);
  try {
    const { board } = lookAtWitness(state, { settings, environment });
    const runs = new RunNotes({
      state,
      board,
      by: whoRuns(environment),
      recovers: true,
      tell: (line) => printer.problem(line),
      lock: async () => undefined,
    });
    const notes = await runs.requireQuiet();
    const posted = board.seen();
    const code = await discardKept({ state, printer, confirm }, [
      ...notes.flatMap((note) => noteLines(note)),
      ...(posted.kind === 'unreadable' ? [posted.because] : []),
    ]);
    if (code !== EXIT.good) return code;
    if (posted.kind === 'unreadable') await board.removeUnreadable();
    return (await runs.clear(notes)) ? EXIT.good : EXIT.unknown;
  } finally {
    lock.release();
  }
}
