import { describe, expect, test } from 'vitest';
import { PROBE_PREFIX } from '../../../backend/certificate/probe.ts';
import { proofsExitCode } from '../../../backend/certificate/proof.ts';
import { type CertificateForm, prove } from '../../../backend/certificate/prove.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { lieNamed } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';

const BUCKET = 'tofu-state';

/** A store that treats some requests in its own way. */
class Altered implements Store {
  readonly truth: HonestStore;
  sent = 0;
  private readonly alter: (
    request: StoreRequest,
    honest: () => Promise<StoreAnswer>,
  ) => Promise<StoreAnswer>;

  constructor(truth: HonestStore, alter: Altered['alter'] = (_, honest) => honest()) {
    this.truth = truth;
    this.alter = alter;
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    this.sent += 1;
    return this.alter(request, () => this.truth.send(request));
  }
}

const honest = (versioned = true) => new HonestStore({ bucket: BUCKET, versioned });
const refusal = (status: number, code: string): StoreAnswer => ({
  status,
  headers: {},
  body: Buffer.from(`<Error><Code>${code}</Code></Error>`),
});

async function outcomes(store: Store, form: CertificateForm = 'short') {
  const { proofs } = await prove(store, BUCKET, form);
  return Object.fromEntries(proofs.map(({ name, outcome }) => [name, outcome]));
}

async function detailOf(store: Store, name: string) {
  const { proofs } = await prove(store, BUCKET, 'short');
  const { outcome, detail } = proofs.find((proof) => proof.name === name) ?? {};
  return `${outcome}: ${detail}`;
}

/** What is left of the proofs, old versions and markers included. */
async function leftIn(store: Store): Promise<string> {
  const query = { versions: '', prefix: PROBE_PREFIX };
  return String((await store.send({ method: 'GET', bucket: BUCKET, query })).body);
}

describe('an honest store', () => {
  test.each([
    [true, 'short', 9],
    [false, 'full', 13],
  ] as const)(
    'is proved in every point, and keeps nothing of it, not even an old version (old versions kept: %s, %s)',
    async (versioned, form, count) => {
      const store = honest(versioned);
      const { proofs, keepsVersions, left } = await prove(store, BUCKET, form);
      expect(proofs.filter(({ outcome }) => outcome !== 'proved')).toEqual([]);
      expect(proofs).toHaveLength(count);
      expect(proofsExitCode(proofs)).toBe(0);
      expect(keepsVersions).toBe(versioned);
      expect(left).toEqual([]);
      expect(await leftIn(store)).not.toContain('<Key>');
      const buckets = String((await store.send({ method: 'GET', bucket: '' })).body);
      expect(buckets).not.toContain('flywheel-scratch');
    },
  );

  test('is asked some fifty times for the short form', async () => {
    const store = new Altered(honest(false));
    await prove(store, BUCKET, 'short');
    expect(store.sent).toBeLessThanOrEqual(60);
  });
});

describe('a store that lies', () => {
  test.each([
    ['if-none-match-ignored', 'conditional-create'],
    ['two-winners', 'exclusion'],
    ['lock-never-free', 'create-after-delete'],
    ['lock-lost', 'conditional-create'],
    ['if-match-ignored', 'compare-and-swap'],
    ['write-dropped', 'read-after-write'],
    ['half-kept', 'read-after-write'],
    ['hidden-to-head', 'head-and-get-agree'],
    ['wrong-etag', 'head-and-get-agree'],
  ])('is refuted: %s by %s', async (lie, proof) => {
    const store = new LyingStore(honest(), { lies: [lieNamed(lie)] });
    expect((await outcomes(store))[proof]).toBe('refuted');
  });

  test('is said not to be safe, unless a state is safe in it all the same', async () => {
    const code = async (lie: string) =>
      proofsExitCode(
        (await prove(new LyingStore(honest(), { lies: [lieNamed(lie)] }), BUCKET, 'short')).proofs,
      );
    expect(await code('if-none-match-ignored')).toBe(2);
    expect(await code('if-match-ignored')).toBe(3);
  });

  test('cannot hide a marker of deletion that counts as the object', async () => {
    const deleted = new Set<string>();
    const store = new Altered(honest(), async (request, answer) => {
      const { key = '', method, headers = {}, query } = request;
      if (method === 'DELETE' && query === undefined) deleted.add(key);
      const isCreate = method === 'PUT' && headers['if-none-match'] === '*';
      return isCreate && deleted.has(key) ? refusal(412, 'PreconditionFailed') : answer();
    });
    expect(await detailOf(store, 'create-after-delete')).toBe(
      'refuted: after the delete a create answers 412 PreconditionFailed, in a bucket that keeps old versions: the second lock of a stack can never be taken',
    );
  });
});

describe('a store that cannot be tried', () => {
  test.each([
    [
      'refuses the identity',
      refusal(403, 'AccessDenied'),
      'this identity may not (403 AccessDenied)',
    ],
    ['is busy', refusal(503, 'SlowDown'), 'a write answers 503 SlowDown'],
    ['has no such bucket', refusal(404, 'NoSuchBucket'), 'there is no bucket tofu-state'],
    [
      'has another time',
      refusal(403, 'RequestTimeTooSkewed'),
      'the clock of the store and the one here are too far apart',
    ],
  ])('is neither good nor bad: it %s', async (_, answer, because) => {
    const store = new Altered(honest(), async () => answer);
    expect(await detailOf(store, 'conditional-create')).toBe(`not-run: ${because}`);
    const { proofs } = await prove(store, BUCKET, 'short');
    expect(proofsExitCode(proofs)).toBe(1);
  });

  test('is neither good nor bad: it does not answer', async () => {
    const store = new Altered(honest(), async () => {
      throw new StoreTrouble('refused', 'nobody listens there (ECONNREFUSED)');
    });
    const { proofs, left } = await prove(store, BUCKET, 'short');
    expect(new Set(proofs.map(({ outcome }) => outcome))).toEqual(new Set(['not-run']));
    expect(left).not.toEqual([]);
  });

  test('is refuted where it does not know conditions at all', async () => {
    const store = new Altered(honest(), async ({ headers = {} }, answer) =>
      'if-none-match' in headers ? refusal(501, 'NotImplemented') : answer(),
    );
    expect(await detailOf(store, 'conditional-create')).toBe(
      'refuted: the first create answers 501 NotImplemented',
    );
  });

  test('leaves nothing behind when it fails in the middle', async () => {
    let answers = 0;
    const truth = honest();
    const store = new Altered(truth, async ({ method }, answer) => {
      answers += 1;
      if (method !== 'DELETE' && answers > 8 && answers < 20)
        throw new StoreTrouble('cut', 'the connection was cut');
      return answer();
    });
    await prove(store, BUCKET, 'short');
    expect(await leftIn(truth)).not.toContain('<Key>');
  });
});
