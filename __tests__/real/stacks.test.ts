import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drift } from '../../backend/drift/command.ts';
import { table } from '../../console/table.ts';
import { runPreflight } from '../../operations/preflight/command.ts';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import { type DeclaredFlow, evaluateFlows } from '../../operations/rehearsal/cluster/flows.ts';
import type { Ground } from '../../operations/rehearsal/stacks/ground.ts';
import {
  isStateful,
  type PlannedChange,
} from '../../operations/rehearsal/stacks/planned-changes.ts';
import { ensure } from '../../operations/secrets/command.ts';
import { STACK_ORDER } from '../../operations/stack-order.ts';
import { eventually } from '../support/cluster-objects.ts';
import { namespacesByLevel, quotaUse, refusals, tryPrivileged } from './stacks/admission.ts';
import { planVariant, ROWS, thoseThat } from './stacks/change-matrix.ts';
import { FLOWS, FLOWS_AFTER_DESTROY } from './stacks/declared-flows.ts';
import { EDITS, make, noticed, unexplained } from './stacks/drift-matrix.ts';
import { missingForStacks, startGround } from './stacks/ground.ts';
import { addedTo, type Inventory, takeInventory } from './stacks/inventory.ts';
import { classify, KEPT } from './stacks/kept.ts';
import { readinessOf } from './stacks/readiness.ts';
import { probeRights } from './stacks/rights-probe.ts';
import { StateBehindService } from './stacks/state-behind-service.ts';
import { synthesizeVariant } from './stacks/variants.ts';

const missing = await missingForStacks();
const READY_MS = 120_000;
const MINUTES = 60_000;

/** The webhooks of CloudNativePG, which the harness keeps from refusing everything: the one thing that it edits itself. */
const HARNESS = /WebhookConfiguration cnpg-\S+ webhooks\[\S+\]\.failurePolicy$/;

