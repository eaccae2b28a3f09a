import { describe, expect, test } from 'vitest';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { lieNamed } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import { apiStanding, apiView } from '../../../backend/rustfs/api-view.ts';

const BUCKET = 'tofu-state';
const KEY = 'attic/terraform.tfstate';
const STATE = JSON.stringify({ version: 4, serial: 7, lineage: 'a-lineage', resources: [] });

function lying(...lies: readonly string[]): LyingStore {
  const truth = new HonestStore({ bucket: BUCKET, others: ['attic'] });
  truth.plant(BUCKET, KEY, Buffer.from(STATE));
  return new LyingStore(truth, { lies: lies.map(lieNamed) });
}

async function viewOf(store: LyingStore, bucket = BUCKET, stateKeys = [KEY]) {
  const { buckets, unreachable } = await apiView(store, [{ bucket, stateKeys }]);
  const [view] = buckets;
  return { view, unreachable, standing: view === undefined ? undefined : apiStanding(view) };
}

describe('the view of the API', () => {
  test('finds a bucket in every way, and reads the states in it', async () => {
    expect(await viewOf(lying())).toMatchObject({
      standing: 'present',
      view: {
        listed: { seen: true },
        head: { seen: true },
        objects: [
          { key: KEY, outcome: 'readable', detail: 'a state, serial 7, lineage a-lineage' },
        ],
      },
    });
  });

  test('writes nothing', async () => {
    const store = lying();
    const methods = new Set<string>();
    await apiView(
      {
        send: (request) => {
          methods.add(request.method);
          return store.send(request);
        },
      },
      [{ bucket: BUCKET, stateKeys: [KEY] }],
    );
    expect([...methods].sort()).toEqual(['GET', 'HEAD']);
  });

  test.each([
    ['bucket-index-lost', 'lost'],
    ['no-such-bucket', 'incoherent'],
    ['bucket-not-listed', 'incoherent'],
    ['head-bucket-missing', 'incoherent'],
    ['hidden-bucket', 'incoherent'],
    ['buckets-denied', 'present'],
    ['listing-empty', 'present'],
  ])('of a store that lies (%s) is %s (R1)', async (lie, standing) => {
    expect((await viewOf(lying(lie))).standing).toBe(standing);
  });

  test('of a bucket that was never made is lost', async () => {
    expect(await viewOf(lying(), 'never-made', [])).toMatchObject({ standing: 'lost' });
  });

  test('is none where nobody answers', async () => {
    const { view, unreachable } = await viewOf(lying('refused'));
    expect(view).toBeUndefined();
    expect(unreachable).toMatch(/nobody listens there/);
  });

  test('says of an identity that may ask nothing that it knows nothing', async () => {
    const denied = { status: 403, headers: {}, body: Buffer.from('<Code>AccessDenied</Code>') };
    const { buckets } = await apiView({ send: async () => denied }, [
      { bucket: 'attic', stateKeys: [] },
    ]);
    expect(buckets.map(apiStanding)).toEqual(['unknown']);
  });

  test('does not call a bucket lost that is hidden from this identity, as one of another is', async () => {
    const own = Buffer.from(
      '<ListAllMyBucketsResult><Name>tofu-state</Name></ListAllMyBucketsResult>',
    );
    const denied = Buffer.from('<Error><Code>AccessDenied</Code></Error>');
    const { buckets } = await apiView(
      {
        send: async ({ bucket }) =>
          bucket === ''
            ? { status: 200, headers: {}, body: own }
            : { status: 403, headers: {}, body: denied },
      },
      [{ bucket: 'attic', stateKeys: [] }],
    );
    expect(buckets.map(apiStanding)).toEqual(['unknown']);
  });

  test('tells a body that is no state from one that is not there', async () => {
    const store = lying();
    store.truth.plant(BUCKET, KEY, Buffer.from('<html>'));
    const keys = [KEY, 'arc-runners/terraform.tfstate'];
    const { view } = await viewOf(store, BUCKET, keys);
    expect(view?.objects.map(({ outcome }) => outcome)).toEqual(['no-state', 'absent']);
  });
});
