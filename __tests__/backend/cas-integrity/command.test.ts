import { afterEach, describe, expect, test } from 'vitest';
import { casIntegrityCheck } from '../../../backend/cas-integrity/command.ts';
import { EMPTY_HASH } from '../../../backend/cas-integrity/digest.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { serveStore } from '../../../backend/lying-store/serve-store.ts';
import { Failure } from '../../../console/failure.ts';
import { serve } from '../../support/http-server.ts';
import { casblobOf, hashOf } from './casblob-maker.ts';
import { REAL_CASBLOBS } from './real-casblobs.ts';

const BUCKET = 'bazel-cache';
const KEYS = { accessKeyId: 'reader', secretAccessKey: 'hunter2hunter2' };
/** All but the one that takes time to decode. */
const SMALL = REAL_CASBLOBS.slice(0, 2);
const [ONE = '', NOISE = ''] = SMALL.map(({ hash }) => hash);
const SCRATCH = { write: () => true };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function keyOf(hash: string, layout = 'cas.v2'): string {
  return `${layout}/${hash.slice(0, 2)}/${hash}`;
}

/** A bucket that holds what real servers have put there, and how it is named to the command. */
async function bucketWith(
  change: (plant: (key: string, body: Uint8Array) => void) => void = () => {},
) {
  const store = new HonestStore({ bucket: BUCKET, versioned: false });
  const plant = (key: string, body: Uint8Array) => store.plant(BUCKET, key, body);
  for (const { hash, object } of SMALL) plant(keyOf(hash), object);
  change(plant);
  const served = await serveStore({ store, keys: KEYS, region: 'us-east-1' });
  closing.push(() => served.stop());
  return {
    BAZEL_CACHE_S3_ENDPOINT: served.endpoint,
    BAZEL_CACHE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
    BAZEL_CACHE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  };
}

/** A server with these blobs on its disk, and how it is named to the command. */
async function serverWith(blobs: Readonly<Record<string, Uint8Array>>) {
  const all: Readonly<Record<string, Uint8Array>> = { [EMPTY_HASH]: Buffer.alloc(0), ...blobs };
  const server = await serve(({ url = '' }, response) => {
    const blob = all[url.slice('/cas/'.length)];
    if (blob === undefined) response.writeHead(404).end('Not found');
    else response.end(blob);
  });
  closing.push(() => server.close());
  return { BAZEL_REMOTE_CACHE: `http://${server.authority}` };
}

async function run(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const results: string[] = [];
  const problems: string[] = [];
  const printer = {
    result: (line: string) => void results.push(line),
    problem: (line: string) => void problems.push(line),
  };
  const options = { idleMs: 2000, terminal: SCRATCH };
  try {
    const code = await casIntegrityCheck(args, printer, environment, options);
    return { code, results, problems, text: [...results, ...problems].join('\n') };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { code: error.exitCode, results, problems, text: error.message };
  }
}

const OTHER = Buffer.from('other bytes');
const DAMAGED = casblobOf(OTHER);

