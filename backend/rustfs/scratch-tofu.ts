import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import { findTofu } from '../../operations/tofu/find-tofu.ts';
import { complaintOf, runTofu } from '../../operations/tofu/run-tofu.ts';
import { tofuEnvironment } from '../../operations/tofu/tofu-environment.ts';
import { backendBlock } from '../backend-block.ts';
import { startGateway } from '../gateway/gateway.ts';
import type { StackState } from '../stack-state.ts';
import { isState, readState } from '../state/state-document.ts';
import type { Store } from '../store/store-client.ts';
import type { StateMark } from '../witness/state-mark.ts';
import type { Memory, Witness } from '../witness/witness.ts';
import type { ScratchTofuRecord } from './gate-records.ts';

const OK = 200;
const NOT_FOUND = 404;
const STEP_MS = 120_000;

/** Each step, with the value of the one resource; no provider is needed for it. */
const STEPS = [
  ['init', ['init', '-input=false', '-no-color'], 'one'],
  ['apply', ['apply', '-auto-approve', '-input=false', '-no-color'], 'one'],
  ['plan', ['plan', '-detailed-exitcode', '-input=false', '-no-color'], 'one'],
  ['change', ['apply', '-auto-approve', '-input=false', '-no-color'], 'two'],
  ['destroy', ['destroy', '-auto-approve', '-input=false', '-no-color'], 'two'],
] as const;

/** Where the scratch state is to lie. */
export interface ScratchTofuHow {
  readonly store: Store;
  readonly bucket: string;
  readonly region: string;
  readonly by: string;
  readonly compareAndSwap: boolean;
  readonly environment: NodeJS.ProcessEnv;
}

/** What a run of tofu came to. */
export type ScratchTofu = Pick<ScratchTofuRecord, 'removed' | 'serials' | 'steps' | 'tofu'>;

/**
 * Runs the real tofu through the gateway on a state of its own, from the first write to the last, and removes that state
 * whatever happens. It touches no state of a stack.
 *
 * @throws Failure where there is no tofu, or where the state could not be removed
 */
export async function scratchTofu(how: ScratchTofuHow): Promise<ScratchTofu> {
  const found = await findTofu();
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-scratch-tofu-'));
  const state = scratchState(folder, how.bucket);
  const gateway = await startGateway({
    state,
    region: how.region,
    declaration: { firstRun: true, writes: true, destroys: true },
    store: how.store,
    witness: new OwnMemory(),
    by: how.by,
    compareAndSwap: how.compareAndSwap,
  });
  const { accessKeyId, secretAccessKey } = gateway.keys;
  const environment = {
    ...tofuEnvironment(how.environment),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_S3: gateway.endpoint,
    TF_DATA_DIR: join(folder, 'data'),
  };
  const steps: { name: string; code: number }[] = [];
  const serials: number[] = [];
  try {
    for (const [name, args, value] of STEPS) {
      write(folder, value, state, how.region);
      const run = { tofu: found.path, folder, args, environment, deadlineMs: STEP_MS };
      const result = await runTofu(run);
      steps.push({ name, code: result.code ?? 1 });
      if (result.code !== 0) {
        const [finding] = gateway.findings;
        throw new Failure(
          `tofu ${name} on a scratch state: ${finding === undefined ? complaintOf(result) : `the store ${finding.did}`}`,
        );
      }
      if (name === 'apply' || name === 'change') serials.push(await serialOf(how.store, state));
    }
  } finally {
    await gateway.stop();
    await remove(how.store, state);
    rmSync(folder, { recursive: true, force: true });
  }
  return { tofu: found.version, steps, serials, removed: true };
}

function scratchState(folder: string, bucket: string): StackState {
  const key = `.flywheel-scratch-tofu/${Date.now().toString(36)}-${process.pid}/terraform.tfstate`;
  const memory = join(folder, 'memory');
  mkdirSync(memory, { mode: 0o700 });
  return {
    // The name of a stack is all that is missing to it; nothing of that stack is read or written.
    stack: 'attic',
    bucket,
    key,
    lockKey: `${key}.tflock`,
    holdsOwnStore: false,
    memory,
    work: join(folder, 'work'),
  };
}

function write(folder: string, input: string, { bucket, key }: StackState, region: string): void {
  const document = {
    terraform: { backend: backendBlock({ bucket, key, region }) },
    resource: { terraform_data: { scratch: { input } } },
  };
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(document), { mode: 0o600 });
}

async function serialOf(store: Store, { bucket, key }: StackState): Promise<number> {
  const { status, body } = await store.send({ method: 'GET', bucket, key });
  const read = readState(body);
  if (status !== OK || !isState(read)) throw new Failure('the scratch state cannot be read back');
  return read.serial;
}

async function remove(store: Store, { bucket, key, lockKey }: StackState): Promise<void> {
  for (const each of [key, lockKey]) {
    await store.send({ method: 'DELETE', bucket, key: each });
    const { status } = await store.send({ method: 'GET', bucket, key: each });
    if (status === NOT_FOUND) continue;
    throw new Failure(`the scratch state ${bucket}/${each} is still there: remove it by hand`);
  }
}

/** A witness for one run, of a state that nobody else knows. */
class OwnMemory implements Witness {
  private mark: StateMark | undefined;

  async recall(): Promise<Memory> {
    return this.mark === undefined
      ? { kind: 'never-seen' }
      : { kind: 'remembers', mark: this.mark };
  }

  async advance(_stack: string, mark: StateMark): Promise<void> {
    this.mark = mark;
  }

  async accept(_stack: string, mark: StateMark): Promise<void> {
    this.mark = mark;
  }
}
