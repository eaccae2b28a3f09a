import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '../../../operations/rehearsal/cluster/api.ts';
import { jsonIn, runTofu } from '../../../operations/tofu/run-tofu.ts';
import { type AppliedRun, type ApplyError, applyInterrupted, type Signal } from './interruption.ts';
import { addedTo, type Inventory, takeInventory } from './inventory.ts';
import { type Declared, declaredIn, findOrphans, type Orphans } from './orphans.ts';

/**
 * What gets another name each time: controllers make it, and take care that there is enough of it. The Jobs among it are those
 * of a CronJob, which have the minute in their names.
 */
const NAMED_ANEW = /^(EndpointSlice|IPAddress|PersistentVolume|Pod) |^Job .*-\d{8,}$/;

/** What differs between two clusters in which the same was applied, without what never has the same name. */
export interface Difference {
  readonly extra: readonly string[];
  readonly missing: readonly string[];
}

/** Compares by name. What was created twice shows as a second name, or as a second revision of a release. */
export function differenceOf(reference: Inventory, now: Inventory): Difference {
  const named = (titles: readonly string[]) => titles.filter((title) => !NAMED_ANEW.test(title));
  return { extra: named(addedTo(reference, now)), missing: named(addedTo(now, reference)) };
}

/** The steps of a person whose apply was interrupted, in the folder of one stack. */
export class Recovery {
  private readonly run: { tofu: string; folder: string; environment: NodeJS.ProcessEnv };
  private readonly api: Api;
  private readonly declared: readonly Declared[];

  constructor(api: Api, tofu: string, folder: string, environment: NodeJS.ProcessEnv) {
    this.run = { tofu, folder, environment };
    this.api = api;
    this.declared = declaredIn(folder);
  }

  apply(interrupt?: {
    readonly signal: Signal;
    readonly afterEvents: number;
  }): Promise<AppliedRun> {
    return applyInterrupted({ ...this.run, ...(interrupt === undefined ? {} : { interrupt }) });
  }

  inventory(): Promise<Inventory> {
    return takeInventory(this.api);
  }

  /** What is in the cluster and in no state. */
  async orphans(): Promise<Orphans> {
    const state = jsonIn(await runTofu({ ...this.run, args: ['state', 'pull'] }));
    return findOrphans(this.api, this.declared, state);
  }

  /** Objects of the stack that were there before and are others now, though they have the same name. */
  replaced(before: Inventory, now: Inventory): string[] {
    return this.declared
      .filter(({ object }) => before.has(object) && before.get(object) !== now.get(object))
      .map(({ address }) => address);
  }

  async unlock(id: string): Promise<void> {
    const result = await runTofu({ ...this.run, args: ['force-unlock', '-force', id] });
    if (result.code !== 0) throw new Error(`force-unlock: ${result.stderr}`);
  }

  /** Brings into the state what was orphaned: removes the records of releases that never ended, and imports the rest. */
  async adopt({ objects, releases }: Orphans): Promise<AppliedRun> {
    for (const { object, status } of releases) {
      const [namespace = '', name = ''] = object.replace('Secret ', '').split('/');
      if (status !== 'deployed') {
        await this.api.remove(`/api/v1/namespaces/${namespace}/secrets/${name}`);
      }
    }
    const importable = [...objects, ...releases.filter(({ status }) => status === 'deployed')];
    const file = join(this.run.folder, 'imports.tf.json');
    const blocks = importable.map(({ address, id }) => ({ to: address, id }));
    writeFileSync(file, JSON.stringify({ import: blocks }));
    try {
      return await this.apply();
    } finally {
      rmSync(file);
    }
  }
}

/** The ID of the lock that an apply was refused for. */
export function lockIn(errors: readonly ApplyError[]): string | undefined {
  return errors
    .filter(({ summary }) => summary === 'Error acquiring the state lock')
    .map(({ detail }) => /^ +ID: +(\S+)$/m.exec(detail)?.[1])
    .find((id) => id !== undefined);
}

/** What an apply was refused for, by what the refusal says, without the names in it. */
export function refusalsIn(errors: readonly ApplyError[]): string[] {
  const numbers = new Map<string, number>();
  for (const { summary, detail } of errors) {
    const text = `${summary} ${detail}`;
    const kind = REFUSALS.find((one) => text.includes(one)) ?? text.trim();
    numbers.set(kind, (numbers.get(kind) ?? 0) + 1);
  }
  return [...numbers].map(([kind, number]) => `${number} x ${kind}`).sort();
}

const REFUSALS = ['already exists', 'cannot re-use a name that is still in use'];
