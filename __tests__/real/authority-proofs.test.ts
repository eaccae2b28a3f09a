import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deepCheckCommand } from '../../backend/authority/deep-check.ts';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { seededRandom } from '../../backend/lying-store/seeded-random.ts';
import { type ServedStore, serveStore } from '../../backend/lying-store/serve-store.ts';
import { adopt } from '../../backend/recovery/commands/adopt.ts';
import { recover } from '../../backend/recovery/commands/recover.ts';
import { keptStates } from '../../backend/recovery/errored-state.ts';
import { creationsIn, pendingJournals } from '../../backend/recovery/left-journal.ts';
import { instancesOf, parsedState } from '../../backend/recovery/state-difference.ts';
import { stackState } from '../../backend/stack-state.ts';
import { apply } from '../../backend/tofu/commands/apply.ts';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { destroy } from '../../backend/tofu/commands/destroy.ts';
import { init } from '../../backend/tofu/commands/init.ts';
import { passedOn } from '../../backend/tofu/commands/passed-on.ts';
import { plan } from '../../backend/tofu/commands/plan.ts';
import { state } from '../../backend/tofu/commands/state.ts';
import { unlock } from '../../backend/tofu/commands/unlock.ts';
import { showWitness } from '../../backend/witness/command.ts';
import { readSettings } from '../../config/read-settings.ts';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { encryptionBlock } from '../../stacks/state-encryption.ts';
import { longestWait, overlaps } from '../backend/proofs/lock-race.ts';
import { exampleFile } from '../support/examples.ts';
import { figure } from '../support/long.ts';
import { bundleDriver, DriverProcess } from './authority/driver-process.ts';
import { LockRacers } from './authority/lock-racers.ts';
import { STRIKES, type Strike, StruckStore } from './authority/struck-store.ts';
import { TofuWatch } from './authority/tofu-watch.ts';
import { type Command, DriverStack, resources, type Said } from './driver-stack.ts';
import { findHidden, findInBytes, type Needles } from './hidden-text.ts';
import { needsProgram } from './needs.ts';
import { stateIdentity } from './tofu-folder.ts';

const BUCKET = 'tofu-state';
const REGION = 'us-east-1';
const STORES = ['versitygw', 'minio'] as const;
const LONG_MS = 3_600_000;

const stacks: DriverStack[] = [];
const closing: (() => Promise<void>)[] = [];
beforeEach(async (context) => void (await needsProgram(context, 'tofu')));
afterEach(async () => {
  for (const stack of stacks.splice(0)) stack.remove();
  for (const close of closing.splice(0)) await close();
});

function stackOn(...args: ConstructorParameters<typeof DriverStack>): DriverStack {
  const stack = new DriverStack(...args);
  stacks.push(stack);
  return stack;
}

async function started(kind: (typeof STORES)[number]): Promise<RunningStore> {
  const store = await startStore({ kind, settings: readSettings(exampleFile('minimal')) });
  closing.push(() => store.stop());
  return store;
}

