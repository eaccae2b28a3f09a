import { randomUUID } from 'node:crypto';
import { GatewaySession } from '../../../backend/gateway/session.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { seededRandom } from '../../../backend/lying-store/seeded-random.ts';
import { isState, readState } from '../../../backend/state/state-document.ts';
import { MemoryWitness } from '../gateway/memory-witness.ts';
import { STATE, stateBytes, TofuRun } from '../gateway/tofu-requests.ts';
import { type Adversary, Scheduler } from './scheduler.ts';

/** How one who holds the lock changes the state, beside only holding it. */
const WRITES = 0.25;
/** How often one is gone while holding it. */
const DEATHS = 0.02;

/** What happened, in order. */
export interface Happening {
  readonly what: 'ended' | 'took';
  readonly who: number;
  /** When, in steps of the scheduler. */
  readonly at: number;
}

/** Several people who want one lock, each through gateways of their own, in an order that somebody chooses. */
export class LockRace {
  readonly history: Happening[] = [];
  readonly findings: string[] = [];
  /** States that were acknowledged. */
  written = 0;
  readonly scheduler: Scheduler;
  private readonly random: () => number;
  private readonly store = new HonestStore({ bucket: STATE.bucket });
  private readonly witness = new MemoryWitness();
  private readonly rounds: number;
  private readonly dead: string[] = [];

  constructor(seed: number, { adversary, rounds }: { adversary: Adversary; rounds: number }) {
    this.random = seededRandom(seed, 'lock race');
    this.rounds = rounds;
    this.scheduler = new Scheduler(this.store, adversary, this.random);
    this.store.plant(STATE.bucket, STATE.key, stateBytes(0));
  }

  get serial(): number {
    const facts = readState(
      this.store.bucketNamed(STATE.bucket)?.current(STATE.key)?.body ?? Buffer.alloc(0),
    );
    return isState(facts) ? facts.serial : -1;
  }

  get acquisitions(): number {
    return this.history.filter(({ what }) => what === 'took').length;
  }

  async run(people: number): Promise<void> {
    const who = Array.from({ length: people }, (_, index) => index);
    await this.scheduler.run(who.map((each) => this.work(each)));
  }

  private async work(who: number): Promise<void> {
    for (let left = this.rounds; left > 0; ) {
      const [gone] = this.dead.splice(0, 1);
      if (gone !== undefined) await this.unlock(who, gone);
      const run = await this.tofu(who);
      if ((await run.lock()).status === 200) {
        await this.hold(who, run);
        left -= 1;
      } else if (run.codes.includes('lock-unknown')) {
        // It may be there, and nobody works under it: a person is told to give it back.
        await this.unlock(who, run.lockId);
      } else await this.scheduler.turn(who, 'sleep');
      this.findings.push(...run.codes);
    }
  }

  private async hold(who: number, run: TofuRun): Promise<void> {
    const { scheduler, history, random } = this;
    history.push({ what: 'took', who, at: scheduler.taken });
    if (random() < WRITES) await this.write(run);
    history.push({ what: 'ended', who, at: scheduler.taken });
    if (random() < DEATHS) this.dead.push(run.lockId);
    else await this.release(who, run);
  }

  /** What could not be given back, a person gives back later. */
  private async release(who: number, run: TofuRun): Promise<void> {
    const { status } = await run.unlock();
    if (status !== 204) await this.unlock(who, run.lockId);
  }

  private async write(run: TofuRun): Promise<void> {
    const facts = readState((await run.read()).body);
    if (!isState(facts)) return;
    const next = stateBytes(facts.serial + 1, { content: randomUUID() });
    if ((await run.write(next)).status === 200) this.written += 1;
  }

  /** The one exception: a lock that is named, of somebody who is gone. */
  private async unlock(who: number, id: string): Promise<void> {
    for (let isLeft = true; isLeft; ) {
      const run = await this.tofu(who, id);
      const { status, body } = await run.heldLock();
      isLeft = status !== 404;
      if (status === 200 && !body.includes(id)) return;
      if (status === 200) isLeft = (await run.unlock()).status !== 204;
      this.findings.push(...run.codes);
    }
  }

  private async tofu(who: number, unlocks?: string): Promise<TofuRun> {
    const { scheduler, witness } = this;
    const session = await GatewaySession.open({
      state: STATE,
      region: 'us-east-1',
      declaration: { writes: true, ...(unlocks === undefined ? {} : { unlocks }) },
      store: scheduler.storeOf(who),
      witness,
      by: `p${who}@here`,
      compareAndSwap: this.random() < 0.5,
      guarded: true,
      sleep: () => scheduler.turn(who, 'sleep'),
    });
    return new TofuRun(session, []);
  }
}

/** The moments in which somebody took the lock while another one held it. */
export function overlaps(history: readonly Happening[]): Happening[] {
  const holding = new Set<number>();
  return history.filter(({ what, who }) => {
    if (what === 'ended') holding.delete(who);
    else holding.add(who);
    return holding.size > 1;
  });
}

/** The longest time in which nobody got the lock, in steps. */
export function longestWait(history: readonly Happening[], end: number): number {
  const taken = history.filter(({ what }) => what === 'took').map(({ at }) => at);
  return Math.max(...[...taken, end].map((at, index) => at - (taken[index - 1] ?? 0)));
}
