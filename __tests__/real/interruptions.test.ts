import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { table } from '../../console/table.ts';
import type { Ground } from '../../operations/rehearsal/stacks/ground.ts';
import { ensure } from '../../operations/secrets/command.ts';
import { STACK_ORDER } from '../../operations/stack-order.ts';
import { locate } from '../../operations/tools/locate.ts';
import { figure } from '../support/long.ts';
import { missingForStacks, startGround } from './stacks/ground.ts';
import { type AppliedRun, SIGNALS, type Signal } from './stacks/interruption.ts';
import type { Inventory } from './stacks/inventory.ts';
import type { Orphans } from './stacks/orphans.ts';
import { differenceOf, lockIn, Recovery, refusalsIn } from './stacks/recovery.ts';

const missing = await missingForStacks();
const ROUND_MS = 300_000;

/** How much of a run is over when it is interrupted: the middle of each of so many parts. */
const SHARES = spread(figure(SIGNALS.length, 10));
/** Every signal at every point; in a sample one signal at each. */
const ROUNDS = SHARES.flatMap((share, index) =>
  SIGNALS.slice(figure(index, 0), figure(index + 1, SIGNALS.length)).map(
    (signal): readonly [Signal, number] => [signal, share],
  ),
);
const ASKED = ROUNDS.filter(([signal]) => signal !== 'SIGKILL');
const KILLED = ROUNDS.filter(([signal]) => signal === 'SIGKILL');

const HEADER = ['stack', 'killed', 'in state', 'objects in no state', 'releases in no state'];
const MORE = ['lock', 'the next apply', 'after adopting by hand'];

describe.skipIf(missing.length > 0)(
  `an apply that is interrupted${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    let ground: Ground;
    let tofu: string;
    const orphanTable: string[][] = [];
    const endings: string[][] = [];

    beforeAll(async () => {
      const located = await locate('tofu');
      if (located.status === 'missing') throw new Error(located.because);
      tofu = located.path;
      ground = await startGround();
    }, 180_000);

    afterAll(async () => {
      await ground?.stop();
      const signalled = table(
        ['stack', 'signal', 'at', 'ended with', 'then done', 'in state', 'the next apply made'],
        endings,
      );
      const killed = table([...HEADER, ...MORE], orphanTable);
      process.stdout.write(`\n${[...signalled, '', ...killed].join('\n')}\n`);
    });

    describe.each(STACK_ORDER)('of %s', (name) => {
      let recovery: Recovery;
      let whole: AppliedRun;
      let reference: Inventory;

      beforeAll(async () => {
        const { environment, cluster, folder, stacks } = ground;
        await makeSecrets(name, join(folder, 'given'), environment);
        await stacks[name].init();
        recovery = new Recovery(cluster.api, tofu, stacks[name].folder, environment);
        whole = await recovery.apply();
        expect(whole).toMatchObject({ code: 0, errors: [] });
        reference = await recovery.inventory();
        await stacks[name].destroy();
      }, ROUND_MS);

      // Also what a round that failed has left, as far as it is in the state.
      afterEach(async () => {
        await ground.stacks[name].destroy();
      }, ROUND_MS);

      const pointAt = (share: number) => Math.max(1, Math.round(share * whole.events));
      const said = ({ atSignal }: AppliedRun) =>
        `${atSignal?.done} done, ${atSignal?.underWay} under way, of ${whole.done.length}`;

      test.each(ASKED)(
        'by %s after %f of its run keeps all it made, and the next one makes the rest once',
        async (signal, share) => {
          const cut = await recovery.apply({ signal, afterEvents: pointAt(share) });
          const orphans = await recovery.orphans();
          const before = await recovery.inventory();
          const again = await recovery.apply();
          endings.push([
            name,
            signal,
            said(cut),
            `${cut.code}: ${[...new Set(cut.errors.map(({ summary }) => summary))].join(', ')}`,
            `${cut.done.length}`,
            `${orphans.inState}, ${orphans.tainted.length} tainted`,
            `${again.done.length}`,
          ]);
          expect(orphans).toMatchObject({ objects: [], releases: [] });
          expect(again).toMatchObject({ code: 0, errors: [] });
          expect(again.done.filter((address) => cut.done.includes(address))).toEqual([]);
          const now = await recovery.inventory();
          expect(recovery.replaced(before, now)).toEqual(orphans.tainted);
          expect(differenceOf(reference, now)).toEqual({ extra: [], missing: [] });
          expect(await ground.stacks[name].planAgain()).toBe(0);
        },
        ROUND_MS,
      );

      test.each(KILLED)(
        'by %s after %f of its run leaves what a person can adopt by hand',
        async (signal, share) => {
          const cut = await recovery.apply({ signal, afterEvents: pointAt(share) });
          expect(cut.code).toBeUndefined();
          const left = await recovery.orphans();
          const lock = lockIn((await recovery.apply()).errors);
          expect(lock).toBeDefined();
          await recovery.unlock(lock ?? '');
          const refused = await recovery.apply();
          const orphans = await recovery.orphans();
          // What is orphaned is refused, and nothing else is.
          expect(refused.code).toBe(orphanedNames(left).length === 0 ? 0 : 1);
          expect(orphanedNames(left)).toEqual(
            expect.arrayContaining(refused.errors.map(({ address }) => address)),
          );
          const adopted = await recovery.adopt(orphans);
          expect(adopted).toMatchObject({ code: 0, errors: [] });
          const now = await recovery.inventory();
          const { extra, missing: lost } = differenceOf(reference, now);
          orphanTable.push([
            name,
            said(cut),
            `${left.inState}`,
            `${left.objects.length}`,
            releasesOf(left),
            lock === undefined ? 'free' : 'held',
            refusalsIn(refused.errors).join(', ') || 'good',
            `good, ${extra.length} with a second revision`,
          ]);
          expect(lost).toEqual([]);
          // Only a release that was imported has a second revision: the provider reads no values, and sets them anew.
          expect(extra).toEqual(
            orphans.releases
              .filter(({ status }) => status === 'deployed')
              .map(({ object }) => object.replace(/1$/, '2'))
              .sort(),
          );
          expect(await ground.stacks[name].planAgain()).toBe(0);
        },
        ROUND_MS,
      );
    });
  },
);

function spread(points: number): number[] {
  return Array.from({ length: points }, (_, index) => Number(((index + 0.5) / points).toFixed(2)));
}

async function makeSecrets(
  stack: string,
  given: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const said: string[] = [];
  const printer = {
    result: (line: string) => void said.push(line),
    problem: (line: string) => void said.push(line),
  };
  const code = await ensure([stack, '--from', given], printer, environment);
  expect({ code, said }).toMatchObject({ code: 0 });
}

function orphanedNames({ objects, releases }: Orphans): string[] {
  return [...objects, ...releases].map(({ address }) => address);
}

function releasesOf({ releases }: Orphans): string {
  const statuses = [...new Set(releases.map(({ status }) => status))].sort();
  return (
    statuses
      .map((status) => `${releases.filter((one) => one.status === status).length} ${status}`)
      .join(', ') || 'none'
  );
}
