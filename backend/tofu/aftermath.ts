import { EXIT, type ExitCode, gravest } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { findingLines } from '../finding.ts';
import type { RunningGateway } from '../gateway/gateway-options.ts';
import { type KeptState, keepErroredState } from '../recovery/errored-state.ts';
import type { Journal } from '../recovery/journal.ts';
import { pendingJournals } from '../recovery/left-journal.ts';
import type { AnnouncedRun } from '../recovery/run-notes.ts';
import { heldBy, type LockInfo, lockOf } from '../recovery/store-lock.ts';
import { isState } from '../state/state-document.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import type { Waiting } from '../witness/run-note.ts';
import type { RunSubject } from './stack-run.ts';
import type { Shown } from './stack-session.ts';
import type { TofuEnd } from './tofu-process.ts';

/** A run that is over. */
export interface EndedRun {
  readonly subject: RunSubject;
  /** Undefined when tofu could not be started, or its events not be kept. */
  readonly end: TofuEnd | undefined;
  readonly gateway: RunningGateway;
  readonly journal: Journal | undefined;
  /** Its note in the cluster. @default - none was left */
  readonly announced?: AnnouncedRun | undefined;
  readonly begun: Date;
  readonly shows: Shown;
  /** Codes with which tofu ends well. */
  readonly fine: readonly number[];
}

/** Tofu says it when the state is neither in the store nor in a file. */
const STATE_LOST = /Failed to (?:persist|save|write) state|Failed to create local state file/;
const STALE_MS = 2 * 60 * 60_000;
/** The codes with which tofu ends by itself; others are those of a crash. */
const ORDERLY = [0, 1];

/** What is left of a run, and what the run came to. */
export interface Aftermath {
  readonly exitCode: ExitCode;
}

/** Keeps what tofu has left, tells what the store did, and names the lock that stands still. */
export async function afterRun(run: EndedRun): Promise<Aftermath> {
  const { subject, end, gateway, journal, fine } = run;
  const { state, folder } = subject;
  const isFine = end?.code !== undefined && fine.includes(end.code);
  const kept = keepErroredState(state, folder, gateway.unkept);
  journal?.close(isOrderly(end, kept !== undefined) ? 'finished' : 'failed');
  const pending = pendingJournals(state).some(({ file }) => file === journal?.file);
  const lock = isFine ? FREE : await lockLeft(run);
  if (run.shows !== 'nothing') tell(run, lock);
  tellKept(run, kept, pending);
  const waits = kept !== undefined || pending || lock.waits;
  await run.announced?.end(waitingOf(kept, pending ? journal : undefined, lock));
  return {
    exitCode: gravest([
      end?.interrupted === true ? EXIT.interrupted : isFine ? EXIT.good : EXIT.unknown,
      ...gateway.findings.map(({ exitCode }) => exitCode),
      ...(waits ? [EXIT.pending] : []),
    ]),
  };
}

/** What others have to know of: also where this machine goes, they are not to go on as if nothing was. */
function waitingOf(
  kept: KeptState | undefined,
  journal: Journal | undefined,
  { id, isOurs: isLeft }: LeftLock,
): Waiting[] {
  const serial = kept !== undefined && isState(kept.read) ? `, serial ${kept.read.serial}` : '';
  const what = { state: `a state that could not be written${serial}`, lock: 'its lock was left:' };
  return [
    ...(kept === undefined ? [] : [{ kind: 'state' as const, what: what.state, where: kept.file }]),
    ...(journal === undefined
      ? []
      : [{ kind: 'journal' as const, what: 'an apply that was killed', where: journal.file }]),
    ...(isLeft && id !== undefined ? [{ kind: 'lock' as const, what: what.lock, where: id }] : []),
  ];
}

function tell({ subject, end, gateway }: EndedRun, lock: LeftLock): void {
  const { progress, witness } = subject;
  const { printer } = progress;
  if (end?.stderr.includes('-lock=false') === true) {
    printer.problem(
      'what tofu says of -lock=false is for nobody here: no recipe runs without lock',
    );
  }
  for (const finding of gateway.findings) {
    progress.found(finding);
    for (const line of findingLines(finding)) printer.problem(line);
  }
  // With its age, the lock is told below.
  const notes = gateway.notes.filter((note) => lock.id === undefined || !note.includes(lock.id));
  for (const note of [...notes, ...witness.notes]) progress.note(note);
  if (lock.says !== undefined) printer.problem(lock.says);
}

function tellKept(run: EndedRun, kept: KeptState | undefined, pending: boolean): void {
  const { subject, journal } = run;
  const { progress, state } = subject;
  if (kept !== undefined) {
    progress.printer.problem(
      `the state that could not be written is kept: ${kept.file} (SHA-256 ${kept.hash})\n    run just tofu-state-recover ${state.stack}`,
    );
  }
  if (pending) {
    progress.printer.problem(
      `what tofu had begun is kept: ${journal?.file}\n    run just tofu-state-adopt ${state.stack}`,
    );
  }
}

/** True when what tofu made is in a state: that of the store, or one that is kept. */
function isOrderly(end: TofuEnd | undefined, kept: boolean): boolean {
  if (end?.code === undefined || !ORDERLY.includes(end.code)) return false;
  return kept || !STATE_LOST.test(end.stdout + end.stderr);
}

/** The lock that stands in the store after a run which did not end well. */
interface LeftLock {
  readonly id?: string;
  /** For people. */
  readonly says?: string;
  /** Somebody has to remove it. */
  readonly waits: boolean;
  /** This run took it. */
  readonly isOurs: boolean;
}

const FREE: LeftLock = { waits: false, isOurs: false };

async function lockLeft({ subject, end, begun }: EndedRun): Promise<LeftLock> {
  const { store, state } = subject;
  try {
    const lock = await lockOf(store, state);
    if (lock === undefined) return FREE;
    const ours = isOurs(lock, begun, end);
    const says = heldBy(state, lock).message;
    return { id: lock.id, says, waits: ours || isStale(lock), isOurs: ours };
  } catch (error) {
    if (!(error instanceof StoreTrouble || error instanceof Failure)) throw error;
    const says = `whether a lock is left is not known: ${error.message.split('\n')[0]}`;
    return { ...FREE, says };
  }
}

/** A run that has got the lock kept all others from it. */
function isOurs({ created }: LockInfo, begun: Date, end: TofuEnd | undefined): boolean {
  if (/Error acquiring the state lock/.test(end?.stderr ?? '')) return false;
  return Date.parse(created) >= begun.getTime();
}

/** No run takes so long. */
function isStale({ created }: LockInfo): boolean {
  return Date.now() - Date.parse(created) > STALE_MS;
}
