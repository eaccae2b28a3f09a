import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { publishedStacks, STACK_FILE } from '../../operations/published-stacks.ts';
import { deepCheck } from '../authority/deep-check.ts';
import { type Verdict, verdictLines } from '../authority/verdict.ts';
import { certified } from '../certificate/certified.ts';
import { keepErroredState } from '../recovery/errored-state.ts';
import { openJournal } from '../recovery/journal.ts';
import { openHome } from '../recovery/open-home.ts';
import { requireNothingPending } from '../recovery/pending.ts';
import { RunNotes } from '../recovery/run-notes.ts';
import { localHome } from '../recovery/state-home.ts';
import { lockOf } from '../recovery/store-lock.ts';
import { compatibilityNote } from '../settings/variables.ts';
import { type StackState, stackState } from '../stack-state.ts';
import { sha256 } from '../store/signature.ts';
import type { StoreAccess } from '../store/store-access.ts';
import { openWitness } from '../witness/open-witness.ts';
import { whoRuns } from '../witness/who-runs.ts';
import { requireDeclaredStore } from './declared-store.ts';
import { ignoredVariables } from './driver-environment.ts';
import { encryptionFor } from './encryption-key.ts';
import { eventsFile, eventsIn } from './event-tail.ts';
import { Progress, type Terminal } from './progress.ts';
import { needsCluster, requireCluster } from './required-cluster.ts';
import { takeRunLock } from './run-lock.ts';
import { runThroughGateway } from './stack-run.ts';
import type { StackSession } from './stack-session.ts';
import { suitableTofu } from './suitable-tofu.ts';

/** How a session with a stack is held. */
export interface SessionHow {
  /** The command, for whoever finds the stack taken: `tofu-plan attic`. */
  readonly command: string;
  readonly printer: Printer;
  /** @default - that of the process */
  readonly environment?: NodeJS.ProcessEnv;
  /** Events as lines of JSON. @default false */
  readonly json?: boolean;
  /** The session recovers what others must wait for. @default false */
  readonly recovers?: boolean;
  /** Other runs in this checkout may go on. @default false */
  readonly shared?: boolean;
  /** Where progress is drawn. @default - the terminal of the process, where it has one */
  readonly terminal?: Terminal | undefined;
}

/**
 * Opens a stack, does the work, and closes it: reads the settings, finds store, witness and tofu, and refuses to go on where
 * something of an earlier run is pending.
 *
 * @param name the stack
 */
export async function withStack<T>(
  name: string,
  how: SessionHow,
  work: (session: StackSession) => Promise<T>,
): Promise<T> {
  const { environment = process.env, printer, json = false, shared = false } = how;
  const settings = readSettings(settingsFile(environment));
  const declared = absolute(stackState(name, settings, environment));
  const moved = localHome(declared);
  // With its state elsewhere, a stack takes no state along when it takes its store away.
  const state = moved === undefined ? declared : { ...declared, holdsOwnStore: false };
  const [stack] = publishedStacks([state.stack], environment);
  if (stack === undefined) throw new Failure(`there is no stack ${name}`, EXIT.usage);
  const folder = resolve(stack.folder);
  requireDeclaredStore(stack.json, state, settings);
  const home = await openHome(moved, settings, environment);
  const tofu = await suitableTofu(stack.json, environment);
  const progress = new Progress(printer, { json, aside: shared, terminal: terminalOf(how) });
  for (const note of notesOn(environment)) progress.note(note);
  const lock = shared ? undefined : takeRunLock(state.work, how.command);
  if (moved !== undefined) progress.note(`the state of ${name} is on this machine`);
  try {
    const waitsForOthers = !shared && how.recovers !== true;
    if (!shared) keepWhatIsLeft(state, folder);
    if (waitsForOthers) requireNothingPending(state);
    const witness = await openWitness(state, { settings, environment });
    const by = whoRuns(environment);
    const runs = new RunNotes({
      state,
      board: witness.board,
      by,
      recovers: !waitsForOthers,
      tell: (line) => progress.note(line),
      lock: () => lockOf(home.store, state),
    });
    if (waitsForOthers) await runs.requireNothingElsewhere();
    const opened = {
      state,
      settings,
      environment,
      folder,
      json: stack.json,
      jsonHash: sha256(readFileSync(join(folder, STACK_FILE))),
      access: home.access,
      store: home.store,
      witness,
      by,
      runs,
      tofu,
      progress,
      data: join(state.work, 'data'),
      shared,
      encryption: await encryptionFor(settings, environment),
    };
    const done = await work(sessionOf(opened));
    if (shared) tellOfOthers(opened);
    return done;
  } finally {
    await home.close();
    lock?.release();
  }
}

