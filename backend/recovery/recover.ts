import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import type { StackState } from '../stack-state.ts';
import { isState, type StateFacts } from '../state/state-document.ts';
import type { Confirm } from './confirm.ts';
import { clearKept, type KeptState, keptStates } from './errored-state.ts';
import { complaint, type GuardedRun, type GuardedTofu } from './guarded-tofu.ts';
import { judgeKept } from './kept-verdict.ts';
import { pendingJournals } from './left-journal.ts';
import { differenceOf, holdSame, instancesOf, parsedState } from './state-difference.ts';
import { readPulled, type StoredState } from './stored-state.ts';

/** What a recovery stands on. */
export interface RecoverySubject {
  readonly state: StackState;
  readonly tofu: GuardedTofu;
  readonly printer: Printer;
  /**
   * Proves the store before it is written to.
   *
   * @throws Failure when it is not proved
   */
  guard(how: { readonly firstRun: boolean; readonly writes: true }): Promise<void>;
}

/**
 * Brings a state that the store did not keep to the store: compares both, pushes under the lock, reads back, and only then
 * forgets the copy.
 *
 * @returns 0 when nothing waits any more, 2 when the two histories do not fit, 4 when something else waits still
 * @throws Failure when it could not be completed; the copy stays
 */
export async function recoverState(subject: RecoverySubject): Promise<ExitCode> {
  const { state, printer } = subject;
  const kept = keptStates(state);
  const [newest] = kept;
  if (newest === undefined) return nothingWaits(subject);
  const { stored, bare } = await pull(subject);
  const verdict = judgeKept(newest, stored);
  for (const line of verdict.lines) printer.result(line);
  if (verdict.kind === 'conflict') {
    for (const line of verdict.ways(state.stack)) printer.problem(line);
    return EXIT.bad;
  }
  if (verdict.kind === 'push') {
    await subject.guard({ firstRun: bare, writes: true });
    await push(subject, newest, bare);
    printer.result(
      `the store has it: pushed under the lock of ${state.stack}, read back and compared`,
    );
  }
  clearKept(state, newest, verdict.clearance);
  for (const older of kept.slice(1).filter((one) => isOlder(one, newest))) {
    clearKept(state, older, 'superseded');
    printer.result(`${older.file} was an earlier state of the same history; it is cleared too`);
  }
  return nothingWaits(subject);
}

/**
 * Gives a state up that waits to be recovered, after the name of the stack was typed. It is put aside, not removed.
 *
 * @param elsewhere what is given up besides, and does not lie here, as lines for people
 *
 * @returns 0 when nothing waits any more, 1 when it was not confirmed, 4 when something else waits still
 */
export async function discardKept(
  subject: Pick<RecoverySubject, 'printer' | 'state'> & { readonly confirm: Confirm },
  elsewhere: readonly string[] = [],
): Promise<ExitCode> {
  const { state, printer, confirm } = subject;
  const kept = keptStates(state);
  if (kept.length + elsewhere.length === 0) return nothingWaits(subject);
  const lines = [...kept.flatMap(lossLines), ...elsewhere];
  for (const line of lines) printer.result(line);
  printer.result(
    `what they alone hold is forgotten: the next plan of ${state.stack} would make it a second time, or fail on what is there`,
  );
  if (!(await confirm.named(state.stack))) return EXIT.unknown;
  for (const one of kept) {
    const aside = clearKept(state, one, 'discarded');
    printer.result(`discarded; put aside as ${aside}`);
  }
  return nothingWaits(subject);
}

/** What the store has, through the gateway. Where it never had anything, the state that waits is its first. */
export async function pull({
  tofu,
}: Pick<RecoverySubject, 'tofu'>): Promise<{ stored: StoredState; bare: boolean }> {
  const first = await tofu.run(['state', 'pull'], {});
  const bare = first.findings.some(({ code }) => code === 'state-first');
  const pulled = bare ? await tofu.run(['state', 'pull'], { firstRun: true }) : first;
  if (pulled.code !== 0) throw notPulled(pulled);
  return { stored: readPulled(pulled.stdout), bare };
}

