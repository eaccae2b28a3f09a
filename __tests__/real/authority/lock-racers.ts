import { setTimeout as pause } from 'node:timers/promises';
import { startGateway } from '../../../backend/gateway/gateway.ts';
import { seededRandom } from '../../../backend/lying-store/seeded-random.ts';
import { isState, readState } from '../../../backend/state/state-document.ts';
import type { StoreAccess } from '../../../backend/store/store-access.ts';
import { type Store, StoreClient } from '../../../backend/store/store-client.ts';
import { MemoryWitness } from '../../backend/gateway/memory-witness.ts';
import { lockBytes, STATE, stateBytes } from '../../backend/gateway/tofu-requests.ts';
import type { Happening } from '../../backend/proofs/lock-race.ts';

/** How often whoever has the lock writes a state. */
const WRITES = 0.3;
const LONGEST_PAUSE_MS = 20;

/** People who race for one lock on a real store, each through gateways of their own. */
export class LockRacers {
  readonly history: Happening[] = [];
  readonly findings: string[] = [];
  written = 0;
  private readonly access: StoreAccess;
  private readonly witness = new MemoryWitness();
  private readonly random = seededRandom(5, 'lock racers');
  private left: number;

  constructor(access: StoreAccess, acquisitions: number) {
    this.access = access;
    this.left = acquisitions;
  }

  async run(people: number): Promise<void> {
    const client = new StoreClient(this.access);
    await client.send({ method: 'PUT', key: STATE.key, body: stateBytes(0) });
    client.close();
    await Promise.all(Array.from({ length: people }, (_, who) => this.race(who)));
  }

  async serial(): Promise<number> {
    const client = new StoreClient(this.access);
    const facts = readState((await client.send({ method: 'GET', key: STATE.key })).body);
    client.close();
    return isState(facts) ? facts.serial : -1;
  }

  private async race(who: number): Promise<void> {
    for (let round = 0; this.left > 0; round += 1) {
      await this.attempt(who, `${who}-${round}`);
      await pause(this.random() * LONGEST_PAUSE_MS);
    }
  }

  private async attempt(who: number, id: string): Promise<void> {
    const store = new StoreClient(this.access);
    const gateway = await startGateway({
      state: STATE,
      region: this.access.region,
      declaration: { writes: true },
      store,
      witness: this.witness,
      by: `p${who}@here`,
      compareAndSwap: true,
      guarded: true,
    });
    const tofu = new StoreClient({
      ...this.access,
      endpoint: gateway.endpoint,
      keys: gateway.keys,
    });
    try {
      const headers = { 'if-none-match': '*' };
      const body = lockBytes(id, `p${who}@here`);
      const { status } = await tofu.send({ method: 'PUT', key: STATE.lockKey, headers, body });
      if (status === 200) await this.hold(who, tofu);
    } finally {
      await gateway.stop();
      tofu.close();
      store.close();
      this.findings.push(...gateway.findings.map(({ code }) => code));
    }
  }

  private async hold(who: number, tofu: Store): Promise<void> {
    this.left -= 1;
    this.history.push({ what: 'took', who, at: this.history.length });
    if (this.random() < WRITES) await this.write(tofu);
    this.history.push({ what: 'ended', who, at: this.history.length });
    await tofu.send({ method: 'GET', key: STATE.lockKey });
    await tofu.send({ method: 'DELETE', key: STATE.lockKey });
  }

  private async write(tofu: Store): Promise<void> {
    const facts = readState((await tofu.send({ method: 'GET', key: STATE.key })).body);
    if (!isState(facts)) return;
    const body = stateBytes(facts.serial + 1, { content: String(this.random()) });
    const { status } = await tofu.send({ method: 'PUT', key: STATE.key, body });
    if (status === 200) this.written += 1;
  }
}
