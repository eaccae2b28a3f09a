import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BucketRequest } from '../../../constructs/object-store/bucket-request.ts';
import { bucketPolicy, bucketRules } from '../../../constructs/object-store/bucket-rules.ts';
import { RustFsStandIn } from './rustfs-stand-in.ts';

const SCRIPT = 'constructs/object-store/ensure-buckets/ensure-buckets.mjs';
const BUCKETS: BucketRequest[] = [
  { name: 'attic', purpose: 'attic' },
  { name: 'tofu-state', purpose: 'state' },
];
const KEYS: Record<string, string> = { attic: 'ATTICKEY', 'tofu-state': 'STATEKEY' };
const SECRETS: Record<string, string> = { attic: 'attic-secret/+=', 'tofu-state': 'state-secret' };

interface Outcome {
  readonly code: number;
  readonly lines: string[];
  readonly failure: string;
}

let folder = '';
let store = new RustFsStandIn();
let endpoint = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-buckets-'));
  store = new RustFsStandIn();
  endpoint = await store.start();
  const { accessKeyId, secretAccessKey } = RustFsStandIn.root;
  writeSecret('object-store-root', accessKeyId, secretAccessKey);
  for (const { name } of BUCKETS) writeSecret(`${name}-s3`, KEYS[name] ?? '', SECRETS[name] ?? '');
  const buckets = BUCKETS.map((request) => ({
    name: request.name,
    secret: `${request.name}-s3`,
    ...bucketRules(request, { room: 'one volume', stateKeys: ['attic/terraform.tfstate'] }),
    policy: bucketPolicy(request),
  }));
  writeFileSync(join(folder, 'buckets.json'), JSON.stringify({ buckets }));
});

afterEach(() => {
  store.stop();
  rmSync(folder, { recursive: true });
});

function writeSecret(name: string, accessKeyId: string, secretAccessKey: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'access-key-id'), accessKeyId);
  writeFileSync(join(folder, name, 'secret-access-key'), secretAccessKey);
}

function run(change: Record<string, string> = {}): Promise<Outcome> {
  const env = {
    BUCKETS_FILE: join(folder, 'buckets.json'),
    CREDENTIALS_FOLDER: folder,
    READY_WITHIN_SEC: '10',
    ROOT_SECRET: 'object-store-root',
    STORE_ENDPOINT: endpoint,
    STORE_REGION: 'us-east-1',
    ...change,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, lines: stdout.trim().split('\n'), failure: stderr.trim() });
    });
  });
}

const changes = ({ lines }: Outcome) => lines.filter((line) => line.startsWith('changed'));

