import {
  remembers,
  SETTINGS,
  STATE as state,
  stateBody,
  usedStore,
  witnessOf,
} from '../../__tests__/backend/authority/authority-fixtures.ts';
import { collect } from '../../backend/authority/collect.ts';
import { judge } from '../../backend/authority/judge.ts';
import { serveStore } from '../../backend/lying-store/serve-store.ts';
import { StoreClient } from '../../backend/store/store-client.ts';
import { EXIT } from '../../console/exit-code.ts';
import { freshIdentity } from '../../operations/rehearsal/store/buckets.ts';
import { median } from '../measurement.ts';

const ROUNDS = 9;
const REGION = 'us-east-1';

/** What a deep check costs. */
export interface GuardRow {
  readonly latencyMs: number;
  readonly requests: number;
  readonly seconds: number;
}

/** Looks at a store as a deep check does, without a cluster. */
export async function measureGuard(latencyMs: number): Promise<GuardRow> {
  const keys = freshIdentity();
  const store = await usedStore();
  const served = await serveStore({ store, keys, region: REGION, latencyMs });
  const { bucket } = state;
  const { endpoint } = served;
  const client = new StoreClient({ endpoint, bucket, region: REGION, pathStyle: true, keys });
  const witness = witnessOf({ [state.stack]: remembers(stateBody(5)) });
  const seconds: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedAt = performance.now();
      const evidence = await collect({
        state,
        settings: SETTINGS,
        store: client,
        witness,
        firstRun: false,
      });
      const { exitCode } = judge(evidence);
      if (exitCode !== EXIT.good) throw new Error(`the deep check came to ${exitCode}`);
      seconds.push((performance.now() - startedAt) / 1000);
    }
    return { latencyMs, requests: client.sent / ROUNDS, seconds: median(seconds) };
  } finally {
    client.close();
    await served.stop();
  }
}