describe('a look into the bucket', () => {
  test('hashes decoded bytes, and finds real objects good (R9)', async () => {
    const { code, results, problems } = await run(
      [],
      await bucketWith((plant) => {
        for (const { hash, object } of REAL_CASBLOBS) plant(keyOf(hash), object);
      }),
    );
    expect([code, problems]).toEqual([0, []]);
    expect(results.at(-1)).toMatch(
      /^proven good: 3 of 3 looked at, out of 3 objects; chosen by --seed \d+$/,
    );
  });

  test('takes objects of the uncompressed mode as they are (R9)', async () => {
    const environment = await bucketWith((plant) => {
      plant(keyOf(ONE, 'cas'), Buffer.from('x'));
      plant(keyOf(NOISE, 'cas'), OTHER);
    });
    const { code, problems, results } = await run(['--all'], environment);
    expect(code).toBe(2);
    expect(problems[0]).toBe(`FAIL  bucket  ${keyOf(NOISE, 'cas')}`);
    expect(results.at(-1)).toBe('proven good: 3 of 4 looked at, out of 4 objects; bad: 1');
  });

  test('calls damage by its name, says what to do, and blames no source (B3)', async () => {
    const environment = await bucketWith((plant) => plant(keyOf(NOISE), DAMAGED));
    const { code, results, problems, text } = await run(['--all'], environment);
    expect(code).toBe(2);
    expect(problems).toEqual([
      `FAIL  bucket  ${keyOf(NOISE)}`,
      `      damaged: it decodes to another hash, ${hashOf(OTHER)}`,
      `      now: remove this object, which only the cache loses: aws s3 rm s3://${BUCKET}/${keyOf(NOISE)} --endpoint-url ${environment.BAZEL_CACHE_S3_ENDPOINT}`,
    ]);
    expect(results.slice(1)).toEqual([
      'The cache is damaged; the sources have not changed.',
      expect.stringMatching(/RustFS.*remove one object.*just rustfs-bucket-index-rca/),
      expect.stringMatching(
        /empty the disk of the server.*kubectl -n nix-cache rollout restart deployment\/bazel-cache.*then rebuild/,
      ),
      'proven good: 1 of 2 looked at, out of 2 objects; bad: 1',
    ]);
    expect(text).not.toMatch(/code (has )?changed|hunter2/);
  });

  test('of a sample never speaks for the whole, and is repeated by its seed', async () => {
    const environment = await bucketWith((plant) => {
      for (let index = 0; index < 1100; index += 1) {
        const blob = Buffer.from(`blob ${index}`);
        plant(keyOf(hashOf(blob)), casblobOf(blob));
      }
    });
    const first = await run(['--sample', '5', '--seed', '7', '--json'], environment);
    expect(JSON.parse(first.text)).toMatchObject({
      exitCode: 0,
      sample: 5,
      seed: 7,
      listed: 1102,
      looked: 5,
      counts: { good: 5 },
    });
    const again = await run(['--sample', '5', '--seed', '7'], environment);
    expect(again.results.at(-1)).toBe(
      'proven good: 5 of 5 looked at, out of 1,102 objects; of the other 1,097 nothing is known; chosen by --seed 7',
    );
  });

  test('tells what has no digest for a name, and does not call it bad', async () => {
    const environment = await bucketWith((plant) => {
      plant('cas.v2/README\u001b', Buffer.from('x'));
      plant(`cas.v2/00/${ONE}`, Buffer.from('x'));
      plant(`ac/${ONE.slice(0, 2)}/${ONE}`, Buffer.from('x'));
    });
    const { code, results } = await run(['--all'], environment);
    expect(code).toBe(0);
    expect(results.slice(1)).toEqual([
      `2 objects with no digest for a name, such as cas.v2/00/${ONE}: foreign, not asked for by any build, and left alone`,
      'proven good: 2 of 2 looked at, out of 2 objects',
    ]);
  });

  test('below a prefix sees nothing else, and nothing at all is no proof', async () => {
    const environment = await bucketWith((plant) => plant(`team/${keyOf(ONE)}`, DAMAGED));
    const team = await run(['--all'], { ...environment, BAZEL_CACHE_S3_PREFIX: 'team' });
    expect(team.code).toBe(2);
    expect(team.text).toContain(`s3://${BUCKET}/team/${keyOf(ONE)}`);
    const empty = await run(['--all'], { ...environment, BAZEL_CACHE_S3_PREFIX: 'nobody' });
    expect([empty.code, empty.results.at(-1)]).toEqual([
      1,
      'not known: the bucket holds no object of the cache; is it the right bucket, and the right prefix?',
    ]);
  });

  test('that is refused is not known, and never good', async () => {
    const environment = { ...(await bucketWith()), BAZEL_CACHE_S3_SECRET_ACCESS_KEY: 'wrong' };
    const listed = await run([], environment);
    expect(listed.code).toBe(1);
    expect(listed.text).toContain(
      'not all was listed: bucket bazel-cache cannot be listed: 403 SignatureDoesNotMatch',
    );
    const named = await run(['--digest', ONE], environment);
    expect(named.code).toBe(1);
    expect(named.text).toContain('could not be read: the store answers 403 SignatureDoesNotMatch');
  });
});

