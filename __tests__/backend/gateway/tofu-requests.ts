import { randomUUID } from 'node:crypto';
import type { GatewayOptions } from '../../../backend/gateway/gateway-options.ts';
import { GatewaySession } from '../../../backend/gateway/session.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { lieNamed } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import type { StackState } from '../../../backend/stack-state.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { MemoryWitness } from './memory-witness.ts';

/** The state of the tests. */
export const STATE: StackState = {
  stack: 'arc-runners',
  bucket: 'tofu-state',
  key: 'arc-runners/terraform.tfstate',
  lockKey: 'arc-runners/terraform.tfstate.tflock',
  holdsOwnStore: false,
  memory: '',
  work: '',
};

/** A state with so many instances of one resource. */
export function stateBytes(
  serial: number,
  {
    lineage = 'one',
    instances = 1,
    content = '',
  }: { readonly lineage?: string; readonly instances?: number; readonly content?: string } = {},
): Buffer {
  const all = Array.from({ length: instances }, (_, index) => ({ index_key: index, content }));
  const resources = instances === 0 ? [] : [{ type: 'terraform_data', instances: all }];
  return Buffer.from(JSON.stringify({ version: 4, serial, lineage, resources }));
}

/** A store, what is remembered of it, and runs of tofu on it. */
export class Scene {
  readonly truth = new HonestStore({ bucket: STATE.bucket });
  readonly store = new LyingStore(this.truth);
  readonly witness = new MemoryWitness();

  /** Leaves a state there as two runs have written it, and as the witness remembers it. */
  async withState(serial = 7, instances = 2): Promise<this> {
    for (const each of [serial - 1, serial]) {
      const firstRun = each < serial;
      const run = await this.run({ declaration: { writes: true, firstRun } });
      await run.lock();
      await run.read();
      await run.write(stateBytes(each, { instances }));
      await run.unlock();
    }
    return this;
  }

  lie(...names: readonly string[]): void {
    this.store.lie(names.map(lieNamed));
  }

  /** Puts something there past every gateway. */
  plant(body: Uint8Array, key = STATE.key): void {
    this.truth.plant(STATE.bucket, key, body);
  }

  stored(key = STATE.key): Buffer | undefined {
    return this.truth.bucketNamed(STATE.bucket)?.current(key)?.body;
  }

  async run(options: Partial<GatewayOptions> = {}): Promise<TofuRun> {
    const asked: string[] = [];
    const session = await GatewaySession.open({
      state: STATE,
      region: 'us-east-1',
      declaration: { writes: true },
      store: this.store,
      witness: this.witness,
      by: 'tester@here',
      compareAndSwap: true,
      requestMs: 50,
      pauseMs: 1,
      observe: (request) =>
        asked.push(request.replace(STATE.key, 'state').replace('state.tflock', 'lock')),
      ...options,
    });
    return new TofuRun(session, asked);
  }
}

/** The requests of a run of tofu, one after the other, as it makes them. */
export class TofuRun {
  readonly session: GatewaySession;
  /** What the store was asked. */
  readonly asked: string[];
  readonly lockId: string = randomUUID();

  constructor(session: GatewaySession, asked: string[]) {
    this.session = session;
    this.asked = asked;
  }

  get codes(): string[] {
    return this.session.findings.map(({ code }) => code);
  }

  send(request: StoreRequest): Promise<StoreAnswer> {
    return this.session.answer({ bucket: STATE.bucket, ...request });
  }

  list(query: Readonly<Record<string, string>> = {}): Promise<StoreAnswer> {
    return this.send({
      method: 'GET',
      query: { 'list-type': '2', 'max-keys': '1000', prefix: 'env:/', ...query },
    });
  }

  lock(id = this.lockId): Promise<StoreAnswer> {
    return this.send({
      method: 'PUT',
      key: STATE.lockKey,
      query: { 'x-id': 'PutObject' },
      headers: { 'if-none-match': '*', 'content-type': 'application/json' },
      body: lockBytes(id),
    });
  }

  heldLock(): Promise<StoreAnswer> {
    return this.send({ method: 'GET', key: STATE.lockKey });
  }

  /** HEAD, and GET where that finds something. */
  async read(): Promise<StoreAnswer> {
    const head = await this.send({ method: 'HEAD', key: STATE.key });
    return head.status === 200 ? await this.send({ method: 'GET', key: STATE.key }) : head;
  }

  write(body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<StoreAnswer> {
    return this.send({
      method: 'PUT',
      key: STATE.key,
      query: { 'x-id': 'PutObject' },
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  }

  /** GET and DELETE. */
  async unlock(): Promise<StoreAnswer> {
    const seen = await this.heldLock();
    if (seen.status !== 200) return seen;
    return await this.send({ method: 'DELETE', key: STATE.lockKey });
  }
}

/** A lock as tofu writes it. */
export function lockBytes(id: string, who = 'somebody@elsewhere'): Buffer {
  return Buffer.from(
    JSON.stringify({
      ID: id,
      Operation: 'OperationTypeApply',
      Info: '',
      Who: who,
      Version: '1.12.6',
      Created: '2026-05-08T10:00:00Z',
      Path: `${STATE.bucket}/${STATE.key}`,
    }),
  );
}

/** A store that counts the times somebody waits for it: requests that are under way together are one. */
export class CountedStore implements Store {
  trips = 0;
  requests = 0;
  private readonly store: Store;
  private underWay = 0;

  constructor(store: Store) {
    this.store = store;
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    this.requests += 1;
    if (this.underWay === 0) this.trips += 1;
    this.underWay += 1;
    // Whoever is asked at the same time is asked before the first one answers.
    await Promise.resolve();
    try {
      return await this.store.send(request);
    } finally {
      this.underWay -= 1;
    }
  }
}