describe.each(STORES)('an honest store: %s', (kind) => {
  const runs = figure(3, 100);
  const acquisitions = figure(50, 1000);
  const people = 4;
  beforeEach(async (context) => void (await needsProgram(context, kind)));

  test(
    `is never called a liar, in ${runs} random runs of two operators with the real tofu (S7)`,
    async () => {
      const store = await started(kind);
      const place = { endpoint: store.endpoint, keys: stateIdentity(store) };
      const random = seededRandom(runs, kind);
      const two = [stackOn(place), stackOn(place)] as const;
      for (const one of two) one.write(resources({ one: 'first' }));
      await good(two[0], deploy, ['--first-run']);
      for (let run = 0; run < runs; run += 1) {
        const [one, other] = random() < 0.5 ? two : [two[1], two[0]];
        const what = OPERATIONS[Math.floor(random() * OPERATIONS.length)];
        await what?.(one, other, `${random()}`);
      }
      // Both know the same in the end.
      for (const one of two) await good(one, plan);
      const [first, second] = await Promise.all(two.map((one) => one.run(state, ['pull'])));
      expect(first?.results).toBe(second?.results);
      expect(await two[0].object(`${two[0].key}.tflock`)).toBeUndefined();
    },
    LONG_MS,
  );

  test(
    `gives the lock to one at a time, ${acquisitions} times to ${people} who race for it (S11)`,
    async () => {
      const store = await started(kind);
      const { endpoint, region } = store;
      const keys = stateIdentity(store);
      const access = { endpoint, bucket: BUCKET, region, pathStyle: true, keys };
      const racers = new LockRacers(access, acquisitions);
      await racers.run(people);
      expect(racers.findings).toEqual([]);
      expect(overlaps(racers.history)).toEqual([]);
      const took = racers.history.filter(({ what }) => what === 'took');
      expect(took.length).toBeGreaterThanOrEqual(acquisitions);
      expect(new Set(took.map(({ who }) => who)).size).toBe(people);
      expect(longestWait(racers.history, racers.history.length)).toBeLessThanOrEqual(2);
      expect(racers.written).toBeGreaterThan(acquisitions / 10);
      expect(await racers.serial()).toBe(racers.written);
    },
    LONG_MS,
  );
});

/** A command that has to end well, and to find nothing. */
async function good(stack: DriverStack, command: Command, args: readonly string[] = []) {
  const said = await stack.run(command, args);
  expect({ args, code: said.code, problems: said.problems }).toMatchObject({ code: 0 });
  expect(said.problems).not.toMatch(/^\S+: the store /m);
  return said;
}

/** What operators do; the other one may be at work too. */
const OPERATIONS: readonly ((
  one: DriverStack,
  other: DriverStack,
  text: string,
) => Promise<void>)[] = [
  async (one) => void (await good(one, init)),
  async (one) => void (await good(one, plan)),
  async (one, _, text) => {
    one.write(resources({ one: text, two: 'second' }));
    await good(one, deploy);
  },
  async (one) => void (await good(one, destroy, ['--confirm', one.stack])),
  async (one) => {
    const pulled = JSON.parse((await good(one, state, ['pull'])).results);
    const file = join(one.home, 'pushed.tfstate');
    writeFileSync(file, JSON.stringify({ ...pulled, serial: pulled.serial + 2 }));
    await good(one, passedOn, ['state', 'push', file]);
  },
  async (one, other) => {
    const id = 'c0ffee00-0000-4000-8000-000000000000';
    const names = [
      ['ID', id],
      ['Operation', 'OperationTypeApply'],
      ['Who', 'ada@gone'],
      ['Created', new Date().toISOString()],
    ];
    await one.put(`${one.key}.tflock`, JSON.stringify(Object.fromEntries(names)));
    const held = await other.run(plan);
    expect(held.problems).toContain(id);
    expect(held.problems).not.toMatch(/^\S+: the store /m);
    await good(other, unlock, [id, '--confirm', other.stack]);
  },
  async (one, other) => {
    // One of them may have to wait; neither may be told of a store that lies.
    for (const said of await Promise.all([one.run(plan), other.run(plan)])) {
      expect(said.problems).not.toMatch(/^\S+: the store /m);
      if (said.code !== 0) expect(said.problems).toMatch(/the lock is held by|is locked by/);
    }
  },
];

