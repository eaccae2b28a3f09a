import { mkdirSync, rmSync } from 'node:fs';
import { Failure } from '../../console/failure.ts';
import { startGateway } from '../gateway/gateway.ts';
import type { Declaration, RunningGateway } from '../gateway/gateway-options.ts';
import { type Journal, openJournal } from '../recovery/journal.ts';
import type { AnnouncedRun } from '../recovery/run-notes.ts';
import { afterRun } from './aftermath.ts';
import { driverEnvironment, usesAws } from './driver-environment.ts';
import { eventsFile, type TofuEvent } from './event-tail.ts';
import { takeSignals } from './signals.ts';
import type { StackRun, StackRunHow, StackSession } from './stack-session.ts';
import { runToEnd, type Stream, type TofuEnd } from './tofu-process.ts';

const DEADLINE_MS = 600_000;

/** What a run stands on. Without the notes of runs, what it leaves is known to its own machine alone. */
export type RunSubject = Omit<StackSession, 'guard' | 'guarded' | 'run' | 'runs'> &
  Partial<Pick<StackSession, 'runs'>>;

/** What the session knows of the store. */
interface Proved {
  readonly guarded: boolean;
  readonly compareAndSwap: boolean;
}

/**
 * Runs tofu once, behind a gateway that lives as long as it does; afterwards says what the store did, and finds and keeps what
 * tofu has left, however it ended.
 */
export async function runThroughGateway(
  subject: RunSubject,
  args: readonly string[],
  how: StackRunHow & Proved,
): Promise<StackRun> {
  const { progress } = subject;
  const { shows = 'all', fine = [0] } = how;
  const begun = new Date();
  const announced = await announce(subject, args, how.declaration);
  const gateway = await open(subject, how).catch(async (error: unknown) => {
    await announced?.end([]);
    throw error;
  });
  // Also after tofu: who goes now leaves behind what nobody has kept.
  const giveBack = takeSignals(() =>
    progress.printer.problem('wait: what tofu has left is being kept, and then this ends'),
  );
  try {
    const { journal, end, trouble } = await attempt({ subject, args, how, gateway });
    await gateway.stop();
    const after = await afterRun({
      subject,
      end,
      gateway,
      journal,
      announced,
      begun,
      shows,
      fine,
    });
    if (end === undefined) throw trouble;
    const { code, stdout, stderr } = end;
    return { code, stdout, stderr, findings: gateway.findings, exitCode: after.exitCode };
  } finally {
    giveBack();
  }
}

async function announce(
  { runs }: RunSubject,
  args: readonly string[],
  { writes = false }: Declaration,
): Promise<AnnouncedRun | undefined> {
  return writes ? await runs?.announce(commandIn(args)) : undefined;
}

/** The words of a command, without its options and what it is given. */
function commandIn([first = '', second = '']: readonly string[]): string {
  return first === 'state' ? `${first} ${second}` : first;
}

function open(subject: RunSubject, how: StackRunHow & Proved): Promise<RunningGateway> {
  const { state, settings, store, witness, by, progress } = subject;
  const { declaration, guarded, compareAndSwap } = how;
  return startGateway({
    state,
    region: settings.state.region,
    declaration,
    store,
    witness,
    by,
    compareAndSwap,
    guarded,
    observe: (request) => progress.sends(request),
  });
}

/** A run of tofu, or why there was none to its end. */
interface Attempt {
  readonly journal: Journal | undefined;
  readonly end?: TofuEnd;
  readonly trouble?: Error;
}

/** Whatever goes wrong, what tofu has left is looked for afterwards. */
async function attempt(run: Omit<Started, 'journal'>): Promise<Attempt> {
  let journal: Journal | undefined;
  try {
    journal = run.how.journalled === true ? openJournal(run.subject.state) : undefined;
    return { journal, end: await start({ ...run, journal }) };
  } catch (error) {
    const trouble = error instanceof Error ? error : new Failure(`tofu was not run: ${error}`);
    return { journal, trouble };
  }
}

interface Started {
  readonly subject: RunSubject;
  readonly args: readonly string[];
  readonly how: StackRunHow;
  readonly gateway: RunningGateway;
  readonly journal: Journal | undefined;
}

async function start({ subject, args, how, gateway, journal }: Started): Promise<TofuEnd> {
  const { tofu, folder, state, progress, environment, access, data, json, encryption } = subject;
  const file = eventsFile(state.work);
  mkdirSync(state.work, { recursive: true, mode: 0o700 });
  // Another run in this checkout may have its own there.
  if (how.events === true) rmSync(file, { force: true });
  const take = (event: TofuEvent) => {
    journal?.note(event);
    progress.takes(event);
  };
  // With its events told, what tofu says to people would say it twice.
  const isShown = how.shows !== 'problems' && !(progress.isForMachines && how.events === true);
  const show = (line: string, stream: Stream) => {
    if (how.shows === 'nothing') return;
    if (stream === 'stderr') progress.printer.problem(line);
    else if (isShown) progress.printer.result(line);
  };
  const end = await runToEnd({
    tofu: tofu.path,
    folder,
    args: how.events === true ? withEvents(args, file) : args,
    environment: driverEnvironment({
      environment,
      gateway,
      hidden: access?.keys,
      data,
      usesAws: usesAws(json),
      encryption,
    }),
    deadlineMs: how.deadlineMs ?? DEADLINE_MS,
    onLine: show,
    onEnd: (sentence) => progress.printer.problem(sentence),
    ...(how.events === true ? { events: { file, take } } : {}),
    ...(how.input === undefined ? {} : { input: how.input }),
  });
  if (how.events === true) rmSync(file, { force: true });
  return end;
}

/** Options stand behind the words of the command. */
function withEvents(args: readonly string[], file: string): string[] {
  const [command = '', ...rest] = args;
  return [command, `-json-into=${file}`, ...rest];
}