describe.skipIf(missing.length > 0)(
  `the four stacks, applied${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    let ground: Ground;
    let empty: Inventory;
    let said: string[] = [];
    const printer = {
      result: (line: string) => void said.push(line),
      problem: (line: string) => void said.push(line),
    };
    const print = (...lines: string[]) => void process.stdout.write(`${lines.join('\n')}\n`);
    const changeRows: string[][] = [];
    const driftRows: string[][] = [];

    beforeAll(async () => {
      ground = await startGround();
      empty = await takeInventory(ground.cluster.api);
    }, 3 * MINUTES);

    afterAll(async () => {
      const timings = Object.values(ground?.stacks ?? {}).flatMap((stack) => stack.timings);
      const rows = timings
        .filter(({ step }) => step !== 'show')
        .map(({ stack, step, seconds }) => [stack, step, seconds.toFixed(1)]);
      print('', ...table(['stack', 'step', 'seconds'], rows));
      print('', ...table(['changed', 'in place', 'created', 'replaced'], changeRows));
      print('', ...table(['edited by hand', 'a plan', 'drift'], driftRows));
      await ground?.stop();
    });

    /** The objects and fields that drift finds in a stack, besides what the harness edits. */
    async function driftIn(name: string): Promise<{ code: number; found: string[] }> {
      const lines: string[] = [];
      const machine = { result: (line: string) => void lines.push(line), problem: () => {} };
      const operator = { ...ground.environment, ...ground.stateVariables };
      const code = await drift([name, '--json'], machine, operator);
      const { deviations, blind } = JSON.parse(lines.join('\n'));
      expect(blind).toEqual([]);
      const all = deviations.map(({ object, field }: { object: string; field: string }) =>
        `${object} ${field}`.trim(),
      );
      return { code, found: all.filter((one: string) => !HARNESS.test(one)) };
    }

    /** Flows that are not as they are expected. */
    async function wrongFlows(flows: readonly DeclaredFlow[]): Promise<string[][]> {
      const results = await evaluateFlows(ground.cluster.api, flows);
      const wrong = results.filter(({ flow, verdict }) => verdict !== flow.expected);
      return wrong.map(({ flow, verdict, because }) => [flow.what, verdict, because]);
    }

    /** The UID of every claim. */
    async function claims(): Promise<Record<string, string>> {
      const all = await takeInventory(ground.cluster.api);
      return Object.fromEntries(
        [...all].filter(([title]) => title.startsWith('PersistentVolumeClaim ')),
      );
    }

    test.each(STACK_ORDER)(
      '%s: Secrets, preflight, init, plan, apply, and nothing left to do',
      async (name) => {
        const { environment, folder, stacks } = ground;
        const stack = stacks[name];
        said = [];
        const words = [name, '--from', join(folder, 'given')];
        const ensured = await ensure(words, printer, environment);
        expect({ ensured, said }).toMatchObject({ ensured: 0 });
        said = [];
        const ready = await runPreflight([name], printer, environment);
        expect({ ready, said }).toMatchObject({ ready: 0 });
        await stack.init();
        const { added, changed } = await stack.apply();
        expect(added).toBeGreaterThan(0);
        expect(changed).toBe(0);
        expect(await stack.planAgain()).toBe(0);
        print(`${name}: ${added} resources`);
      },
      15 * MINUTES,
    );

    test(
      'every Deployment, StatefulSet and Job becomes ready',
      async () => {
        const { api } = ground.cluster;
        const startedAt = performance.now();
        let last = await readinessOf(api);
        while (last.waiting.length > 0 && performance.now() - startedAt < READY_MS) {
          await new Promise((resolve) => setTimeout(resolve, 250));
          last = await readinessOf(api);
        }
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        print(`${last.total} workloads are ready ${seconds} s after the last apply`);
        expect(last.waiting).toEqual([]);
        expect(last.total).toBeGreaterThan(15);
      },
      5 * MINUTES,
    );

    test('Pod Security, quotas and limit ranges admit every pod of the stacks, and no privileged one', async () => {
      const { api } = ground.cluster;
      expect(await refusals(api)).toEqual([]);
      const { restricted, baseline, privileged } = await namespacesByLevel(api);
      expect(restricted).toContain('nix-cache');
      expect(privileged.length).toBeGreaterThan(0);
      for (const namespace of [...restricted, ...baseline]) {
        expect(await tryPrivileged(api, namespace)).toMatch(/403 .*violates PodSecurity/);
      }
      for (const namespace of privileged) {
        expect(await tryPrivileged(api, namespace)).toBe('admitted');
      }
      const quotas = await quotaUse(api);
      expect(quotas['gitlab-runners/pods']).toMatch(/^[1-9]\d* of \d+$/);
      print(JSON.stringify({ restricted, baseline, privileged, quotas }));
    });

    test(
      'every account may do what the privilege rule reads from the stacks, and no more',
      async () => {
        const { api } = ground.cluster;
        const levels = await namespacesByLevel(api);
        const stacks = STACK_ORDER.map((name) => ({
          name,
          json: JSON.parse(readFileSync(join(ground.stacks[name].folder, STACK_FILE), 'utf8')),
        }));
        const result = await probeRights(api, stacks, Object.values(levels).flat());
        expect(result).toMatchObject({
          surprises: [],
          missing: [],
          atRunTime: ['nix-cache/attic-pg'],
        });
        expect(result.allowed).toBeGreaterThan(100);
        print(
          `${result.accounts.length} accounts, ${result.questions} questions, ${result.allowed} answered with yes`,
        );
      },
      5 * MINUTES,
    );

    test('the network policies allow the flows that the stacks need', async () => {
      expect(await wrongFlows(FLOWS)).toEqual([]);
    });

    test.each(ROWS)(
      'changing $what plans exactly what it should',
      async (row) => {
        const changes = await planVariant(ground, row);
        const does = (what: PlannedChange['does']) => thoseThat(what, changes);
        changeRows.push([
          row.what,
          ...(['in place', 'created', 'replaced'] as const).map(
            (what) => does(what).join(', ') || '-',
          ),
        ]);
        expect({
          inPlace: does('in place'),
          created: does('created'),
          replaced: does('replaced'),
          destroyed: does('destroyed'),
        }).toEqual({
          inPlace: row.inPlace ?? [],
          created: row.created ?? [],
          replaced: row.replaced ?? [],
          destroyed: [],
        });
        const lost = changes.filter((one) => one.does === 'replaced' && isStateful(one));
        expect(lost).toEqual([]);
      },
      5 * MINUTES,
    );

    test(
      'nothing drifts in what was just applied',
      async () => {
        for (const name of STACK_ORDER)
          expect({ name, ...(await driftIn(name)) }).toMatchObject({ name, found: [] });
      },
      5 * MINUTES,
    );

    test(
      'what is edited by hand is found, by a plan or inside of the releases',
      async () => {
        const { api } = ground.cluster;
        const undos: (() => Promise<unknown>)[] = [];
        try {
          for (const edit of EDITS) undos.push(await make(api, edit));
          for (const name of STACK_ORDER) {
            const planned = (await ground.stacks[name].changes()).map(({ resource }) => resource);
            const { code, found } = await driftIn(name);
            expect(code).toBe(2);
            const edits = EDITS.filter(({ stack }) => stack === name);
            const rows = noticed(edits, planned, found);
            driftRows.push(
              ...rows.map((row) => [row.what, row.planned ? 'sees it' : 'sees nothing', row.found]),
            );
            expect(rows).toEqual(
              edits.map(({ what, planned: wanted, found: at }) => ({
                what,
                planned: wanted,
                found: at,
              })),
            );
            expect(unexplained(edits, found)).toEqual([]);
          }
        } finally {
          for (const undo of undos) await undo();
        }
        for (const name of STACK_ORDER) expect((await driftIn(name)).found).toEqual([]);
      },
      10 * MINUTES,
    );

    test(
      'destroy leaves what the settings protect, and the next apply takes it over',
      async () => {
        const { api } = ground.cluster;
        const before = await claims();
        for (const name of STACK_ORDER.toReversed()) await ground.stacks[name].destroy();
        const left = await eventually('the pods to be gone', async () => {
          const added = addedTo(empty, await takeInventory(api));
          // The database is kept, and so it goes on running.
          const ends = /^(Pod|PodDisruptionBudget|ReplicaSet) (?!nix-cache\/attic-pg)/;
          return added.some((title) => ends.test(title)) ? undefined : added;
        });
        print('left by destroy:', ...left.map((title) => `    ${title}`));
        expect(classify(left)).toEqual(KEPT);
        expect(await claims()).toEqual(before);
        expect(await wrongFlows(FLOWS_AFTER_DESTROY)).toEqual([]);
        for (const name of STACK_ORDER) {
          await ground.stacks[name].apply();
          expect(await ground.stacks[name].planAgain()).toBe(0);
        }
        expect(await claims()).toEqual(before);
        await eventually(
          'the workloads to be ready again',
          async () => ((await readinessOf(api)).waiting.length === 0 ? true : undefined),
          READY_MS,
        );
      },
      30 * MINUTES,
    );

    test(
      'an apply outlives a restart of the store that holds its state, and leaves the state beside the stack when the store stays away',
      async () => {
        const attic = ground.stacks.attic;
        const behind = await StateBehindService.open(ground, attic);
        try {
          const [image = {}] = ROWS;
          const folder = synthesizeVariant(ground.folder, ground.settings, image);
          const variant = attic.variant(join(folder, 'attic'));
          const restarted = await behind.applyWhile(variant, (store) =>
            store.restart({ abrupt: true }),
          );
          print(`the store restarted: ${JSON.stringify(restarted)}`);
          expect(restarted).toMatchObject({ code: 0, errored: false });
          expect(await behind.run(variant).planAgain()).toBe(0);

          const away = await behind.applyWhile(attic, (store) => store.stop());
          print(`the store stayed away: ${JSON.stringify(away)}`);
          expect(away).toMatchObject({ code: 1, errored: true });
          await behind.startAgain();
          await behind.recover(attic);
          expect(await behind.run(attic).planAgain()).toBe(0);
        } finally {
          await behind.stop();
        }
      },
      15 * MINUTES,
    );
  },
);
