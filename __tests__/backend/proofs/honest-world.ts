import { collect } from '../../../backend/authority/collect.ts';
import { judge } from '../../../backend/authority/judge.ts';
import type { Declaration } from '../../../backend/gateway/gateway-options.ts';
import { GatewaySession } from '../../../backend/gateway/session.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { seededRandom } from '../../../backend/lying-store/seeded-random.ts';
import { isState, readState } from '../../../backend/state/state-document.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { TwofoldWitness } from '../../../backend/witness/open-witness.ts';
import { SETTINGS } from '../authority/authority-fixtures.ts';
import { STATE, TofuRun } from '../gateway/tofu-requests.ts';
import { Link, MemoryHalf } from './memory-halves.ts';

/** What a person has to know although nothing is wrong. */
const FINE_NOTES = [
  /^the lock is held by /,
  /^serial \d+ of lineage .* is taken on trust, because the guards have passed/,
  /^the state is encrypted: /,
  // Who had no way to the cluster while others destroyed it is asked to look.
  /^serial \d+ of lineage .* has no resource left, and no witness has heard of a destroy: /,
];
const LONGEST_WAIT = 6;

/** A place in which everybody is honest: a store, a cluster that remembers, and people, each at another machine. */
export class HonestWorld implements Store {
  readonly random: () => number;
  readonly cluster = new MemoryHalf('cluster');
  readonly people: Person[];
  /** What was called wrong, or is. Nothing of it may be. */
  readonly alarms: string[] = [];
  /** Locks whose holders are gone. */
  readonly stale: string[] = [];
  /** Nobody dies any more. */
  isCalm = false;
  /** What was acknowledged last. */
  last: Buffer = Buffer.alloc(0);
  /** How often a state was acknowledged, a lock refused, and a run of tofu killed. */
  readonly counts = { acknowledged: 0, refused: 0, killed: 0, verdicts: 0 };
  readonly compareAndSwap: boolean;
  readonly encrypts: boolean;
  private readonly truth: HonestStore;
  private readonly holders = new Set<string>();

  constructor(seed: number, people: number) {
    this.random = seededRandom(seed, 'honest world');
    this.truth = new HonestStore({ bucket: STATE.bucket, versioned: this.random() < 0.5 });
    this.compareAndSwap = this.random() < 0.7;
    this.encrypts = this.random() < 0.2;
    this.people = Array.from({ length: people }, (_, index) => new Person(this, `p${index}`));
  }

  /** The way to the store is sometimes longer, so that requests of several people overtake each other. */
  async send(request: StoreRequest): Promise<StoreAnswer> {
    await this.wait();
    const answer = await this.truth.send(request);
    await this.wait();
    return answer;
  }

  async wait(): Promise<void> {
    for (let left = Math.floor(this.random() * LONGEST_WAIT); left > 0; left -= 1) {
      await Promise.resolve();
    }
  }

  stored(key: string): Buffer | undefined {
    return this.truth.bucketNamed(STATE.bucket)?.current(key)?.body;
  }

  /** The keys that hold something. */
  keys(): string[] {
    return this.truth.bucketNamed(STATE.bucket)?.keys() ?? [];
  }

  took(lockId: string): void {
    this.holders.add(lockId);
    if (this.holders.size > 1) this.alarms.push('two hold the lock');
  }

  gaveBack(lockId: string): void {
    this.holders.delete(lockId);
  }

  acknowledged(bytes: Buffer): void {
    if (bytes.equals(this.last)) return;
    if (serialOf(bytes) <= serialOf(this.last)) this.alarms.push('a state went back');
    this.last = bytes;
    this.counts.acknowledged += 1;
  }

  /** A successor of a state. */
  next(serial: number, instances: number): Buffer {
    const facts = { serial, lineage: 'one' };
    const content = String(this.random());
    if (this.encrypts) {
      const envelope = { encrypted_data: content, encryption_version: 'v0' };
      return Buffer.from(JSON.stringify({ ...facts, ...envelope }));
    }
    const all = Array.from({ length: instances }, (_, index) => ({ index_key: index, content }));
    const resources = instances === 0 ? [] : [{ type: 'terraform_data', instances: all }];
    return Buffer.from(JSON.stringify({ version: 4, ...facts, resources }));
  }
}

/** A serial, or -1 where there is no state. */
export function serialOf(bytes: Uint8Array): number {
  const facts = readState(bytes);
  return isState(facts) ? facts.serial : -1;
}

/** As tofu asks for a lock, at this very moment. */
function lockRequest(id: string, who: string): StoreRequest {
  const created = new Date().toISOString();
  const names: [string, string][] = [
    ['ID', id],
    ['Operation', 'OperationTypeApply'],
    ['Who', who],
    ['Created', created],
  ];
  return {
    method: 'PUT',
    key: STATE.lockKey,
    headers: { 'if-none-match': '*' },
    body: Buffer.from(JSON.stringify(Object.fromEntries(names))),
  };
}

/** Somebody at a machine: a witness file of his own, and the cluster where he has a way to it. */
export class Person {
  readonly file = new MemoryHalf('file');
  private readonly world: HonestWorld;
  private readonly name: string;
  private readonly link: Link;
  private readonly witness: TwofoldWitness;

  constructor(world: HonestWorld, name: string) {
    this.world = world;
    this.name = name;
    this.link = new Link(world.cluster, () => world.wait());
    this.witness = new TwofoldWitness([this.link, this.file]);
  }

  /** The first thing that is done to a stack. */
  async begin(): Promise<void> {
    await this.init({ firstRun: true });
    await this.change({ firstRun: true, writes: true }, 1 + this.luck(3));
  }

  async work(operations: number): Promise<void> {
    for (let left = operations; left > 0; left -= 1) {
      this.link.inReach = this.world.random() < 0.7;
      await this.operate();
    }
  }