describe('an apply that is struck', () => {
  /** What a run asks beside its guard, as was counted; a strike that comes too late strikes nothing. */
  const Requests = 14;
  const strikes = STRIKES.filter(({ answer, kills }) => answer !== 'hangs' || kills !== undefined);
  const isLong = figure(0, 1) === 1;
  const cells = isLong
    ? STRIKES.flatMap((strike) =>
        Array.from({ length: Requests }, (_, index): [string, number, Strike] => [
          strike.name,
          index + 1,
          strike,
        ]),
      )
    : sampled(strikes, Requests);
  const keys = freshIdentity();
  let store: StruckStore;
  let served: ServedStore;

  beforeAll(async () => await bundleDriver());
  beforeEach(async () => {
    store = new StruckStore(BUCKET);
    served = await serveStore({ store, keys, region: REGION });
    closing.push(() => served.stop());
  });

  test.each(cells)(
    'by %s, at request %i: nothing is lost, and the next run says what happened (S8)',
    async (_, at, strike) => {
      const stack = stackOn({ endpoint: served.endpoint, keys });
      const made = join(stack.home, 'made');
      writeFileSync(made, '');
      stack.write(resources({ one: witnessed(made, 'one') }));
      await good(stack, deploy, ['--first-run']);
      const all = ['one', 'two', 'three'];
      stack.write(resources(Object.fromEntries(all.map((name) => [name, witnessed(made, name)]))));
      await good(stack, plan);

      const driver = new DriverProcess(stack);
      store.arm({
        at,
        strike,
        kill: { driver: () => driver.killDriver(), tofu: () => driver.killTofu() },
      });
      const end = await driver.end();
      store.disarm();
      if (strike.kills?.includes('driver') === true && store.count >= at) {
        expect(end.code).toBeUndefined();
      }
      const next = await stack.run(plan);
      const lost = linesOf(made).filter(
        (name) => !writtenDown(stack).has(`terraform_data.${name}`),
      );
      expect({ lost, said: end.said }).toMatchObject({ lost: [] });
      requireTold(next);
      await settle(stack, next);
      await good(stack, deploy);
      expect(namesIn(store.truth.bucketNamed(BUCKET)?.current(stack.key)?.body)).toEqual(
        new Set(all.map((name) => `terraform_data.${name}`)),
      );
    },
    LONG_MS,
  );

  function writtenDown(stack: DriverStack): ReadonlySet<string> {
    const { state: memory } = memoryOf(stack);
    const bytes = store.truth.bucketNamed(BUCKET)?.current(stack.key)?.body;
    const kept = keptStates(memory).flatMap((one) => [...namesIn(one.bytes())]);
    const begun = creationsIn(pendingJournals(memory)).map(({ address }) => address);
    return new Set([...namesIn(bytes), ...kept, ...begun]);
  }
});

/** Each strike once, at another request. */
function sampled(strikes: readonly Strike[], requests: number): [string, number, Strike][] {
  const random = seededRandom(9, 'strikes');
  return strikes.map((strike) => [strike.name, 3 + Math.floor(random() * (requests - 4)), strike]);
}

/** A resource that leaves a line where nobody loses it when it is made. */
function witnessed(file: string, name: string) {
  const provisioner = { 'local-exec': { command: `echo ${name} >> ${file}` } };
  return { input: name, provisioner };
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function namesIn(bytes: Buffer | undefined): ReadonlySet<string> {
  if (bytes === undefined) return new Set();
  return new Set(instancesOf(parsedState(bytes)).map(({ address }) => address));
}

function memoryOf(stack: DriverStack) {
  const { environment } = stack;
  const settings = readSettings(environment.FLYWHEEL_CONFIG ?? '');
  return { settings, state: stackState(stack.stack, settings, environment) };
}

function requireTold({ code, problems }: Said): void {
  if (code === 0) return;
  expect([1, 4]).toContain(code);
  expect(problems).toMatch(/just tofu-(state-recover|state-adopt|unlock) arc-runners/);
}

/** Does what the next run asks for, until it asks for nothing. */
async function settle(stack: DriverStack, first: Said): Promise<void> {
  const confirm = ['--confirm', stack.stack];
  let said = first;
  for (let way = 0; said.code !== 0 && way < 5; way += 1) {
    const lock = lockIdIn(await stack.object(`${stack.key}.tflock`));
    if (lock !== undefined) await good(stack, unlock, [lock, ...confirm]);
    if (said.problems.includes('tofu-state-recover')) await stack.run(recover, confirm);
    if (said.problems.includes('tofu-state-adopt')) await stack.run(adopt, confirm);
    said = await stack.run(plan);
  }
  expect({ code: said.code, problems: said.problems }).toMatchObject({ code: 0 });
}

function lockIdIn(bytes: Buffer | undefined): string | undefined {
  return bytes === undefined ? undefined : /"ID":\s*"([^"]+)"/.exec(bytes.toString('utf8'))?.[1];
}

