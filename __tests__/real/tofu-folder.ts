import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import type { Identity } from '../../operations/rehearsal/store/buckets.ts';
import type { RunningStore } from '../../operations/rehearsal/store/store.ts';
import { awsVariables } from '../../operations/rehearsal/store/variables.ts';
import { runTofu, type TofuResult } from '../../operations/tofu/run-tofu.ts';

/** The backend block of a stack, as far as tests ask for it. */
export interface Backend {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
}

interface StackJson {
  readonly terraform: {
    readonly backend: { readonly s3: Backend };
    readonly required_version: string;
  };
}

/** The backend block of a synthesized stack. */
export function backendOf(json: unknown): Backend {
  return (json as StackJson).terraform.backend.s3;
}

/** The identity of the bucket of states. */
export function stateIdentity({ buckets }: RunningStore): Identity {
  const state = buckets.find(({ purpose }) => purpose === 'state');
  if (state === undefined) throw new Error('the store has no bucket of states');
  return state.identity;
}

/** What leads a tofu to a store, there or behind another address. */
export function storeEnvironment(
  store: RunningStore,
  endpoint: string = store.endpoint,
): NodeJS.ProcessEnv {
  return awsVariables({ endpoint, buckets: store.buckets });
}

/**
 * The folder of a stack without its resources and providers: the backend block and the version are those that were
 * synthesized, and in place of the rest stands a resource that tofu brings itself.
 */
export class TofuFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'flywheel-tofu-'));
  private readonly home = mkdtempSync(join(tmpdir(), 'flywheel-home-'));
  private readonly tofu: string;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    tofu: string,
    json: unknown,
    environment: NodeJS.ProcessEnv,
    resource: object = { terraform_data: { probe: { input: 'probe' } } },
  ) {
    const { backend, required_version } = (json as StackJson).terraform;
    const stripped = { terraform: { backend, required_version }, resource };
    writeFileSync(join(this.path, STACK_FILE), JSON.stringify(stripped));
    this.tofu = tofu;
    this.environment = environment;
  }

  /** Runs tofu here with nothing in its environment but what leads to the store. */
  run(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<TofuResult> {
    const environment = {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: this.home,
      AWS_EC2_METADATA_DISABLED: 'true',
      CHECKPOINT_DISABLE: '1',
      TF_INPUT: '0',
      TF_CLI_ARGS: '-no-color',
      ...this.environment,
      ...more,
    };
    return runTofu({ tofu: this.tofu, folder: this.path, args, environment, deadlineMs: 60_000 });
  }

  remove(): void {
    for (const folder of [this.path, this.home]) rmSync(folder, { recursive: true, force: true });
  }
}
