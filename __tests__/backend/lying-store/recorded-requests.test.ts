import { describe, expect, test } from 'vitest';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import {
  RECORDED_RUNS,
  type RecordedRun,
  requestOf,
} from '../../../backend/lying-store/recorded-requests.ts';

const PLACE = {
  key: 'attic/terraform.tfstate',
  lockKey: 'attic/terraform.tfstate.tflock',
  state: Buffer.from('{"version":4,"serial":1}'),
  lock: Buffer.from('{"ID":"one"}'),
};

async function play(store: HonestStore, run: RecordedRun): Promise<string[]> {
  const heard: string[] = [];
  for (const recorded of RECORDED_RUNS[run]) {
    const { status } = await store.send(requestOf(recorded, PLACE));
    heard.push(recorded.replace(/\d+$/, String(status)));
  }
  return heard;
}

describe('the requests of tofu', () => {
  test.each([true, false])(
    'are answered by the model as they were recorded, versions kept: %s',
    async (versioned) => {
      const store = new HonestStore({ bucket: 'tofu-state', versioned });
      const runs: readonly RecordedRun[] = [
        'init of a new stack',
        'plan of a new stack',
        'first apply',
        'init',
        'plan',
        'apply',
        'destroy',
        'plan',
      ];
      for (const run of runs) expect(await play(store, run)).toEqual(RECORDED_RUNS[run]);
    },
  );

  test('find a lock that somebody holds', async () => {
    const store = new HonestStore({ bucket: 'tofu-state' });
    store.plant('tofu-state', PLACE.lockKey, Buffer.from('{"ID":"other"}'));
    expect(await play(store, 'plan beside a lock')).toEqual(RECORDED_RUNS['plan beside a lock']);
  });
});
