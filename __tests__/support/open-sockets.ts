import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A TCP socket of a process. */
export interface OpenSocket {
  readonly listens: boolean;
  readonly local: string;
  readonly remote: string;
}

const LISTENING = '0A';

/** The TCP sockets of a process group, as Linux tells them. */
export function socketsOf(group: number): OpenSocket[] {
  const pids = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && groupOf(pid) === group);
  const inodes = new Set(pids.flatMap(socketInodes));
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => inodes.has(columns[9] ?? ''))
      .map(([, local = '', remote = '', state]) => ({
        listens: state === LISTENING,
        local: addressOf(local),
        remote: addressOf(remote),
      })),
  );
}

function groupOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[2]);
  } catch {
    return 0;
  }
}

function socketInodes(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((file) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${file}`))?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    // The process, or one of its files, is gone meanwhile.
    return [];
  }
}

/** The address without its port: words of four bytes, each with its last byte first. */
function addressOf(text: string): string {
  const bytes = (text.split(':')[0] ?? '')
    .match(/.{8}/g)
    ?.flatMap((word) =>
      (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
    );
  if (bytes?.length === 4) return bytes.join('.');
  const isMapped = bytes?.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (isMapped) return bytes?.slice(12).join('.') ?? '';
  return bytes?.every((byte, index) => byte === (index === 15 ? 1 : 0)) ? '::1' : 'other';
}