describe('the keys of an operator', () => {
  const keys = {
    ...freshIdentity(),
    sessionToken: 'FwoGZXIvYXdzEJr//Session+Token/of=nobody==q7/Zk',
  };
  const passphrase = 'correct/horse+battery "staple" 2026';
  const needles: Needles = { ...keys, passphrase };

  test(
    'are in no file, argument, environment, line or bundle, however they are written (S4)',
    async () => {
      const store = new HonestStore({ bucket: BUCKET });
      const served = await serveStore({ store, keys, region: REGION });
      closing.push(() => served.stop());
      const stack = stackOn({ endpoint: served.endpoint, keys });
      encrypted(stack);
      const more = {
        TOFU_BACKEND_S3_SESSION_TOKEN: keys.sessionToken,
        STATE_PASSPHRASE: passphrase,
      };
      const watch = new TofuWatch(stack);
      const said = [
        await stack.run(deploy, ['--first-run'], more),
        await stack.run(plan, [], more),
        await stack.run(showWitness, [], more),
      ];
      const bundle = join(stack.home, 'bundle');
      mkdirSync(bundle);
      said.push(await stack.run(deepCheckCommand, ['--save', bundle], more));
      // What a killed tofu leaves is looked through as well.
      writeEncrypted(stack, 'changed');
      said.push(await stack.run(plan, [], more));
      watch.killNext();
      said.push(await stack.run(apply, [], more));
      await watch.stop();
      expect(said.map(({ code }) => code).slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
      for (const [index, { results, problems }] of said.entries()) {
        expect(findInBytes(Buffer.from(results + problems), needles), `command ${index}`).toEqual(
          [],
        );
      }
      for (const folder of [stack.home, stack.work])
        expect(findHidden(folder, needles)).toEqual([]);
      const stored = store.bucketNamed(BUCKET);
      for (const key of stored?.keys() ?? []) {
        expect(findInBytes(stored?.current(key)?.body ?? Buffer.alloc(0), needles)).toEqual([]);
      }
      expect(said.at(-1)?.code).not.toBe(0);
      // What may be there is found.
      expect(findHidden(stack.home, { bucket: BUCKET })).not.toEqual([]);
      expect(watch.seen).toBeGreaterThan(3);
      expect(watch.foundIn('cmdline', needles)).toEqual([]);
      // Tofu has to have the passphrase, in the one variable that is made for it; it has nothing else of the operator.
      expect(watch.foundIn('environ', keys)).toEqual([]);
      expect(watch.variablesWith(passphrase)).toEqual(['TF_ENCRYPTION']);
    },
    LONG_MS,
  );
});

/** Settings and JSON of a stack whose states and plans are encrypted. */
function encrypted(stack: DriverStack): void {
  const file = stack.environment.FLYWHEEL_CONFIG ?? '';
  const text = readFileSync(file, 'utf8');
  const block =
    '  encryption:\n    key:\n      kind: passphrase\n      name: state_2026\n      from:\n        source: environment\n        variable: STATE_PASSPHRASE\n';
  writeFileSync(file, `${text}\nstate:\n${block}`);
  writeEncrypted(stack, 'first');
}

function writeEncrypted(stack: DriverStack, input: string): void {
  const { encryption } = memoryOf(stack).settings.state;
  if (encryption === undefined) throw new Error('nothing is encrypted');
  stack.write(resources({ one: input }));
  const file = join(stack.folder, STACK_FILE);
  const json = JSON.parse(readFileSync(file, 'utf8'));
  json.terraform.encryption = encryptionBlock(encryption);
  writeFileSync(file, JSON.stringify(json));
}