/** Who only reads is told what it has seen on its way, and waits for nobody. */
function tellOfOthers({ runs, progress }: Pick<Opened, 'progress' | 'runs'>): void {
  for (const line of runs.seenLines()) progress.note(line);
}

type Opened = Omit<StackSession, 'guard' | 'guarded' | 'run'>;

function sessionOf(opened: Opened): StackSession {
  const { state, settings, environment, store, access, witness, progress, json } = opened;
  let guarded = false;
  let compareAndSwap = false;
  const run: StackSession['run'] = (args, how) =>
    runThroughGateway(opened, args, { ...how, guarded, compareAndSwap });
  return {
    ...opened,
    run,
    guarded: {
      folder: opened.folder,
      run: (args, declaration) => run(args, { declaration, shows: 'nothing' }),
    },
    guard: async ({ firstRun, writes }) => {
      if (needsCluster(json)) await requireCluster(settings, environment);
      const verdict = await progress.phase('guard', () =>
        deepCheck({ state, settings, store, witness, firstRun, environment }),
      );
      requireProved(verdict, opened);
      guarded = true;
      // What is here was proved by how it is made: no other has to be certified.
      if (writes) compareAndSwap = access === undefined || (await certify(opened, access));
    },
  };
}

async function certify(
  { store, state, environment, progress }: Opened,
  access: StoreAccess,
): Promise<boolean> {
  const how = { store, access, memory: state.memory, environment };
  const { compareAndSwap } = await progress.phase('certificate', () => certified(how));
  return compareAndSwap;
}

/** What works less well than declared may be worked with; what is not known may not. */
function requireProved(verdict: Verdict, { progress, state }: Opened): void {
  const { exitCode } = verdict;
  const isProved = exitCode === EXIT.good || exitCode === EXIT.degraded;
  progress.report({ type: 'verdict', verdict });
  if (isProved) {
    for (const line of briefly(verdict)) progress.printer.result(line);
    return;
  }
  for (const line of verdictLines(verdict)) progress.printer.problem(line);
  throw new Failure(`${state.stack} is not touched`, exitCode);
}

/** What is good is told by the guard itself to whoever asks it. */
function briefly(verdict: Verdict): string[] {
  return verdictLines({
    ...verdict,
    checks: verdict.checks.filter(({ status }) => status !== 'good'),
  });
}

/** A run of tofu has another working folder. */
function absolute(state: StackState): StackState {
  return { ...state, work: resolve(state.work), memory: resolve(state.memory) };
}

/** A run that was killed together with its tofu could do nothing for what both have left. */
export function keepWhatIsLeft(state: StackState, folder: string): void {
  keepErroredState(state, folder);
  const file = eventsFile(state.work);
  if (!existsSync(file)) return;
  const events = eventsIn(readFileSync(file, 'utf8'));
  const isApply = events.some(({ type }) => String(type).startsWith('apply_'));
  if (isApply) {
    const journal = openJournal(state);
    for (const event of events) journal.note(event);
    journal.close('failed');
  }
  rmSync(file);
}

function notesOn(environment: NodeJS.ProcessEnv): string[] {
  const compatibility = compatibilityNote(environment);
  const ignored = ignoredVariables(environment);
  return [
    ...(compatibility === undefined ? [] : [compatibility]),
    ...(ignored.length === 0 ? [] : [`not passed on to tofu: ${ignored.join(', ')}`]),
  ];
}

function terminalOf({ terminal, json = false }: SessionHow): Terminal | undefined {
  if (json) return undefined;
  if (terminal !== undefined) return terminal;
  const { stderr } = process;
  return stderr.isTTY === true ? stderr : undefined;
}
