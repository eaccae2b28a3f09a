import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../console/failure.ts';
import type { Store } from '../store/store-client.ts';
import type { MaintenanceRecord } from './gate-records.ts';
import type { PodFacts } from './workload-facts.ts';

const PAUSE_MS = 500;
const REQUEST_MS = 10_000;
const OK = 200;

/** What is watched, and how. */
export interface MaintenanceHow {
  readonly store: Store;
  readonly bucket: string;
  /** The pods as they are now; a failure is passed over, since the API server may be away as well. */
  readonly pods: () => Promise<readonly PodFacts[]>;
  readonly limitMs: number;
  /** Is told when it begins, and of every pod that was replaced. */
  readonly report: (line: string) => void;
  /** Between two writes, in milliseconds. @default 500 */
  readonly pauseMs?: number;
}

/** What went on. */
export type Maintenance = Pick<
  MaintenanceRecord,
  'longestOutageMs' | 'lost' | 'pods' | 'replaced' | 'writes'
>;

/**
 * Writes and reads under a key of its own while somebody replaces the pods of the store one after the other, and ends when each
 * was replaced and all are ready again, or when time is over.
 */
export async function watchMaintenance(how: MaintenanceHow): Promise<Maintenance> {
  const before = await how.pods();
  if (before.length === 0) throw new Failure('the store has no pods that could be replaced');
  // Only now: a pod that is replaced before it was seen would be waited for in vain.
  how.report(
    `maintenance: replace the ${before.length} pods one after the other, each when all are ready`,
  );
  const writer = new CanaryWriter(how);
  const replaced = new Set<string>();
  const end = Date.now() + how.limitMs;
  try {
    for (let isDone = false; !isDone && Date.now() < end; ) {
      await writer.write();
      const now = await how.pods().catch(() => []);
      const fresh = replacedIn(before, now).filter((name) => !replaced.has(name));
      for (const name of fresh) {
        how.report(`${name} was replaced`);
        replaced.add(name);
      }
      isDone = replaced.size === before.length && readyIn(now) >= before.length;
      if (!isDone) await pause(how.pauseMs ?? PAUSE_MS);
    }
    await writer.write();
  } finally {
    await writer.remove();
  }
  const { writes, lost, longestOutageMs } = writer;
  const pods = before.map(({ name }) => name);
  return { pods, replaced: [...replaced], writes, lost, longestOutageMs };
}

/** Pods of a StatefulSet keep their names; what is new of them is the UID. */
function replacedIn(before: readonly PodFacts[], now: readonly PodFacts[]): string[] {
  const uids = new Set(now.map(({ uid }) => uid));
  return before
    .filter(
      ({ name, uid }) => !uids.has(uid) && now.some((each) => each.name === name && each.ready),
    )
    .map(({ name }) => name);
}

function readyIn(pods: readonly PodFacts[]): number {
  return pods.filter(({ ready }) => ready).length;
}

class CanaryWriter {
  writes = 0;
  lost = 0;
  longestOutageMs = 0;
  private readonly how: MaintenanceHow;
  private readonly key = `.flywheel-maintenance/${randomBytes(6).toString('hex')}`;
  private last: { readonly body: string; readonly at: number } | undefined;
  private readonly began = Date.now();

  constructor(how: MaintenanceHow) {
    this.how = how;
  }

  async write(): Promise<void> {
    await this.compare();
    const body = `write ${this.writes} ${randomBytes(4).toString('hex')}`;
    const answer = await this.ask('PUT', Buffer.from(body));
    const now = Date.now();
    this.longestOutageMs = Math.max(this.longestOutageMs, now - (this.last?.at ?? this.began));
    if (answer?.status !== OK) {
      // Whether it was kept is not known, so nothing can be compared until the next is acknowledged.
      if (this.last !== undefined) this.last = { body: '', at: this.last.at };
      return;
    }
    this.writes += 1;
    this.last = { body, at: now };
    await this.compare();
  }

  async remove(): Promise<void> {
    await this.ask('DELETE');
  }

  /** What was acknowledged last has to be what is read, whenever something is. */
  private async compare(): Promise<void> {
    const { body = '' } = this.last ?? {};
    if (body === '') return;
    const answer = await this.ask('GET');
    if (answer === undefined || answer.status >= 500) return;
    if (answer.status === OK && answer.body.toString() === body) return;
    this.lost += 1;
    this.last = { body: '', at: this.last?.at ?? this.began };
  }

  private ask(method: 'DELETE' | 'GET' | 'PUT', body?: Buffer) {
    const { store, bucket } = this.how;
    const request = { method, bucket, key: this.key, deadlineMs: REQUEST_MS };
    return store.send(body === undefined ? request : { ...request, body }).catch(() => undefined);
  }
}