describe('the bucket Job', () => {
  test('makes everything from nothing, and the second time changes nothing', async () => {
    const first = await run();
    expect(first).toEqual({ code: 0, failure: '', lines: expect.anything() });
    expect(first.lines).toEqual([
      'changed  bucket attic was created',
      'changed  bucket attic is now written durably',
      'ok       bucket attic keeps no old versions',
      'changed  bucket attic now is closed to the public',
      'changed  bucket attic now has the 1 declared lifecycle rules',
      'changed  access policy bucket-attic was stored',
      'changed  the identity of bucket attic was created',
      'changed  the identity of bucket attic was given its policy',
      'changed  bucket tofu-state was created',
      'changed  bucket tofu-state is now written durably',
      'changed  bucket tofu-state now keeps old versions',
      'changed  bucket tofu-state now is closed to the public',
      'changed  bucket tofu-state now has the 3 declared lifecycle rules',
      'changed  access policy bucket-tofu-state was stored',
      'changed  the identity of bucket tofu-state was created',
      'changed  the identity of bucket tofu-state was given its policy',
      'ok       the identity of bucket attic reaches it and no other',
      'ok       the identity of bucket tofu-state reaches it and no other',
      '2 buckets: 15 changes',
    ]);
    const written = store.writes.length;
    const second = await run();
    expect(changes(second)).toEqual([]);
    expect(second.lines.at(-1)).toBe('2 buckets: 0 changes');
    expect(store.writes).toHaveLength(written);
  });

  test('mends what drifted, and only that', async () => {
    await run();
    const attic = store.buckets.get('attic');
    const rule =
      '<Rule><ID>a</ID><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>';
    attic?.documents.set('lifecycle', `<LifecycleConfiguration>${rule}</LifecycleConfiguration>`);
    attic?.documents.set('versioning', '<V><Status>Enabled</Status></V>');
    if (attic !== undefined) attic.durability = 'relaxed';
    store.policies.set('bucket-tofu-state', { Version: '2012-10-17', Statement: [] });
    store.users.set('STATEKEY', { secretKey: 'state-secret', status: 'disabled' });
    expect(changes(await run())).toEqual([
      'changed  bucket attic is now written durably',
      'changed  bucket attic now keeps no old versions',
      'changed  bucket attic now has the 1 declared lifecycle rules',
      'changed  access policy bucket-tofu-state was stored',
      'changed  the identity of bucket tofu-state was given its key',
      'changed  the identity of bucket tofu-state was given its policy',
    ]);
    expect(attic?.documents.get('lifecycle')).not.toContain('<Days>1</Days>');
  });

  test('makes the store agree with a Secret that was written anew, and names who is left', async () => {
    await run();
    writeSecret('attic-s3', 'ATTICKEY', 'another-secret');
    expect(changes(await run())).toEqual([
      'changed  the identity of bucket attic was given its key',
    ]);
    writeSecret('attic-s3', 'NEWERKEY', 'another-secret');
    const { lines } = await run();
    expect(lines).toContain(
      'left     identity ATTI… still reaches bucket attic; remove it when nothing uses it any more',
    );
  });

  test('takes what means the same for the same', async () => {
    await run();
    const policy = store.policies.get('bucket-attic') as ReturnType<typeof bucketPolicy>;
    const Statement = policy.Statement.map(({ Action, ...rest }) => ({
      Sid: '',
      ...rest,
      Action: [...Action].reverse(),
    }));
    store.policies.set('bucket-attic', { Version: '2012-10-17', Statement: Statement.reverse() });
    store.buckets.get('attic')?.documents.set(
      'lifecycle',
      `<?xml version="1.0"?>\n<LifecycleConfiguration xmlns="x">\n <Rule>\n  <Status>Enabled</Status><Filter/>
         <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>
         <ID>abandoned&#45;uploads</ID></Rule></LifecycleConfiguration>`,
    );
    expect(changes(await run())).toEqual([]);
  });

  test('waits for a store that starts', async () => {
    store.notReady = 1;
    expect(await run()).toMatchObject({ code: 0, failure: '' });
  });

  test('shows no secret, in success or in failure', async () => {
    const outcomes = [await run()];
    writeSecret('attic-s3', 'OTHERKEY', 'other-secret');
    outcomes.push(await run());
    store.misbehave = ({ path }) =>
      path.endsWith('add-user') ? { status: 500, body: '' } : undefined;
    writeSecret('attic-s3', 'THIRDKEY', 'third-secret');
    outcomes.push(await run());
    const text = JSON.stringify(outcomes);
    for (const secret of [
      'root-secret',
      'attic-secret/+=',
      'state-secret',
      'other-secret',
      'third-secret',
      'ROOTKEY',
      'ATTICKEY',
      'OTHERKEY',
      'THIRDKEY',
    ])
      expect(text).not.toContain(secret);
  });
});

