import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryWitness } from '../../__tests__/backend/gateway/memory-witness.ts';
import { CountedStore } from '../../__tests__/backend/gateway/tofu-requests.ts';
import { TofuFolder } from '../../__tests__/real/tofu-folder.ts';
import { backendBlock } from '../../backend/backend-block.ts';
import { startGateway } from '../../backend/gateway/gateway.ts';
import { HonestStore } from '../../backend/lying-store/honest-store.ts';
import { serveStore } from '../../backend/lying-store/serve-store.ts';
import type { StackState } from '../../backend/stack-state.ts';
import type { StoreKeys } from '../../backend/store/store-access.ts';
import { type Store, StoreClient } from '../../backend/store/store-client.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import type { TofuResult } from '../../operations/tofu/run-tofu.ts';
import { median } from '../measurement.ts';

const BUCKET = 'tofu-state';
const REGION = 'us-east-1';
const ROUNDS = 5;
const PLAN = ['plan', '-out=planned'];
const APPLY = ['apply', 'planned'];

/** What a plan and the apply of it cost. */
export interface Cost {
  readonly planSec: number;
  readonly applySec: number;
  /** That reached the store, for both together. */
  readonly requests: number;
  /** How often somebody waits for the store: requests that are under way together are one. */
  readonly trips: number;
}

/** Stock tofu and tofu behind a gateway on one store. */
export interface BareRow {
  readonly latencyMs: number;
  readonly stock: Cost;
  readonly gateway: Cost;
}

/** How one of the two runs tofu, with what it counts. */
interface Side {
  readonly run: (args: readonly string[]) => Promise<TofuResult>;
  readonly trips: () => number;
}

/** Plans and applies a resource that tofu brings itself, in turn so that a disturbance of the machine meets both. */
export async function compareBare(tofu: string, latencyMs: number): Promise<BareRow> {
  const keys = freshIdentity();
  const store = new HonestStore({ bucket: BUCKET });
  let requests = 0;
  const observe = () => {
    requests += 1;
  };
  const served = await serveStore({ store, keys, region: REGION, latencyMs, observe });
  const { endpoint } = served;
  const client = new StoreClient({
    endpoint,
    bucket: BUCKET,
    region: REGION,
    pathStyle: true,
    keys,
  });
  const counted = new CountedStore(client);
  const folders = {
    stock: new TofuFolder(tofu, jsonOf('stock/terraform.tfstate'), {}),
    gateway: new TofuFolder(tofu, jsonOf('gateway/terraform.tfstate'), {}),
  };
  const guarded = new GuardedFolder(folders.gateway, counted);
  const sides: Record<keyof typeof folders, Side> = {
    stock: {
      run: (args) => folders.stock.run(args, variables(endpoint, keys)),
      trips: () => requests,
    },
    gateway: { run: (args) => guarded.run(args), trips: () => counted.trips },
  };
  try {
    for (const words of [['init'], ['apply', '-auto-approve']]) {
      for (const side of Object.values(sides)) await succeed(side, words);
    }
    const costs: Record<keyof typeof sides, Cost[]> = { stock: [], gateway: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const name of ['stock', 'gateway'] as const) {
        costs[name].push(await costOf(sides[name], folders[name].path, () => requests));
      }
    }
    return { latencyMs, stock: middle(costs.stock), gateway: middle(costs.gateway) };
  } finally {
    for (const folder of Object.values(folders)) folder.remove();
    client.close();
    await served.stop();
  }
}

/** A folder in which tofu runs behind a gateway of its own each time, as under the driver. */
class GuardedFolder {
  private readonly folder: TofuFolder;
  private readonly store: Store;
  private readonly witness = new MemoryWitness();

  constructor(folder: TofuFolder, store: Store) {
    this.folder = folder;
    this.store = store;
  }

  async run(args: readonly string[]): Promise<TofuResult> {
    const gateway = await startGateway({
      state: STATE,
      region: REGION,
      declaration: { writes: args[0] === 'apply', firstRun: this.witness.marks.size === 0 },
      store: this.store,
      witness: this.witness,
      by: 'bench@here',
      compareAndSwap: true,
    });
    try {
      return await this.folder.run(args, variables(gateway.endpoint, gateway.keys));
    } finally {
      await gateway.stop();
      const [found] = gateway.findings;
      if (found !== undefined) process.stderr.write(`${found.code}: the store ${found.did}\n`);
    }
  }
}

const STATE: StackState = {
  stack: 'arc-runners',
  bucket: BUCKET,
  key: 'gateway/terraform.tfstate',
  lockKey: 'gateway/terraform.tfstate.tflock',
  holdsOwnStore: false,
  memory: '',
  work: '',
};

function jsonOf(key: string) {
  const backend = backendBlock({ bucket: BUCKET, key, region: REGION });
  return { terraform: { backend, required_version: '>= 1.11' } };
}

function variables(endpoint: string, keys: StoreKeys): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}

async function costOf(side: Side, folder: string, requests: () => number): Promise<Cost> {
  const before = { requests: requests(), trips: side.trips() };
  // A resource is made anew each time, so that there is something to write.
  const planSec = await succeed(side, [...PLAN, '-replace=terraform_data.probe']);
  const applySec = await succeed(side, APPLY);
  rmSync(join(folder, 'planned'), { force: true });
  return {
    planSec,
    applySec,
    requests: requests() - before.requests,
    trips: side.trips() - before.trips,
  };
}

/** @returns seconds */
async function succeed({ run }: Side, args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const { code, stderr } = await run(args);
  if (code !== 0) throw new Error(`tofu ${args.join(' ')} ended with ${code}\n${stderr}`);
  return (performance.now() - startedAt) / 1000;
}

function middle(costs: readonly Cost[]): Cost {
  const of = (field: keyof Cost) => median(costs.map((cost) => cost[field]));
  return {
    planSec: of('planSec'),
    applySec: of('applySec'),
    requests: of('requests'),
    trips: of('trips'),
  };
}