async function push(subject: RecoverySubject, kept: KeptState, bare: boolean): Promise<void> {
  const { tofu, state } = subject;
  const declaration = { writes: true, ...(bare ? { firstRun: true } : {}) };
  const pushed = await tofu.run(['state', 'push', kept.file], {
    ...declaration,
    // What waits is what tofu wanted to write; that it holds nothing was said by whoever destroyed.
    ...(isState(kept.read) && kept.read.instances === 0 ? { destroys: true } : {}),
  });
  if (pushed.code !== 0) {
    throw new Failure(
      `tofu could not push the state: ${complaint(pushed)}\n    it is still ${kept.file}; run just tofu-state-recover ${state.stack} again`,
      exitCodeOf(pushed),
    );
  }
  const { stored } = await pull(subject);
  if (!isState(kept.read) || stored.kind === 'none') throw notProved(kept);
  const { serial, lineage } = kept.read;
  if (stored.lineage !== lineage || stored.serial < serial) throw notProved(kept);
  const mine = parsedState(kept.bytes());
  // Of an encrypted state only tofu, which has read it back, sees what it holds.
  if (mine !== undefined && !holdSame(differenceOf(mine, stored.document))) throw notProved(kept);
}

function nothingWaits({ state, printer }: Pick<RecoverySubject, 'printer' | 'state'>): ExitCode {
  const { stack } = state;
  const left = keptStates(state);
  for (const { file } of left) {
    printer.problem(`${file} waits still; run just tofu-state-recover ${stack} again`);
  }
  const journals = pendingJournals(state);
  for (const { file } of journals) {
    printer.problem(`${file} tells of a run that was killed; run just tofu-state-adopt ${stack}`);
  }
  if (left.length + journals.length > 0) return EXIT.pending;
  printer.result(`${stack}: nothing waits to be recovered`);
  return EXIT.good;
}

function isOlder(one: KeptState, newest: KeptState): boolean {
  if (!isState(one.read) || !isState(newest.read)) return false;
  return one.read.lineage === newest.read.lineage && isBefore(one, one.read, newest.read, newest);
}

/** With the same serial it is the same state when it holds the same: the bytes that tofu sends and those it leaves differ. */
function isBefore(one: KeptState, mine: StateFacts, theirs: StateFacts, other: KeptState): boolean {
  if (mine.serial !== theirs.serial) return mine.serial < theirs.serial;
  const [first, second] = [parsedState(one.bytes()), parsedState(other.bytes())];
  return first !== undefined && holdSame(differenceOf(first, second));
}

function lossLines({ file, at, read, bytes }: KeptState): string[] {
  if (!isState(read)) return [`${file}, kept ${at}: no state, the body ${read.because}`];
  const addresses = instancesOf(parsedState(bytes())).map(({ address }) => address);
  const inside = read.encrypted ? ['encrypted; what it holds is not seen here'] : addresses;
  return [
    `${file}, kept ${at}: serial ${read.serial} of lineage ${read.lineage}`,
    ...inside.map((line) => `    ${line}`),
  ];
}

function notPulled(run: GuardedRun): Failure {
  return new Failure(
    `what the store has could not be read: ${complaint(run)}\n    nothing was changed; what waits to be recovered is kept`,
    exitCodeOf(run),
  );
}

function notProved({ file }: KeptState): Failure {
  return new Failure(
    `the state was pushed, and what the store answers is not what was pushed\n    ${file} is kept; run just tofu-state-authority-deep-check before anything else`,
    EXIT.bad,
  );
}

/** What the store did says more than how tofu ended. */
function exitCodeOf({ findings }: GuardedRun): ExitCode {
  return findings.find(({ exitCode }) => exitCode !== EXIT.good)?.exitCode ?? EXIT.unknown;
}
