import { expect } from 'vitest';
import { backendBlock } from '../../backend/backend-block.ts';
import { startGateway } from '../../backend/gateway/gateway.ts';
import type { GatewayOptions, RunningGateway } from '../../backend/gateway/gateway-options.ts';
import type { StackState } from '../../backend/stack-state.ts';
import type { Store } from '../../backend/store/store-client.ts';
import type { TofuResult } from '../../operations/tofu/run-tofu.ts';
import { MemoryWitness } from '../backend/gateway/memory-witness.ts';
import { TofuFolder } from './tofu-folder.ts';

/** Where the states of these tests lie. */
export const REGION = 'us-east-1';
export const BUCKET = 'tofu-state';
/** What tofu leaves when it could not write a state. */
export const ERRORED_STATE = 'errored.tfstate';

function stateAt(key: string): StackState {
  return {
    stack: 'arc-runners',
    bucket: BUCKET,
    key,
    lockKey: `${key}.tflock`,
    holdsOwnStore: false,
    memory: '',
    work: '',
  };
}

/** A stack whose state lies under that key. */
export function jsonOf(key: string) {
  const backend = backendBlock({ bucket: BUCKET, key, region: REGION });
  return { terraform: { backend, required_version: '>= 1.11' } };
}

/** Somebody who works on one stack: a folder, a witness, and a store. */
export class Operator {
  readonly state: StackState;
  readonly witness = new MemoryWitness();
  readonly folder: TofuFolder;
  readonly store: Store;
  /** Of the last run. */
  gateway: RunningGateway | undefined;

  constructor(tofu: string, store: Store, key: string) {
    this.state = stateAt(key);
    this.store = store;
    this.folder = new TofuFolder(tofu, jsonOf(key), {});
  }

  get codes(): string[] {
    return this.gateway?.findings.map(({ code }) => code) ?? [];
  }

  /** Runs tofu once through a gateway of its own. */
  async run(
    args: readonly string[],
    declaration: GatewayOptions['declaration'] = {},
    more: NodeJS.ProcessEnv = {},
  ): Promise<TofuResult> {
    const { state, store, witness } = this;
    const gateway = await startGateway({
      state,
      region: REGION,
      declaration,
      store,
      witness,
      by: 'tester@here',
      compareAndSwap: true,
    });
    this.gateway = gateway;
    try {
      return await this.folder.run(args, {
        AWS_ENDPOINT_URL_S3: gateway.endpoint,
        AWS_ACCESS_KEY_ID: gateway.keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: gateway.keys.secretAccessKey,
        ...more,
      });
    } finally {
      await gateway.stop();
    }
  }

  /** The same, which has to end well and to find nothing. */
  async good(
    args: readonly string[],
    declaration: GatewayOptions['declaration'] = {},
  ): Promise<TofuResult> {
    const result = await this.run(args, declaration);
    expect({ code: result.code, stderr: result.stderr }, args.join(' ')).toEqual({
      code: 0,
      stderr: '',
    });
    expect(this.gateway?.findings, args.join(' ')).toEqual([]);
    return result;
  }

  /** Ready for a second run. */
  async applied(): Promise<this> {
    await this.good(['init'], { firstRun: true });
    await this.good(['apply', '-auto-approve'], { firstRun: true, writes: true });
    return this;
  }
}
