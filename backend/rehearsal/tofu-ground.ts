import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import type { FoundTofu } from '../../operations/tofu/find-tofu.ts';
import { complaintOf, runTofu, type TofuResult } from '../../operations/tofu/run-tofu.ts';
import { tofuEnvironment } from '../../operations/tofu/tofu-environment.ts';
import { backendBlock } from '../backend-block.ts';
import { SYSTEM_CLOCK } from '../lying-store/clock.ts';
import type { Replying } from '../lying-store/reply.ts';
import { type ServedStore, serveStore } from '../lying-store/serve-store.ts';
import type { StoreKeys } from '../store/store-access.ts';
import { type PastRun, REHEARSED, RehearsedStore } from './rehearsed-store.ts';

export const REGION = 'us-east-1';
const RESOURCE = 'terraform_data.probe';
const READY_MS = 60_000;

/** The words of tofu for each command. One resource is made anew by an apply, so that the state has to change. */
export const WORDS = {
  init: ['init', '-input=false', '-no-color', '-reconfigure'],
  plan: ['plan', '-input=false', '-no-color'],
  apply: ['apply', '-input=false', '-no-color', '-auto-approve', `-replace=${RESOURCE}`],
  destroy: ['destroy', '-input=false', '-no-color', '-auto-approve'],
} as const satisfies Record<string, readonly string[]>;

/** A folder with one resource of tofu's own, in which tofu has written a state twice on an honest store. */
export class TofuGround {
  readonly tofu: FoundTofu;
  readonly json: unknown;
  readonly past: readonly PastRun[];
  private readonly root: string;
  private count = 0;

  private constructor(tofu: FoundTofu, root: string, past: readonly PastRun[]) {
    this.tofu = tofu;
    this.root = root;
    this.past = past;
    this.json = stackJson(2);
    // Also where somebody interrupts it.
    process.once('exit', this.clean);
  }

  /** @throws Failure when tofu does not even do it on an honest store */
  static async prepare(tofu: FoundTofu): Promise<TofuGround> {
    const root = mkdtempSync(join(tmpdir(), 'flywheel-store-rehearsal-'));
    const place = new RehearsedStore([], SYSTEM_CLOCK);
    const keys = freshIdentity();
    const served = await serveStore({ store: place.store, keys, region: REGION });
    try {
      const folder = join(root, 'first');
      mkdirSync(join(root, 'home'), { recursive: true });
      mkdirSync(folder);
      for (const serial of [1, 2]) {
        writeFileSync(join(folder, STACK_FILE), JSON.stringify(stackJson(serial)));
        const steps =
          serial === 1 ? [WORDS.init, WORDS.apply.slice(0, -1)] : [WORDS.apply.slice(0, -1)];
        for (const args of steps) {
          const environment = storeEnvironment(root, served, keys);
          requireDone(
            await runTofu({ tofu: tofu.path, folder, args, environment, deadlineMs: READY_MS }),
          );
        }
      }
      return new TofuGround(tofu, root, place.past());
    } catch (error) {
      rmSync(root, { recursive: true, force: true });
      throw error;
    } finally {
      await served.stop();
    }
  }

  /** A folder of its own for somebody, in which tofu is ready. Which store it asks is said by the environment alone. */
  folder(): string {
    this.count += 1;
    const folder = join(this.root, `copy-${this.count}`);
    cpSync(join(this.root, 'first'), folder, { recursive: true });
    return folder;
  }

  /** The environment of a tofu that asks a store by itself. */
  environment(served: Pick<ServedStore, 'endpoint'>, keys: StoreKeys): NodeJS.ProcessEnv {
    return storeEnvironment(this.root, served, keys);
  }

  remove(): void {
    process.off('exit', this.clean);
    this.clean();
  }

  private readonly clean = () => {
    rmSync(this.root, { recursive: true, force: true });
  };
}

/** Serves a store to one identity. */
export async function serve(
  store: Replying,
): Promise<{ readonly served: ServedStore; readonly keys: StoreKeys }> {
  const keys = freshIdentity();
  return { served: await serveStore({ store, keys, region: REGION }), keys };
}

/** The same resource with another value is another state. */
function stackJson(serial: number) {
  return {
    terraform: {
      backend: backendBlock({ ...REHEARSED, region: REGION }),
      required_version: '>= 1.11',
    },
    resource: { terraform_data: { probe: { input: `value ${serial}` } } },
  };
}

/** Nothing of the person but the way to programs. */
function storeEnvironment(
  root: string,
  { endpoint }: Pick<ServedStore, 'endpoint'>,
  { accessKeyId, secretAccessKey }: StoreKeys,
): NodeJS.ProcessEnv {
  return {
    ...bareEnvironment(root),
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
}

function bareEnvironment(root: string): NodeJS.ProcessEnv {
  return tofuEnvironment({ PATH: process.env.PATH, HOME: join(root, 'home') });
}

function requireDone(result: TofuResult): void {
  if (result.code === 0) return;
  throw new Failure(`tofu cannot work on an honest store here: ${complaintOf(result)}`);
}
