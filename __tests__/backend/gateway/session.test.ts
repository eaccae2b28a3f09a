import { describe, expect, test } from 'vitest';
import { FINDINGS, findingOf } from '../../../backend/gateway/findings/finding-of.ts';
import { GatewaySession } from '../../../backend/gateway/session.ts';
import type { StoreRequest } from '../../../backend/store/store-client.ts';
import { MemoryWitness } from './memory-witness.ts';
import { Scene, STATE, stateBytes } from './tofu-requests.ts';

describe('a session', () => {
  const Strange: readonly (readonly [what: string, request: StoreRequest, because: RegExp])[] = [
    ['another key', { method: 'GET', key: 'attic/terraform.tfstate' }, /not of this stack/],
    ['a workspace', { method: 'GET', key: `env:/other/${STATE.key}` }, /not of this stack/],
    ['another bucket', { method: 'GET', bucket: 'attic', key: STATE.key }, /not of this stack/],
    ['all buckets', { method: 'GET', bucket: '' }, /not of this stack/],
    [
      'the removal of the state',
      { method: 'DELETE', key: STATE.key },
      /nobody may DELETE the state/,
    ],
    ['the removal of the bucket', { method: 'DELETE' }, /nobody may DELETE the bucket/],
    [
      'a listing of everything',
      { method: 'GET', query: { 'list-type': '2' } },
      /its query is another/,
    ],
    ['an older version', { method: 'GET', key: STATE.key, query: { versionId: 'x' } }, /versionId/],
    [
      'an upload in parts',
      { method: 'POST', key: STATE.key, query: { uploads: '' } },
      /nobody may POST/,
    ],
    [
      'a part',
      { method: 'PUT', key: STATE.key, query: { partNumber: '1', uploadId: 'x' } },
      /partNumber/,
    ],
    [
      'a range',
      { method: 'GET', key: STATE.key, headers: { range: 'bytes=0-9' } },
      /asks for a part/,
    ],
    [
      'a condition',
      { method: 'GET', key: STATE.key, headers: { 'if-match': 'x' } },
      /sets a condition/,
    ],
    [
      'a copy',
      { method: 'PUT', key: STATE.key, headers: { 'x-amz-copy-source': 'x' } },
      /it copies/,
    ],
    [
      'a key of its own',
      {
        method: 'GET',
        key: STATE.key,
        headers: { 'x-amz-server-side-encryption-customer-key': 'x' },
      },
      /brings a key/,
    ],
    [
      'a lock by force',
      { method: 'PUT', key: STATE.lockKey, body: Buffer.from('{"ID":"x"}') },
      /only where there is none/,
    ],
    [
      'a lock that is none',
      { method: 'PUT', key: STATE.lockKey, headers: { 'if-none-match': '*' } },
      /it is no lock/,
    ],
    ['the lock of nobody', { method: 'DELETE', key: STATE.lockKey }, /no lock to give back/],
  ];

  test.each(Strange)('refuses %s, and records it', async (_, request, because) => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    const { status } = await run.send(request);
    expect(status).toBe(403);
    expect(run.session.findings).toMatchObject([
      { code: 'request-refused', exitCode: 1, did: expect.stringMatching(because) },
    ]);
    expect(run.asked.filter((asked) => !asked.startsWith('GET'))).toEqual([]);
  });

  test('answers two requests that overlap one after the other', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run();
    const [lock, read, write, unlock] = await Promise.all([
      run.lock(),
      run.send({ method: 'GET', key: STATE.key }),
      run.write(stateBytes(8)),
      run.send({ method: 'DELETE', key: STATE.lockKey }),
    ]);
    expect([lock, read, write, unlock].map(({ status }) => status)).toEqual([200, 200, 200, 204]);
    expect(run.codes).toEqual([]);
  });

  test('says once what it finds twice', async () => {
    const scene = await new Scene().withState();
    scene.truth.uproot(STATE.bucket, STATE.key);
    const run = await scene.run();
    await run.read();
    await run.read();
    expect(run.codes).toEqual(['state-hidden']);
  });

  test('does not begin where witnesses tell of two histories', async () => {
    const witness = new MemoryWitness();
    const contradicting = {
      recall: async () => ({ kind: 'contradiction' as const, because: 'file and cluster differ' }),
      advance: witness.advance.bind(witness),
      accept: witness.accept.bind(witness),
    };
    const opened = GatewaySession.open({
      state: STATE,
      region: 'us-east-1',
      declaration: {},
      store: new Scene().store,
      witness: contradicting,
      by: 'tester',
      compareAndSwap: true,
    });
    await expect(opened).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /file and cluster differ\n.*just tofu-state-accept arc-runners/,
      ),
    });
  });

  test('ends what a defect of its own breaks in a refusal, which tofu takes at once', async () => {
    const scene = await new Scene().withState();
    const run = await scene.run({
      store: { send: () => Promise.reject(new TypeError('a defect')) },
    });
    expect((await run.read()).status).toBe(403);
    expect(run.session.findings).toMatchObject([
      { code: 'gateway-failed', did: expect.stringContaining('a defect') },
    ]);
  });
});

