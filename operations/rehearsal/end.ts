import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { askStanding, askToStop } from './control.ts';
import type { SupervisedFolder, SupervisedRecord } from './folder.ts';

const STOP_MS = 20_000;
const POLL_MS = 50;

/**
 * Has a supervisor end what it holds, and removes the folder. Nothing is asked of the programs themselves, so this also works
 * on what is broken.
 *
 * @returns 0 when nothing is left, also when there was nothing
 */
export async function endSupervised(folder: SupervisedFolder, printer: Printer): Promise<ExitCode> {
  const { noun, name } = folder;
  const before = folder.read();
  const standing = await askToStop(folder);
  if (standing !== undefined) {
    const end = Date.now() + STOP_MS;
    while ((await askStanding(folder)) !== undefined || folder.exists || lives(standing.pid)) {
      if (Date.now() > end) {
        throw new Failure(
          `the supervisor of ${name} does not end within ${STOP_MS / 1000} s\n    kill it, its programs go with it: kill -9 ${standing.pid}`,
        );
      }
      await pause(POLL_MS);
    }
    printer.result(`${noun} ${name} is down, nothing of it is left`);
  } else if (!removeDead(folder, before, printer)) {
    printer.result(`there is no ${noun} ${name}`);
  }
  return EXIT.good;
}

/** It has just answered, so the number is its own still. */
function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * Looks who is in a folder before something is started in it, and removes what is dead.
 *
 * A supervisor does not look: whoever launched it has, and what it found now would be somebody faster, whom it has to refuse.
 */
export async function lookInto<Kept extends SupervisedRecord>(
  folder: SupervisedFolder<Kept>,
  printer: Printer,
): Promise<{ readonly isUp: boolean; readonly record: Kept | undefined }> {
  if (process.send !== undefined) return { isUp: false, record: undefined };
  const before = folder.read();
  if ((await askStanding(folder)) !== undefined) return { isUp: true, record: folder.read() };
  removeDead(folder, before, printer);
  return { isUp: false, record: undefined };
}

/** @returns false when there is nothing to remove */
function removeDead(
  folder: SupervisedFolder,
  dead: SupervisedRecord | undefined,
  printer: Printer,
): boolean {
  const { noun, name, path } = folder;
  if (!folder.exists) return false;
  // It may have been taken since it was asked.
  if (folder.read()?.control.token !== dead?.control.token) {
    throw new Failure(`${noun} ${name} is being started by another command: wait for it`);
  }
  folder.remove();
  printer.result(`removed what a dead ${noun} left in ${path}`);
  return true;
}
