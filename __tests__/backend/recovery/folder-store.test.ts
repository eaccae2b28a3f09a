import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { FolderStore } from '../../../backend/recovery/folder-store.ts';
import { textsIn } from '../../../backend/store/answer-xml.ts';
import type { Store, StoreRequest } from '../../../backend/store/store-client.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-folder-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const BUCKET = 'tofu-state';
const KEY = fc.constantFrom('a/terraform.tfstate', 'a/terraform.tfstate.tflock', 'ä b/%2F&<');
const BODY = fc.constantFrom('', '{}', '{"serial":1}').map((text) => Buffer.from(text));
const CONDITION = fc.constantFrom<Record<string, string>>(
  {},
  { 'if-none-match': '*' },
  // Of `{}`, and of nothing.
  { 'if-match': '"99914b932bd37a50b983c5e7c90ae93b"' },
  { 'if-match': '"00000000000000000000000000000000"' },
);
const REQUEST = fc.oneof(
  fc.record({
    method: fc.constantFrom('GET' as const, 'HEAD' as const, 'DELETE' as const),
    key: KEY,
  }),
  fc.record({ method: fc.constant('PUT' as const), key: KEY, body: BODY, headers: CONDITION }),
  fc.record({
    method: fc.constant('GET' as const),
    query: fc.record({ 'list-type': fc.constant('2'), prefix: fc.constantFrom('', 'a/', 'env:/') }),
  }),
);

/** What a client of a store goes by. */
async function seen(store: Store, request: StoreRequest) {
  const answer = await store.send(request);
  const { status, headers, body } = answer;
  if (request.method === 'GET' && request.key === undefined) {
    return { status, keys: textsIn(answer, 'Key') };
  }
  if (status === 412) return { status };
  if (status !== 200 || request.method === 'DELETE')
    return { status, code: textsIn(answer, 'Code') };
  const { etag, 'content-length': length } = headers;
  return { status, etag, ...(request.method === 'PUT' ? {} : { length, body: `${body}` }) };
}

describe('a folder that answers like a store', () => {
  test('answers every sequence of requests as a real store does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(REQUEST, { maxLength: 25 }), async (requests) => {
        const own = mkdtempSync(join(folder, 'run-'));
        const store = new FolderStore(join(own, 'objects'), BUCKET);
        const peer = new HonestStore({ bucket: BUCKET, versioned: false });
        for (const request of requests) {
          expect({ request, ...(await seen(store, request)) }).toEqual({
            request,
            ...(await seen(peer, request)),
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  test('keeps what it holds for the next process', async () => {
    const write = { method: 'PUT' as const, key: 'k', body: Buffer.from('{}') };
    await new FolderStore(folder, BUCKET).send(write);
    const { body } = await new FolderStore(folder, BUCKET).send({ method: 'GET', key: 'k' });
    expect(`${body}`).toBe('{}');
  });

  test('has the one bucket, and no other', async () => {
    const store = new FolderStore(folder, BUCKET);
    const all = await store.send({ method: 'GET', bucket: '' });
    expect(textsIn(all, 'Name')).toEqual([BUCKET]);
    expect((await store.send({ method: 'HEAD' })).status).toBe(200);
    const other = await store.send({ method: 'GET', bucket: 'other', key: 'k' });
    expect([other.status, textsIn(other, 'Code')]).toEqual([404, ['NoSuchBucket']]);
  });

  test('gives a lock to one of many', async () => {
    const take = (index: number) =>
      new FolderStore(folder, BUCKET).send({
        method: 'PUT',
        key: 'lock',
        body: Buffer.from(`${index}`),
        headers: { 'if-none-match': '*' },
      });
    const taken = await Promise.all(Array.from({ length: 8 }, (_, index) => take(index)));
    expect(taken.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
  });
});
