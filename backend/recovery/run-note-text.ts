import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { RunNote, Waiting } from '../witness/run-note.ts';
import { isAlive } from './living-process.ts';
import type { LockInfo } from './store-lock.ts';

/** A run as its note tells of it, for people. */
export function noteLines(note: RunNote, lock?: LockInfo): string[] {
  const { what, by, at, host, waits, memory } = note;
  const head = `${what} by ${by}, begun ${at} on ${host}`;
  if (waits.length > 0) return [head, ...waits.map(waitingLine)];
  if (goesOnHere(note)) return [head, `    it still goes on, as process ${note.pid}`];
  if (lock !== undefined && holds(note, lock)) {
    return [
      head,
      `    it holds the lock ${lock.id} of the state since ${lock.created}: it still goes on, or was killed with its lock`,
    ];
  }
  return [head, `    it has not said how it ended; what it may have left lies there in ${memory}`];
}

/** Why nothing is done: a run that is not known here goes on, or has left something. All ways on are named. */
export function waitsElsewhere(
  stack: string,
  notes: readonly RunNote[],
  lock: LockInfo | undefined,
): Failure {
  const told = notes.flatMap((note) => noteLines(note, lock)).map((line) => `    ${line}`);
  const goOn = notes.every(goesOnHere);
  const head = goOn
    ? `${stack} is worked on by another run`
    : `${stack} was worked on by a run that is not known to have left nothing; it comes first`;
  const ways = goOn
    ? ['    wait until it has ended, or interrupt it with Ctrl-C there']
    : waysOn(stack, notes, lock);
  return new Failure([head, ...told, ...ways].join('\n'), EXIT.pending);
}

/** True for a run of this machine whose process is there. */
export function goesOnHere({ host, pid, started, waits }: RunNote): boolean {
  return waits.length === 0 && isAlive({ host, pid, started });
}

/** True when a lock of the state can be that of a run. */
function holds({ host, at }: RunNote, { who, created }: LockInfo): boolean {
  return who.endsWith(`@${host}`) && Date.parse(created) >= Date.parse(at);
}

function waysOn(stack: string, notes: readonly RunNote[], lock: LockInfo | undefined): string[] {
  const open = notes.some(({ waits }) => waits.length === 0);
  const held = notes.some((note) => lock !== undefined && holds(note, lock));
  return [
    ...(open ? ['if it still goes on: wait until it has ended'] : []),
    ...(held && lock !== undefined
      ? [`if nothing runs there any more: just tofu-unlock ${stack} ${lock.id}, and then`]
      : []),
    `with the bundle of that run: just tofu-recovery-unpack ${stack} <file>, and just tofu-state-recover ${stack}`,
    `when its machine is gone: just tofu-state-adopt ${stack}, which compares what is there with the plan`,
    `when nothing of it is missing, or to give it up: just tofu-state-recover ${stack} --discard`,
  ].map((line) => `    ${line}`);
}

function waitingLine({ kind, what, where }: Waiting): string {
  return kind === 'lock' ? `    ${what} ${where}` : `    ${what}: ${where}, there`;
}
