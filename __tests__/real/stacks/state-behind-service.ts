import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { V1Deployment, V1Service } from '@kubernetes/client-node';
import type { Api } from '../../../operations/rehearsal/cluster/api.ts';
import type { Ground } from '../../../operations/rehearsal/stacks/ground.ts';
import type { StackRun } from '../../../operations/rehearsal/stacks/stack-run.ts';
import { type RunningStore, startStore } from '../../../operations/rehearsal/store/store.ts';
import { complaintOf } from '../../../operations/tofu/run-tofu.ts';
import { eventually } from '../../support/cluster-objects.ts';
import { storeEnvironment } from '../tofu-folder.ts';

const SERVICE = '/api/v1/namespaces/nix-cache/services/attic-rustfs-openebs';
const DEPLOYMENT = '/apis/apps/v1/namespaces/nix-cache/deployments/attic';
const PATIENCE_MS = 120_000;

/** What came of an apply whose store went away in the middle. */
export interface Interrupted {
  readonly code: number | undefined;
  readonly complaint: string;
  readonly seconds: number;
  /** True when tofu left the state beside the stack, because it could not write it. */
  readonly errored: boolean;
}

/** A real store behind the address of the Service of the object store, with the state of a stack in it. */
export class StateBehindService {
  readonly endpoint: string;
  private store: RunningStore;
  private readonly again: () => Promise<RunningStore>;
  private readonly api: Api;

  private constructor(store: RunningStore, again: () => Promise<RunningStore>, api: Api) {
    this.store = store;
    this.endpoint = store.endpoint;
    this.again = again;
    this.api = api;
  }

  /** Starts the store, and moves the state of the stack into it. */
  static async open(ground: Ground, stack: StackRun): Promise<StateBehindService> {
    const { api } = ground.cluster;
    const { spec } = await api.get<V1Service>(SERVICE);
    const address = spec?.clusterIP ?? '';
    const port = spec?.ports?.[0]?.port ?? 0;
    const data = join(ground.folder, 'store-behind-service');
    mkdirSync(data);
    const again = () => startStore({ kind: 'versitygw', address, port, data });
    const behind = new StateBehindService(await again(), again, api);
    const { stdout } = await stack.succeed('state pull', ['state', 'pull']);
    const file = resolve(ground.folder, 'state.json');
    writeFileSync(file, stdout.slice(stdout.search(/^\{/m)), { mode: 0o600 });
    await behind.run(stack).succeed('state push', ['state', 'push', file]);
    rmSync(file);
    return behind;
  }

  /** The stack, or a variant of it, with its state here. */
  run(stack: StackRun): StackRun {
    return stack.at(storeEnvironment(this.store));
  }

  /** Applies a variant, and does something to the store as soon as its first resource has changed. */
  async applyWhile(
    variant: StackRun,
    act: (store: RunningStore) => Promise<void>,
  ): Promise<Interrupted> {
    const before = await this.generation();
    const startedAt = performance.now();
    const applying = this.run(variant).run('apply', ['apply', '-auto-approve', '-input=false']);
    await eventually(
      'a change',
      async () => (await this.generation()) !== before || undefined,
      PATIENCE_MS,
    );
    await act(this.store);
    const result = await applying;
    return {
      code: result.code,
      complaint: result.code === 0 ? '' : complaintOf(result),
      seconds: (performance.now() - startedAt) / 1000,
      errored: existsSync(join(variant.folder, 'errored.tfstate')),
    };
  }

  /** Starts it again after it was ended, at the same address with the same objects. */
  async startAgain(): Promise<void> {
    this.store = await this.again();
  }

  stop(): Promise<void> {
    return this.store.stop();
  }

  /** Takes the lock of a run that could not give it back, and writes the state that the run left. */
  async recover(variant: StackRun): Promise<void> {
    const run = this.run(variant);
    const refused = await run.run('plan', ['plan', '-input=false']);
    const id = /Lock Info: ID: (\S+)/.exec(complaintOf(refused))?.[1];
    if (id === undefined) throw new Error(`the lock has no owner: ${complaintOf(refused)}`);
    await run.succeed('force-unlock', ['force-unlock', '-force', id]);
    const left = join(variant.folder, 'errored.tfstate');
    await run.succeed('state push', ['state', 'push', left]);
    rmSync(left);
  }

  private async generation(): Promise<number> {
    const { metadata } = await this.api.get<V1Deployment>(DEPLOYMENT);
    return metadata?.generation ?? 0;
  }
}
