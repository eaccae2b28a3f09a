import { readdirSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { textIfThere } from '../text-if-there.ts';

/** Field 22 of `/proc/<pid>/stat`, counted behind the name, which may hold spaces. */
const START_FIELD = 19;
const PARENT_FIELD = 1;

/** When a process began, in ticks since the machine did; undefined where there is none, or where the system does not tell. */
export function startedAt(pid: number): string | undefined {
  const boot = textIfThere('/proc/sys/kernel/random/boot_id')?.trim();
  const ticks = statOf(pid)?.[START_FIELD];
  return boot === undefined || ticks === undefined ? undefined : `${boot}/${ticks}`;
}

/** True for a process of this machine that is there, and is no later one with its number. */
export function isAlive(seen: {
  readonly host: string;
  readonly pid: number;
  readonly started?: string | undefined;
}): boolean {
  const { host, pid, started } = seen;
  if (host !== hostname() || pid <= 0) return false;
  if (started !== undefined) return startedAt(pid) === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A provider whose tofu is gone. */
export interface LeftProvider {
  readonly pid: number;
  readonly program: string;
}

/**
 * Providers that go on although nobody waits for them: when only tofu is killed, they finish what they had begun.
 *
 * @returns undefined where the system does not tell
 */
export function leftProviders(): LeftProvider[] | undefined {
  const pids = list('/proc')?.filter((name) => /^\d+$/.test(name));
  if (pids === undefined) return undefined;
  return pids.map(Number).flatMap((pid) => {
    const program = programOf(pid);
    if (program?.startsWith('terraform-provider-') !== true) return [];
    const parent = Number(statOf(pid)?.[PARENT_FIELD]);
    return programOf(parent) === 'tofu' ? [] : [{ pid, program }];
  });
}

function programOf(pid: number): string | undefined {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

function statOf(pid: number): string[] | undefined {
  const text = textIfThere(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function list(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