describe('the listing of workspaces', () => {
  test('is passed on, also where it goes on', async () => {
    const scene = await new Scene().withState();
    for (const name of ['a', 'b', 'c']) scene.plant(stateBytes(1), `env:/${name}/${STATE.key}`);
    const run = await scene.run();
    const first = (await run.list({ 'max-keys': '2' })).body.toString();
    expect(first).toContain(`<Key>env:/b/${STATE.key}</Key>`);
    const token = /<NextContinuationToken>(.*)<\/NextContinuationToken>/.exec(first)?.[1] ?? '';
    const second = (
      await run.list({ 'max-keys': '2', 'continuation-token': token })
    ).body.toString();
    expect(second).toContain(`<Key>env:/c/${STATE.key}</Key>`);
    expect(run.codes).toEqual([]);
  });

  test.each([
    ['no-such-bucket', 'bucket-hidden'],
    ['listing-is-html', 'listing-broken'],
    ['listing-fails', 'store-fails'],
    ['login-page', 'listing-broken'],
  ])('of a store that lies (%s) is refused: %s', async (lie, code) => {
    const scene = await new Scene().withState();
    scene.lie(lie);
    const run = await scene.run();
    const { status, body } = await run.list();
    expect(status).toBe(403);
    // tofu passes over this one code, and would go on.
    expect(body.toString()).not.toContain('AccessDenied');
    expect(run.codes).toEqual([code]);
  });

  test('that an identity may not make is none of our business', async () => {
    const scene = await new Scene().withState();
    scene.lie('listing-denied');
    const run = await scene.run();
    expect((await run.list()).body.toString()).toContain('<Code>AccessDenied</Code>');
    expect(run.codes).toEqual([]);
  });

  const Listed: readonly (readonly [what: string, xml: string, code: string])[] = [
    ['is cut without saying where it goes on', '<IsTruncated>true</IsTruncated>', 'listing-broken'],
    ['holds other keys', '<Contents><Key>attic/x</Key></Contents>', 'listing-broken'],
    ['is that of another bucket', '<Name>attic</Name>', 'listing-broken'],
    [
      'goes on where it was',
      '<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>',
      'listing-endless',
    ],
  ];

  test.each(Listed)('that %s is refused', async (_, xml, code) => {
    const body = Buffer.from(`<ListBucketResult>${xml}</ListBucketResult>`);
    const store = { send: async () => ({ status: 200, headers: {}, body }) };
    const run = await new Scene().run({ store });
    await run.list();
    expect((await run.list({ 'continuation-token': 'again' })).status).toBe(403);
    expect(run.codes).toEqual([code]);
  });
});

describe('every finding', () => {
  test.each(Object.keys(FINDINGS))('has whole sentences for people: %s', (code) => {
    const known = Object.keys(FINDINGS).find(
      (each): each is keyof typeof FINDINGS => each === code,
    );
    if (known === undefined) throw new Error('it is one of them');
    const facts = {
      stack: 'attic',
      bucket: 'tofu-state',
      remembered: 'serial 7',
      seen: 'serial 6',
    };
    const { did, expected, remedy } = findingOf(known, 'GET x', facts);
    for (const sentence of [did, expected, remedy]) {
      expect(sentence).toMatch(/^[a-z0-9].*[^.]$/);
      expect(sentence).not.toMatch(/[{}]/);
    }
  });
});