describe('a look at named blobs', () => {
  test('goes every way that is at hand (R9, B4)', async () => {
    const environment = {
      ...(await bucketWith()),
      ...(await serverWith({ [ONE]: Buffer.from('x') })),
    };
    const digests = ['--digest', `${ONE}/1`, '--digest', `${EMPTY_HASH}/0`, '--digest', ONE];
    const { code, results } = await run(digests, environment);
    expect(code).toBe(0);
    expect(results.filter((line) => line.startsWith('ok'))).toEqual([
      `ok    server  ${environment.BAZEL_REMOTE_CACHE}/cas/${ONE}`,
      `ok    bucket  ${keyOf(ONE)}`,
      `ok    server  ${environment.BAZEL_REMOTE_CACHE}/cas/${EMPTY_HASH}`,
      `ok    bucket  ${keyOf(EMPTY_HASH)}`,
      `ok    server  ${environment.BAZEL_REMOTE_CACHE}/cas/${ONE}`,
      `ok    bucket  ${keyOf(ONE)}`,
    ]);
    expect(results.at(-1)).toBe('proven good: 6 of 6 looks at 3 blobs');
  });

  const contradictions: readonly (readonly [
    string,
    Uint8Array | undefined,
    Uint8Array | undefined,
    number,
    RegExp,
  ])[] = [
    [
      'the bucket alone is damaged',
      Buffer.from('x'),
      DAMAGED,
      2,
      /server good, bucket damaged: builds get it right from the disk/,
    ],
    ['the server alone is damaged', OTHER, undefined, 2, /server damaged, bucket good\n/],
    [
      'the server does not find what is damaged',
      undefined,
      DAMAGED,
      2,
      /server missing, bucket damaged: the server does not find/,
    ],
    [
      'the server does not find what is good',
      undefined,
      undefined,
      1,
      /server missing, bucket good: the server does not find/,
    ],
  ];

  test.each(contradictions)('says both where %s (B3)', async (_, onDisk, inBucket, code, said) => {
    const environment = {
      ...(await bucketWith((plant) => {
        if (inBucket !== undefined) plant(keyOf(ONE), inBucket);
      })),
      ...(await serverWith(onDisk === undefined ? {} : { [ONE]: onDisk })),
    };
    const told = await run(['--digest', ONE], environment);
    expect(told.code).toBe(code);
    expect(told.text).toMatch(said);
    const machine = JSON.parse((await run(['--digest', ONE, '--json'], environment)).text);
    expect(machine.disagreements).toHaveLength(1);
    expect(machine.exitCode).toBe(code);
  });

  test('leads to the removal of what the server alone was asked for (B3)', async () => {
    const { code, text } = await run(['--digest', ONE], await serverWith({ [ONE]: OTHER }));
    expect(code).toBe(2);
    expect(text).toContain(
      `aws s3 rm s3://${BUCKET}/${keyOf(ONE)} --endpoint-url ADDRESS-OF-THE-STORE; then empty the disk`,
    );
    expect(text).toContain('The cache is damaged; the sources have not changed.');
    expect(text).toContain('the bucket was not looked into: set BAZEL_CACHE_S3_ENDPOINT');
  });

  test('asks one way alone where that was said', async () => {
    const environment = { ...(await bucketWith()), ...(await serverWith({ [ONE]: OTHER })) };
    expect((await run(['--digest', ONE, '--through', 'bucket'], environment)).code).toBe(0);
    expect((await run(['--digest', ONE, '--through', 'server'], environment)).code).toBe(2);
  });

  test('does not know of what is missing, and finds fault with a size that was asked for', async () => {
    const environment = await bucketWith();
    const missing = await run(['--digest', hashOf(OTHER)], environment);
    expect([missing.code, missing.problems[1]]).toEqual([1, '      missing: it is not there']);
    const sized = await run(['--digest', `${ONE}/2`], environment);
    expect(sized.code).toBe(2);
    expect(sized.text).toMatch(/asked-wrong: .*\n {6}now: keep the object/);
    expect(sized.text).not.toContain('The cache is damaged');
  });

  test('is not known where the server cannot be reached', async () => {
    const { code, text } = await run(['--digest', ONE, '--endpoint', 'http://127.0.0.1:1'], {});
    expect(code).toBe(1);
    expect(text).toContain('refuses connections: the address is wrong, or the server is down');
  });
});

describe('the command line', () => {
  test.each([
    [
      [],
      {},
      /^the bucket was not looked into: set BAZEL_CACHE_S3_ENDPOINT, BAZEL_CACHE_S3_ACCESS_KEY_ID/,
    ],
    [
      ['--digest', ONE],
      {},
      /^the server was not asked: give --endpoint.*\n.*port-forward service\/bazel-cache 8080:8080/,
    ],
    [
      ['--digest', ONE],
      { BAZEL_REMOTE_CACHE: 'grpc://h:9092' },
      /^BAZEL_REMOTE_CACHE must be an address of HTTP/,
    ],
    [
      ['--digest', 'x', '--sample', '0', '--through', 'moon'],
      {},
      /--through must be.*\n--digest must be.*\n--sample must be a whole number from 1/,
    ],
    [['--sample', '3', '--all'], {}, /^--sample and --all exclude each other/],
    [['--all', '--seed', '3'], {}, /^--seed chooses a sample/],
    [['--through', 'server'], {}, /^--through server cannot list blobs/],
    [
      ['--endpoint', 'http://h:8080'],
      {},
      /^--endpoint names the server, and only the bucket is looked into/,
    ],
  ])('%j is refused with all that is wrong', async (args, environment, said) => {
    const { code, text } = await run(args, environment);
    expect(code).toBe(64);
    expect(text).toMatch(said);
  });
});
