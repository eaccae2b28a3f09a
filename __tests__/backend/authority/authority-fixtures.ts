import type { Subject } from '../../../backend/authority/collect.ts';
import { VirtualClock } from '../../../backend/lying-store/clock.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { stackState } from '../../../backend/stack-state.ts';
import { readState, type StateFacts } from '../../../backend/state/state-document.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { markOf } from '../../../backend/witness/state-mark.ts';
import type { Memory, Witness } from '../../../backend/witness/witness.ts';
import { readSettings } from '../../../config/read-settings.ts';

export const SETTINGS = readSettings('config/tinyland.yaml');
export const STATE = stackState('attic', SETTINGS, { HOME: '/nobody' });
export const LINEAGE = '8d3f6f0a-6f0e-4e3e-9c0f-3d5f1a7f2b11';

/** A state with so many resources. */
export function stateBody(serial: number, { lineage = LINEAGE, resources = 2 } = {}): Buffer {
  const listed = Array.from({ length: resources }, (_, index) => ({
    mode: 'managed',
    type: 'terraform_data',
    name: `kept_${index}`,
    instances: [{ attributes: { id: `${serial}-${index}` } }],
  }));
  return Buffer.from(
    JSON.stringify({ version: 4, terraform_version: '1.12.6', serial, lineage, resources: listed }),
  );
}

/** A store in which a run has written and another one after it, each under the lock. */
export async function usedStore(serials: readonly number[] = [4, 5]): Promise<HonestStore> {
  const store = new HonestStore({ bucket: STATE.bucket, clock: new VirtualClock() });
  for (const serial of serials) {
    await store.send({ method: 'PUT', key: STATE.lockKey, body: Buffer.from('{}') });
    await store.send({ method: 'PUT', key: STATE.key, body: stateBody(serial) });
    await store.send({ method: 'DELETE', key: STATE.lockKey });
  }
  return store;
}

/** A witness that knows what it is told here, and never learns. */
export function witnessOf(memories: Readonly<Record<string, Memory>>): Witness {
  return {
    recall: async (stack) => memories[stack] ?? { kind: 'never-seen' },
    advance: async () => {
      throw new Error('a check teaches a witness nothing');
    },
    accept: async () => {
      throw new Error('a check accepts nothing');
    },
  };
}

export function remembers(body: Buffer): Memory {
  const at = new Date('2026-11-20T10:00:00Z');
  return { kind: 'remembers', mark: markOf(readState(body) as StateFacts, 'ada@laptop', at) };
}

export function subjectOf(store: Store, over: Partial<Subject> = {}): Subject {
  return {
    state: STATE,
    settings: SETTINGS,
    store,
    witness: witnessOf({ attic: remembers(stateBody(5)) }),
    firstRun: false,
    ...over,
  };
}

/** A store that keeps what it was asked. */
export class Recorder implements Store {
  readonly requests: string[] = [];
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  send(request: StoreRequest): Promise<StoreAnswer> {
    const { method, bucket = STATE.bucket, key } = request;
    this.requests.push(`${method} ${bucket}${key === undefined ? '' : `/${key}`}`);
    return this.store.send(request);
  }
}