describe('the bucket Job fails with one sentence', () => {
  const failing = async (change: Record<string, string> = {}) => {
    const { code, failure } = await run(change);
    expect(code).toBe(1);
    return failure;
  };

  test('when the store refuses', async () => {
    store.misbehave = ({ method, query }) =>
      method === 'PUT' && query.has('lifecycle')
        ? { status: 400, body: '<Error><Code>MalformedXML</Code><Message>no</Message></Error>' }
        : undefined;
    expect(await failing()).toBe(
      'failed   the store refused to set the lifecycle of bucket attic: 400 MalformedXML, no',
    );
  });

  test('when the store does not get ready in time', async () => {
    store.notReady = 1000;
    expect(await failing({ READY_WITHIN_SEC: '0.3' })).toBe(
      `failed   the store at ${endpoint} was not ready within 0.3 s: 503 ServiceUnavailable`,
    );
    store.stop();
    expect(await failing({ READY_WITHIN_SEC: '0.3' })).toBe(
      `failed   the store at ${endpoint} was not ready within 0.3 s: ECONNREFUSED`,
    );
  });

  test('when the root identity is another than that of the server', async () => {
    writeSecret('object-store-root', 'ROOTKEY', 'changed-since');
    expect(await failing()).toBe(
      'failed   the store refuses the root identity: 403 SignatureDoesNotMatch. It reads its Secret only when it starts: restart it if the Secret was changed',
    );
  });

  test.each(['state-secret\n', ''])('when a Secret holds %j (L3)', async (text) => {
    writeSecret('tofu-state-s3', 'STATEKEY', text);
    expect(await failing()).toBe(
      'failed   key secret-access-key of Secret tofu-state-s3 is empty or has a blank or a line end; write it again without',
    );
    expect(store.writes).toEqual([]);
  });

  test('when a variable is missing', async () => {
    expect(await failing({ STORE_ENDPOINT: '' })).toBe(
      'failed   the variable STORE_ENDPOINT is not set',
    );
  });

  const lost = (evidence: string) =>
    `failed   bucket attic is lost: ${evidence}. Nothing was changed. Keep the logs and run "just rustfs-bucket-index-rca --bucket attic" before anything is restarted; if it was deleted on purpose, delete its access policy too`;

  test('when a bucket that was there is gone, instead of making an empty one (S9, R1)', async () => {
    await run();
    store.buckets.delete('attic');
    expect(await failing()).toBe(
      lost('its access policy exists, so it was there, and now it does not answer'),
    );
    expect(store.buckets.has('attic')).toBe(false);
  });

  test.each([
    { Version: 1, Policy: bucketPolicy({ name: 'attic', purpose: 'attic' }) },
    { policy_name: 'bucket-attic', policy: JSON.stringify({ Statement: [] }) },
    { policy_name: 'bucket-attic', policy: null },
    {},
  ])(
    'when an access policy has another shape, instead of taking it for none: %j (R1)',
    async (shown) => {
      await run();
      store.buckets.delete('attic');
      const answered = JSON.stringify(shown);
      store.misbehave = ({ path }) =>
        path.endsWith('info-canned-policy') ? { status: 200, body: answered } : undefined;
      expect(await failing()).toBe(
        'failed   the store shows access policy bucket-attic in a shape that is not known: policy.Statement must be a list. Nothing was changed for its bucket; use the version of RustFS that is pinned',
      );
      expect(store.buckets.has('attic')).toBe(false);
    },
  );

  test('when it does not find where policies are asked for, which says nothing of them (R1)', async () => {
    store.misbehave = ({ path }) =>
      path.endsWith('info-canned-policy')
        ? { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
        : undefined;
    expect(await failing()).toBe(
      'failed   the store refused to show access policy bucket-attic: 404 NoSuchKey, <Error><Code>NoSuchKey</Code></Error>',
    );
    expect(store.writes).toEqual([]);
  });

  test('when list and bucket contradict each other (S6, R1)', async () => {
    store.addBucket('attic');
    store.unlisted.add('attic');
    expect(await failing()).toBe(lost('it answers but is missing from the list of buckets'));
    store.unlisted.clear();
    store.misbehave = ({ method, path }) =>
      method === 'HEAD' && path === '/attic' ? { status: 404 } : undefined;
    expect(await failing()).toBe(lost('it is in the list of buckets but does not answer'));
  });

  test('when an identity reaches the bucket of another (W-A10)', async () => {
    store.misbehave = ({ caller, path, query }) =>
      caller === 'ATTICKEY' && path === '/tofu-state' && query.has('list-type')
        ? { status: 200 }
        : undefined;
    expect(await failing()).toBe(
      'failed   the identity of bucket attic is not kept out of bucket tofu-state: 200 instead of 403. Look for a policy on that bucket, or a group that the identity is in',
    );
  });
});
