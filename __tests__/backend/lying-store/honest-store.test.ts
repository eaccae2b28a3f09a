import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../backend/lying-store/clock.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { sha256 } from '../../../backend/store/signature.ts';
import type { StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';

type Headers = Readonly<Record<string, string>>;

function storeWith(options: { versioned?: boolean } = {}) {
  const store = new HonestStore({ bucket: 'b', clock: new VirtualClock(), ...options });
  const ask = (method: StoreRequest['method'], key?: string, more: Partial<StoreRequest> = {}) =>
    store.send({ method, ...(key === undefined ? {} : { key }), ...more });
  const put = (key: string, text: string, headers: Headers = {}) =>
    ask('PUT', key, { body: Buffer.from(text), headers });
  return { store, ask, put };
}

function codeOf({ status, body }: StoreAnswer): string {
  return `${status} ${/<Code>(\w+)</.exec(body.toString())?.[1] ?? ''}`.trim();
}

function keysIn({ body }: StoreAnswer): string[] {
  return [...body.toString().matchAll(/<Key>([^<]*)</g)].map(([, key = '']) => key);
}

function valueIn({ body }: StoreAnswer, element: string): string | undefined {
  return new RegExp(`<${element}>([^<]*)<`).exec(body.toString())?.[1];
}

function md5(text: string): string {
  return `"${createHash('md5').update(text).digest('hex')}"`;
}

describe('an honest store', () => {
  test('gives what was written, with its size, its MD5 as ETag and its type', async () => {
    const { ask, put } = storeWith();
    const written = await put('a/b', 'text', { 'content-type': 'application/json' });
    expect(written).toMatchObject({ status: 200, headers: { etag: md5('text') } });
    const headers = {
      etag: md5('text'),
      'content-length': '4',
      'content-type': 'application/json',
      'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
    };
    const read = await ask('GET', 'a/b');
    expect(read).toMatchObject({ status: 200, headers });
    expect(read.body.toString()).toBe('text');
    const head = await ask('HEAD', 'a/b');
    expect(head).toMatchObject({ status: 200, headers, body: Buffer.alloc(0) });
  });

  test('says of what is not there that it is not', async () => {
    const { ask } = storeWith();
    expect(codeOf(await ask('GET', 'none'))).toBe('404 NoSuchKey');
    expect(await ask('HEAD', 'none')).toMatchObject({ status: 404, body: Buffer.alloc(0) });
    expect(codeOf(await ask('GET', 'k', { bucket: 'none' }))).toBe('404 NoSuchBucket');
    expect(codeOf(await ask('GET', undefined, { bucket: 'none' }))).toBe('404 NoSuchBucket');
    expect((await ask('HEAD', undefined, { bucket: 'none' })).status).toBe(404);
    expect((await ask('DELETE', 'none')).status).toBe(204);
  });

  test.each([true, false])(
    'lets one of two create a key, and again after a delete (S11), versions kept: %s',
    async (versioned) => {
      const { ask, put } = storeWith({ versioned });
      const create = () => put('lock', 'held', { 'if-none-match': '*' });
      expect((await create()).status).toBe(200);
      expect(codeOf(await create())).toBe('412 PreconditionFailed');
      expect((await ask('DELETE', 'lock')).status).toBe(204);
      expect(codeOf(await ask('GET', 'lock'))).toBe('404 NoSuchKey');
      expect((await create()).status).toBe(200);
    },
  );

  test('lets one of many who race create a key', async () => {
    const { put } = storeWith();
    const raced = await Promise.all(
      Array.from({ length: 20 }, (_, index) => put('lock', `${index}`, { 'if-none-match': '*' })),
    );
    expect(raced.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(raced.filter(({ status }) => status === 412)).toHaveLength(19);
  });

  test('replaces a version only when it is the one that is named', async () => {
    const { ask, put } = storeWith();
    expect(codeOf(await put('k', 'x', { 'if-match': md5('one') }))).toBe('404 NoSuchKey');
    await put('k', 'one');
    expect((await put('k', 'two', { 'if-match': md5('one') })).status).toBe(200);
    expect(codeOf(await put('k', 'three', { 'if-match': md5('one') }))).toBe(
      '412 PreconditionFailed',
    );
    expect((await ask('GET', 'k')).body.toString()).toBe('two');
    const stale = { headers: { 'if-match': md5('one') } };
    expect(codeOf(await ask('DELETE', 'k', stale))).toBe('412 PreconditionFailed');
    expect((await ask('GET', 'k', { headers: { 'if-none-match': md5('two') } })).status).toBe(304);
    expect(codeOf(await ask('GET', 'k', stale))).toBe('412 PreconditionFailed');
  });

  test('keeps old versions and markers where it was told to', async () => {
    const { ask, put } = storeWith();
    const first = await put('k', 'one');
    await put('k', 'two');
    const removed = await ask('DELETE', 'k');
    expect(removed.headers['x-amz-delete-marker']).toBe('true');
    const old = { query: { versionId: first.headers['x-amz-version-id'] ?? '' } };
    expect((await ask('GET', 'k', old)).body.toString()).toBe('one');
    const listed = (await ask('GET', undefined, { query: { versions: '' } })).body.toString();
    expect(listed.match(/<Version>/g)).toHaveLength(2);
    expect(listed.match(/<DeleteMarker>/g)).toHaveLength(1);
    const marker = { query: { versionId: removed.headers['x-amz-version-id'] ?? '' } };
    expect(codeOf(await ask('GET', 'k', marker))).toBe('405 MethodNotAllowed');
    await ask('DELETE', 'k', marker);
    expect((await ask('GET', 'k')).body.toString()).toBe('two');
    expect(codeOf(await ask('GET', 'k', { query: { versionId: 'v9' } }))).toBe('404 NoSuchVersion');
  });

  test('keeps none elsewhere, and can be told to begin and to stop', async () => {
    const { ask, put } = storeWith({ versioned: false });
    const versioning = { query: { versioning: '' } };
    const say = (status: string) =>
      ask('PUT', undefined, { ...versioning, body: Buffer.from(`<Status>${status}</Status>`) });
    expect(valueIn(await ask('GET', undefined, versioning), 'Status')).toBeUndefined();
    await put('k', 'one');
    expect((await put('k', 'two')).headers['x-amz-version-id']).toBeUndefined();
    await say('Enabled');
    await put('k', 'three');
    await say('Suspended');
    expect((await put('k', 'four')).headers['x-amz-version-id']).toBe('null');
    expect(valueIn(await ask('GET', undefined, versioning), 'Status')).toBe('Suspended');
    const listed = (await ask('GET', undefined, { query: { versions: '' } })).body.toString();
    expect([...listed.matchAll(/<VersionId>(\w+)</g)].map(([, id]) => id)).toEqual([
      'null',
      'v00000001',
    ]);
    expect(codeOf(await say('Perhaps'))).toBe('400 InvalidArgument');
  });

  test('lists by prefix, by delimiter and page by page', async () => {
    const { ask, put } = storeWith();
    for (const key of ['a/1', 'a/2', 'b/1', 'c & d', 'env:/x/1']) await put(key, key);
    const list = (query: Headers) =>
      ask('GET', undefined, { query: { 'list-type': '2', ...query } });
    expect(keysIn(await list({ prefix: 'a/' }))).toEqual(['a/1', 'a/2']);
    expect(keysIn(await list({ prefix: 'none' }))).toEqual([]);
    expect(keysIn(await list({ prefix: 'c', 'encoding-type': 'url' }))).toEqual(['c%20%26%20d']);
    expect(keysIn(await list({ prefix: 'c' }))).toEqual(['c &amp; d']);
    expect(keysIn(await list({ 'start-after': 'b/1' }))).toEqual(['c &amp; d', 'env:/x/1']);
    const folders = await list({ delimiter: '/' });
    expect([...folders.body.toString().matchAll(/<CommonPrefixes><Prefix>([^<]*)/g)]).toHaveLength(
      3,
    );
    const first = await list({ 'max-keys': '3' });
    expect(keysIn(first)).toEqual(['a/1', 'a/2', 'b/1']);
    expect(valueIn(first, 'IsTruncated')).toBe('true');
    const token = valueIn(first, 'NextContinuationToken') ?? '';
    const rest = await list({ 'max-keys': '3', 'continuation-token': token });
    expect(keysIn(rest)).toEqual(['c &amp; d', 'env:/x/1']);
    expect(valueIn(rest, 'IsTruncated')).toBe('false');
    expect(codeOf(await list({ 'max-keys': 'many' }))).toBe('400 InvalidArgument');
  });

  test('lists versions page by page', async () => {
    const { ask, put } = storeWith();
    for (const text of ['1', '2', '3']) await put('a', text);
    await put('b', '4');
    const page = (query: Headers) =>
      ask('GET', undefined, { query: { versions: '', 'max-keys': '2', ...query } });
    const first = await page({});
    expect(keysIn(first)).toEqual(['a', 'a']);
    const next = await page({
      'key-marker': valueIn(first, 'NextKeyMarker') ?? '',
      'version-id-marker': valueIn(first, 'NextVersionIdMarker') ?? '',
    });
    expect(keysIn(next)).toEqual(['a', 'b']);
    expect(valueIn(next, 'IsTruncated')).toBe('false');
    expect(keysIn(await page({ 'key-marker': 'a' }))).toEqual(['b']);
  });

  test('makes and removes buckets, and none that holds something', async () => {
    const { ask } = storeWith();
    const scratch = { bucket: 'scratch-1' };
    expect((await ask('PUT', undefined, scratch)).status).toBe(200);
    expect(codeOf(await ask('PUT', undefined, scratch))).toBe('409 BucketAlreadyOwnedByYou');
    expect(codeOf(await ask('PUT', undefined, { bucket: 'No_Name' }))).toBe(
      '400 InvalidBucketName',
    );
    const all = await ask('GET', undefined, { bucket: '' });
    expect([...all.body.toString().matchAll(/<Name>([^<]*)/g)].map(([, name]) => name)).toEqual([
      'b',
      'scratch-1',
    ]);
    await ask('PUT', 'k', { ...scratch, body: Buffer.from('x') });
    expect(codeOf(await ask('DELETE', undefined, scratch))).toBe('409 BucketNotEmpty');
    await ask('DELETE', 'k', scratch);
    expect((await ask('DELETE', undefined, scratch)).status).toBe(204);
    expect((await ask('HEAD', undefined, scratch)).status).toBe(404);
    const head = await ask('HEAD');
    expect(head).toMatchObject({ status: 200, headers: { 'x-amz-bucket-region': 'us-east-1' } });
    const location = await ask('GET', undefined, { query: { location: '' } });
    expect(valueIn(location, 'LocationConstraint')).toBe('us-east-1');
  });

  test('takes only what its checksum says', async () => {
    const { ask, put } = storeWith();
    const right = Buffer.from(sha256('text'), 'hex').toString('base64');
    expect((await put('k', 'text', { 'x-amz-checksum-sha256': right })).status).toBe(200);
    expect((await put('k', '123456789', { 'x-amz-checksum-crc32': 'y/Q5Jg==' })).status).toBe(200);
    for (const name of [
      'x-amz-checksum-sha256',
      'x-amz-checksum-sha1',
      'x-amz-checksum-crc32',
      'content-md5',
    ]) {
      expect(codeOf(await put('k', 'other', { [name]: 'AAAA' }))).toBe('400 BadDigest');
    }
    expect(codeOf(await put('k', 'x', { 'x-amz-checksum-crc32c': 'AAAA' }))).toBe(
      '501 NotImplemented',
    );
    expect((await ask('GET', 'k')).headers['x-amz-checksum-crc32']).toBeUndefined();
    const asking = { headers: { 'x-amz-checksum-mode': 'ENABLED' } };
    expect((await ask('HEAD', 'k', asking)).headers['x-amz-checksum-crc32']).toBe('y/Q5Jg==');
  });

  test.each<[string, Partial<StoreRequest> & { method: StoreRequest['method'] }, string]>([
    ['multipart uploads', { method: 'POST', query: { uploads: '' } }, '501 NotImplemented'],
    ['parts', { method: 'PUT', query: { uploadId: '1', partNumber: '1' } }, '501 NotImplemented'],
    ['tags', { method: 'GET', query: { tagging: '' } }, '501 NotImplemented'],
    ['copies', { method: 'PUT', headers: { 'x-amz-copy-source': '/b/k' } }, '501 NotImplemented'],
    [
      'other conditions',
      { method: 'PUT', headers: { 'if-none-match': '"x"' } },
      '501 NotImplemented',
    ],
    ['forms', { method: 'POST' }, '405 MethodNotAllowed'],
    ['keys that are too long', { method: 'PUT', key: 'k'.repeat(1025) }, '400 InvalidArgument'],
  ])('refuses %s in words', async (_, request, expected) => {
    const { store } = storeWith();
    const answer = await store.send({ key: 'k', ...request });
    expect(codeOf(answer)).toBe(expected);
    expect(valueIn(answer, 'Message')).toMatch(/^[A-Z].*\.$/);
  });

  test('refuses what it does not know of a bucket or of itself in words', async () => {
    const { ask } = storeWith();
    expect(codeOf(await ask('GET'))).toBe('501 NotImplemented');
    expect(codeOf(await ask('POST', undefined, { query: { delete: '' } }))).toBe(
      '501 NotImplemented',
    );
    expect(codeOf(await ask('DELETE', undefined, { bucket: '' }))).toBe('405 MethodNotAllowed');
  });

  test('remembers what each key ever held, also where it keeps no versions', async () => {
    const { store, put, ask } = storeWith({ versioned: false });
    for (const text of ['1', '2', '3']) await put('k', text);
    await ask('DELETE', 'k');
    expect(store.bucketNamed('b')?.past('k').map(String)).toEqual(['1', '2', '3']);
  });
});
