import { describe, expect, test } from 'vitest';
import { verdictOver } from '../../../backend/authority/verdict.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import type { DiskView } from '../../../backend/rustfs/disk-view.ts';
import { scratchChecks } from '../../../backend/rustfs/judge-rca.ts';
import { seen } from '../../../backend/rustfs/observed.ts';
import { SCRATCH_PREFIX, scratchProbe } from '../../../backend/rustfs/scratch-probe.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';

const truth = () => new HonestStore({ bucket: 'tofu-state', others: ['attic'] });

async function bucketsIn(store: Store): Promise<string[]> {
  const { body } = await store.send({ method: 'GET', bucket: '' });
  return [...String(body).matchAll(/<Name>([^<]+)/g)].map(([, name = '']) => name);
}

/** A disk that holds what the store really has. */
function diskOf(store: Store): () => Promise<DiskView> {
  return async () => {
    const names = await bucketsIn(store);
    return seen([{ pod: 'store-0', drive: '/data', data: names, metadata: names }]);
  };
}

const UNSEEN = async (): Promise<DiskView> => ({ notSeen: 'the image has no such program' });

class Altered implements Store {
  readonly asked: StoreRequest[] = [];
  private readonly store: Store;
  private readonly alter: (request: StoreRequest) => StoreAnswer | StoreTrouble | undefined;

  constructor(store: Store, alter: Altered['alter'] = () => undefined) {
    this.store = store;
    this.alter = alter;
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    this.asked.push(request);
    const instead = this.alter(request);
    if (instead instanceof StoreTrouble) throw instead;
    return instead ?? this.store.send(request);
  }
}

const answer = (status: number, code = ''): StoreAnswer => ({
  status,
  headers: {},
  body: Buffer.from(`<Code>${code}</Code>`),
});

function codeOf(probe: Awaited<ReturnType<typeof scratchProbe>>, strict: boolean): number {
  return verdictOver('scratch', scratchChecks(probe, strict)).exitCode;
}

describe('the scratch bucket', () => {
  test('is seen to come and go by the API and on the disk (R7)', async () => {
    const store = truth();
    const probe = await scratchProbe({ store, disk: diskOf(store), pauseMs: 0 });
    expect(probe.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'create as-expected',
      'listed as-expected',
      'found as-expected',
      'written as-expected',
      'on-disk as-expected',
      'deleted as-expected',
      'unlisted as-expected',
      'gone as-expected',
      'off-disk as-expected',
      'removed as-expected',
    ]);
    expect(codeOf(probe, true)).toBe(0);
    expect(await bucketsIn(store)).toEqual(['attic', 'tofu-state']);
  });

  test('is the only bucket that is touched, and its name cannot be mistaken (R2)', async () => {
    const store = new Altered(truth());
    const { bucket } = await scratchProbe({ store, disk: diskOf(store), pauseMs: 0 });
    expect(bucket).toMatch(/^flywheel-scratch-probe-[0-9a-f]{12}$/);
    const own = store.asked.map((request) => request.bucket);
    expect([...new Set(own)].sort()).toEqual(['', bucket]);
    expect(store.asked.filter((each) => each.bucket === '').map(({ method }) => method)).toEqual(
      expect.not.arrayContaining(['PUT', 'DELETE']),
    );
  });

  test.each([
    [
      'is cut off after the create',
      ({ method }: StoreRequest, count: number) => method === 'GET' && count < 4,
    ],
    [
      'fails in every way but a delete',
      ({ method, key }: StoreRequest) =>
        method !== 'DELETE' && (method !== 'PUT' || key !== undefined),
    ],
  ])('is removed also when the store %s', async (_, fails) => {
    const store = truth();
    let count = 0;
    const broken = new Altered(store, (request) => {
      count += 1;
      return fails(request, count) ? new StoreTrouble('cut', 'the connection was cut') : undefined;
    });
    const probe = await scratchProbe({ store: broken, disk: UNSEEN, pauseMs: 0 });
    expect(probe.steps.at(-1)).toMatchObject({ name: 'removed', outcome: 'as-expected' });
    expect(codeOf(probe, false)).not.toBe(0);
    expect(await bucketsIn(store)).toEqual(['attic', 'tofu-state']);
  });

  test('is removed also when its create was kept and answered with an error', async () => {
    const store = truth();
    const broken: Store = {
      async send(request) {
        const honest = await store.send(request);
        return request.method === 'PUT' && request.key === undefined ? answer(500) : honest;
      },
    };
    await scratchProbe({ store: broken, disk: UNSEEN });
    expect(await bucketsIn(store)).toEqual(['attic', 'tofu-state']);
  });

  test('that cannot be removed is named with what to do (2)', async () => {
    const store = new Altered(truth(), ({ method, bucket }) =>
      method === 'DELETE' && bucket?.startsWith(SCRATCH_PREFIX)
        ? answer(503, 'SlowDown')
        : undefined,
    );
    const probe = await scratchProbe({ store, disk: UNSEEN });
    expect(probe.steps.at(-1)?.detail).toMatch(
      /^503 SlowDown: bucket flywheel-scratch-probe-\w+ may still be there; .*: remove it by hand$/,
    );
    expect(codeOf(probe, false)).toBe(2);
  });

  test('is not made for an identity that may make none, and that is not known to be bad (1)', async () => {
    const store = new Altered(truth(), ({ method }) =>
      method === 'PUT' ? answer(403, 'AccessDenied') : undefined,
    );
    const probe = await scratchProbe({ store, disk: UNSEEN });
    expect(probe.steps).toEqual([
      {
        name: 'create',
        outcome: 'not-run',
        detail: '403 AccessDenied: give it the keys of an identity that may make buckets',
      },
    ]);
    expect(codeOf(probe, false)).toBe(1);
  });

  test('counts without its disk, unless the disk has to be seen: --strict-scratch-disk-markers', async () => {
    const store = truth();
    const probe = await scratchProbe({ store, disk: UNSEEN });
    expect(codeOf(probe, false)).toBe(0);
    expect(codeOf(probe, true)).toBe(1);
  });

  test('whose markers stay on the disk after its end is weak, and bad where that is strict', async () => {
    const store = truth();
    const names: string[] = [];
    const disk = async (): Promise<DiskView> => {
      names.push(...(await bucketsIn(store)));
      return seen([{ pod: 'store-0', drive: '/data', data: names, metadata: names }]);
    };
    const probe = await scratchProbe({ store, disk, pauseMs: 0 });
    expect(probe.steps.find(({ name }) => name === 'off-disk')).toMatchObject({
      outcome: 'otherwise',
      detail: 'markers on the drives: present, not absent',
    });
    expect(codeOf(probe, false)).toBe(3);
    expect(codeOf(probe, true)).toBe(2);
  });
});