  /** Whatever comes to mind. */
  private async operate(): Promise<void> {
    const { random, stale } = this.world;
    const abandoned = stale.shift();
    if (abandoned !== undefined) await this.unlock(abandoned);
    const luck = random();
    if (luck < 0.15) return await this.init({});
    if (luck < 0.4) return await this.look();
    if (luck < 0.8) return await this.change({ writes: true }, 1 + this.luck(4));
    if (luck < 0.9) return await this.change({ writes: true, destroys: true }, 0);
    return await this.push();
  }

  /** A plan, which ends with nothing written. */
  async look(): Promise<void> {
    await this.guard(false);
    await this.locked({}, async (run) => void (await this.read(run)));
  }

  /** Gives the lock of somebody back who is gone. */
  async unlock(id: string): Promise<void> {
    const run = await this.tofu({ unlocks: id });
    await run.list();
    if ((await run.unlock()).status !== 204) this.world.alarms.push('a stale lock stays');
    this.world.gaveBack(id);
    await this.end(run);
  }

  private async init(declaration: Declaration): Promise<void> {
    const run = await this.tofu(declaration);
    await run.list();
    await run.list();
    // No lock is held, so what is there may be replaced between two requests.
    await run.read();
    await this.end(run);
  }

  /** An apply or a destroy: several states, the last one with so many instances. */
  private async change(declaration: Declaration, instances: number): Promise<void> {
    await this.guard(declaration.firstRun === true);
    await this.locked(declaration, async (run) => {
      const serial = await this.read(run);
      const writes = 1 + this.luck(3);
      for (let each = 1; each <= writes; each += 1) {
        const bytes = this.world.next(serial + each, each === writes ? instances : 2);
        await this.write(run, bytes);
        // The answer to the first one was lost on its way.
        if (this.world.random() < 0.1) await this.write(run, bytes);
      }
    });
  }

  /** `tofu state push` of a file: the same state, or a later one, whose serial may be any higher one. */
  private async push(): Promise<void> {
    await this.guard(false);
    await this.locked({ writes: true }, async (run) => {
      const serial = await this.read(run);
      const isSame = this.world.random() < 0.3;
      const next = isSame ? this.world.last : this.world.next(serial + 1 + this.luck(5), 1);
      await this.write(run, next);
    });
  }

  private async guard(firstRun: boolean): Promise<void> {
    const { world, witness } = this;
    // It asks more than all else, and is asked no more often than it takes to fall into every moment of the others.
    if (world.random() > 0.15) return;
    world.counts.verdicts += 1;
    const subject = { state: STATE, settings: SETTINGS, store: world, witness, firstRun };
    const { exitCode, checks } = judge(await collect(subject));
    if (exitCode === 0) return;
    const wrong = checks.filter(({ status }) => status !== 'good' && status !== 'not-run');
    world.alarms.push(`verdict ${exitCode}: ${wrong.map(({ name }) => name).join(', ')}`);
  }

  private async locked(
    declaration: Declaration,
    work: (run: TofuRun) => Promise<void>,
  ): Promise<void> {
    const { world } = this;
    const run = await this.tofu(declaration);
    await run.list();
    const { status } = await run.send(lockRequest(run.lockId, `${this.name}@here`));
    if (status === 200) {
      world.took(run.lockId);
      const dies = !world.isCalm && declaration.firstRun !== true && world.random() < 0.06;
      if (!dies || world.random() < 0.5) await work(run);
      if (dies) this.die(run);
      else await this.release(run);
    } else {
      world.counts.refused += 1;
      if (status !== 412) world.alarms.push(`the lock answers ${status}`);
      await run.heldLock();
    }
    await this.end(run);
  }

  /** Tofu is killed. Its lock stays; that it is gone is known to all. */
  private die(run: TofuRun): void {
    this.world.counts.killed += 1;
    this.world.stale.push(run.lockId);
  }

  private async release(run: TofuRun): Promise<void> {
    // From the moment in which it is asked to go, the lock may be that of another one.
    this.world.gaveBack(run.lockId);
    const { status } = await run.unlock();
    if (status !== 204) this.world.alarms.push(`giving the lock back answers ${status}`);
  }

  /** @returns the serial; 0 where there is no state yet */
  private async read(run: TofuRun): Promise<number> {
    const { status, body } = await run.read();
    if (this.world.last.length === 0) return 0;
    if (status !== 200 || !body.equals(this.world.last)) {
      this.world.alarms.push(`reading answers ${status}, and not with what was acknowledged last`);
    }
    return serialOf(body);
  }

  private async write(run: TofuRun, bytes: Buffer): Promise<void> {
    const { status } = await run.write(bytes);
    if (status === 200) this.world.acknowledged(bytes);
    else this.world.alarms.push(`writing answers ${status}`);
  }

  private async tofu(declaration: Declaration): Promise<TofuRun> {
    const { world, witness, name } = this;
    const session = await GatewaySession.open({
      state: STATE,
      region: 'us-east-1',
      declaration,
      store: world,
      witness,
      by: `${name}@here`,
      compareAndSwap: world.compareAndSwap,
      guarded: true,
      pauseMs: 1,
      sleep: () => world.wait(),
    });
    return new TofuRun(session, []);
  }

  private async end(run: TofuRun): Promise<void> {
    const { alarms } = this.world;
    await run.session.end();
    alarms.push(...run.codes);
    alarms.push(...run.session.notes.filter((note) => !FINE_NOTES.some((fine) => fine.test(note))));
    if (run.session.unkept !== undefined) alarms.push('a state is left to be recovered');
  }

  private luck(below: number): number {
    return Math.floor(this.world.random() * below);
  }
}
