import { describe, expect, test } from 'vitest';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { watchMaintenance } from '../../../backend/rustfs/watch-maintenance.ts';
import type { PodFacts } from '../../../backend/rustfs/workload-facts.ts';
import type { Store } from '../../../backend/store/store-client.ts';
import { podOf } from './evidence-of.ts';

const BUCKET = 'tofu-state';
const OLD = [podOf(0, 'n1'), podOf(1, 'n2')];
const anew = (pod: PodFacts, ready = true): PodFacts => ({ ...pod, uid: `${pod.uid}-new`, ready });

/** Pods as they are seen one look after the other; the last look is the last word. */
function looks(...all: readonly (readonly PodFacts[])[]) {
  let count = 0;
  return async () => all[Math.min(count++, all.length - 1)] ?? [];
}

const [first, second] = OLD as [PodFacts, PodFacts];
const ROLLING = looks(
  OLD,
  OLD,
  [anew(first, false), second],
  [anew(first), second],
  [anew(first), anew(second, false)],
  [anew(first), anew(second)],
);

describe('watchMaintenance', () => {
  test('ends when every pod was replaced and is ready again, and leaves nothing in the store', async () => {
    const store = new HonestStore({ bucket: BUCKET, versioned: false });
    const said: string[] = [];
    const report = (line: string) => said.push(line);
    const watched = await watchMaintenance({
      store,
      bucket: BUCKET,
      pods: ROLLING,
      limitMs: 20_000,
      report,
      pauseMs: 0,
    });
    expect(watched).toMatchObject({
      pods: ['store-0', 'store-1'],
      replaced: ['store-0', 'store-1'],
      writes: 6,
      lost: 0,
    });
    expect(said).toEqual([
      'maintenance: replace the 2 pods one after the other, each when all are ready',
      'store-0 was replaced',
      'store-1 was replaced',
    ]);
    const { body } = await store.send({
      method: 'GET',
      bucket: BUCKET,
      query: { 'list-type': '2', prefix: '.flywheel-maintenance' },
    });
    expect(String(body)).not.toContain('<Key>');
  });

  test('counts a write that was acknowledged and lost', async () => {
    const store = new HonestStore({ bucket: BUCKET });
    let writes = 0;
    const losing: Store = {
      async send(request) {
        if (request.method === 'PUT') writes += 1;
        return request.method === 'PUT' && writes === 2
          ? { status: 200, headers: {}, body: Buffer.alloc(0) }
          : store.send(request);
      },
    };
    const pods = looks(OLD, OLD, [anew(first), anew(second)]);
    const how = { store: losing, bucket: BUCKET, pods, limitMs: 20_000, pauseMs: 0 };
    expect((await watchMaintenance({ ...how, report: () => {} })).lost).toBe(1);
  });

  test('ends with what was seen when time is over', async () => {
    const store = new HonestStore({ bucket: BUCKET });
    const pods = looks(OLD, [anew(first), second]);
    const watched = await watchMaintenance({
      store,
      bucket: BUCKET,
      pods,
      limitMs: 30,
      pauseMs: 1,
      report: () => {},
    });
    expect(watched.replaced).toEqual(['store-0']);
  });

  test('rejects a store without pods', async () => {
    const store = new HonestStore({ bucket: BUCKET });
    const how = { store, bucket: BUCKET, pods: looks([]), limitMs: 10, report: () => {} };
    await expect(watchMaintenance(how)).rejects.toThrow(
      'the store has no pods that could be replaced',
    );
  });
});
