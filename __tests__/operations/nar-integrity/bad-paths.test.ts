import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { check, checkJson, KEY, Servers } from './check.ts';
import {
  type Answers,
  atBody,
  cut,
  hashField,
  type MadePath,
  makePath,
  status,
  whole,
} from './made-cache.ts';
import { makeNar, narString } from './nar-maker.ts';

const servers = new Servers();
afterEach(() => servers.close());

const GOOD = makePath();

interface Wrong {
  readonly title: string;
  readonly path?: MadePath;
  readonly answers?: (path: MadePath) => Answers;
  readonly finding: string;
  readonly problem: RegExp;
}

const OTHER_NAR = makeNar({ file: Buffer.from('another one') });
const SAME_SIZE = Buffer.from(GOOD.nar);
SAME_SIZE[GOOD.nar.indexOf('hello hello') + 2] = 0x21;
const ATTIC = makePath({ compression: 'none', likeAttic: true });
const stranger = generateKeyPairSync('ed25519');

const WRONG: readonly Wrong[] = [
  {
    title: 'in a cache that is not there',
    answers: () => ({
      '/main/nix-cache-info': status(404),
      [`/main/${GOOD.hash}.narinfo`]: status(404),
    }),
    finding: 'cache-missing',
    problem: /^the server has no cache main$/,
  },
  {
    title: 'that the cache does not have',
    answers: () => ({ [`/main/${GOOD.hash}.narinfo`]: status(404) }),
    finding: 'path-missing',
    problem: /^the path is not in cache main$/,
  },
  {
    title: 'that is missing where the cache hides',
    answers: () => ({
      '/main/nix-cache-info': status(401),
      [`/main/${GOOD.hash}.narinfo`]: status(404),
    }),
    finding: 'path-missing',
    problem: /^the path is not in cache main, and it is not known whether there is such a cache$/,
  },
  {
    title: 'with a narinfo that nobody can read',
    path: makePath({ fields: { NarSize: 'much', URL: undefined } }),
    finding: 'narinfo-unreadable',
    problem: /^line 6 NarSize must be a number of bytes, at least 1, got "much"; URL is missing$/,
  },
  {
    title: 'with the narinfo of another path',
    path: makePath({ fields: { StorePath: '/nix/store/00000000000000000000000000000000-other' } }),
    finding: 'narinfo-lies',
    problem: /^it is of another path: \/nix\/store\/0{32}-other$/,
  },
  {
    title: 'signed by somebody else in the name of its key',
    path: makePath({ signer: stranger }),
    finding: 'signature-wrong',
    problem: /^that of main is not of this path, hash, size and references$/,
  },
  {
    title: 'that nobody has signed',
    path: makePath({ signer: undefined }),
    finding: 'signature-missing',
    problem: /^nobody has signed it$/,
  },
  {
    title: 'without a body',
    answers: atBody(() => status(404)),
    finding: 'body-missing',
    problem: /\.nar answers 404$/,
  },
  {
    title: 'with a body that is gone',
    answers: atBody(() => status(410)),
    finding: 'body-missing',
    problem: /\.nar answers 410$/,
  },
  {
    title: 'of which Attic lacks chunks',
    answers: atBody(() => status(503, {}, '{"code":503,"error":"IncompleteNar","message":"m"}')),
    finding: 'body-incomplete',
    problem: /^Attic says that it lacks chunks of it$/,
  },
  {
    title: 'cut off before its announced length',
    answers: atBody(({ body: bytes }) => cut(bytes, 1500)),
    finding: 'body-truncated',
    problem:
      /^the connection was cut off at byte 1500 of \d+, \d+ are missing, and at byte 1500 before; the archive in it ends at byte 1000 of \d+, \d+ are missing, in \/bin\/hello: it ends within the 3000 bytes of a file, of which \d+ bytes are missing$/,
  },
  {
    title: 'cut off without an announced length, as Attic does',
    path: ATTIC,
    answers: atBody(({ body: bytes }) => cut(bytes, 2000, false)),
    finding: 'body-truncated',
    problem:
      /^the connection was cut off at byte 2000, and at byte 2000 before; the archive in it ends at byte 2000 of 3672, 1672 are missing, in \/bin\/hello: /,
  },
  {
    title: 'that ends early as if it were whole',
    answers: atBody(({ body: bytes }) => whole(bytes.subarray(0, 2500))),
    finding: 'body-truncated',
    problem:
      /^it came to its end as if it were whole, at byte 2500 of \d+, \d+ are missing; the archive in it ends at byte 2000 /,
  },
  {
    title: 'that ends early between two chunks',
    path: makePath({ likeAttic: true }),
    answers: atBody(({ body: bytes }) => whole(bytes.subarray(0, 2 * 1009))),
    finding: 'body-truncated',
    problem:
      /^it came to its end as if it were whole, at byte 2018; the archive in it ends at byte 2000 of 3672, 1672 are missing, in \/bin\/hello/,
  },
  {
    title: 'of no byte at all',
    path: ATTIC,
    answers: atBody(() => whole(Buffer.alloc(0))),
    finding: 'body-truncated',
    problem:
      /^it came to its end as if it were whole, at byte 0; the archive in it ends at byte 0 of 3672, 3672 are missing, in \/: it ends within the beginning of an archive$/,
  },
  {
    title: 'with one byte changed',
    path: ATTIC,
    answers: atBody(() => whole(SAME_SIZE)),
    finding: 'body-damaged',
    problem: /^the archive has 3672 bytes as it should, and the hash sha256:[0-9a-z]{52}$/,
  },
  {
    title: 'with zeros in the place of a chunk',
    path: ATTIC,
    answers: atBody(({ body: bytes }) =>
      whole(Buffer.concat([bytes.subarray(0, 3200), Buffer.alloc(bytes.length - 3200)])),
    ),
    finding: 'body-damaged',
    problem: /^it is no archive: at byte \d+, in \/bin\/hello, it has "" in the place of "\)"$/,
  },
  {
    title: 'whose compression is broken',
    answers: atBody(({ body: bytes }) =>
      whole(Buffer.concat([Buffer.alloc(9), bytes.subarray(9)])),
    ),
    finding: 'body-damaged',
    problem: /^it is no zstd, or not what was written$/,
  },
  {
    title: 'with something after its end',
    path: ATTIC,
    answers: atBody(({ body: bytes }) => whole(Buffer.concat([bytes, Buffer.alloc(8)]))),
    finding: 'body-damaged',
    problem: /^it is no archive: at byte 3672, in \/, it has something after its end$/,
  },
  {
    title: 'that was no archive when it was pushed',
    path: makePath({
      compression: 'none',
      likeAttic: true,
      fields: { NarHash: hashField(narString('x')), NarSize: '16' },
    }),
    answers: atBody(() => whole(narString('x'))),
    finding: 'body-damaged',
    problem:
      /it has "x" in the place of "nix-archive-1"; NarHash is that of this, so it was pushed like that$/,
  },
  {
    title: 'with the body of another path',
    path: ATTIC,
    answers: atBody(() => whole(OTHER_NAR)),
    finding: 'body-wrong',
    problem: /^it is another one: \d+ bytes where NarSize says 3672$/,
  },
  {
    title: 'whose narinfo says another FileSize and FileHash',
    path: makePath({ fields: { FileSize: '17', FileHash: hashField(Buffer.from('x')) } }),
    finding: 'narinfo-lies',
    problem:
      /^the archive is right, and the narinfo says FileSize 17, where \d+ bytes came and another FileHash$/,
  },
  {
    title: 'whose unreadable body is short',
    path: makePath({ compression: 'none', fields: { Compression: 'bzip2' } }),
    answers: atBody(({ body: bytes }) => whole(bytes.subarray(0, 99))),
    finding: 'body-truncated',
    problem: /^it came to its end as if it were whole, at byte 99 of 3672, 3573 are missing$/,
  },
  {
    title: 'whose unreadable body is another one',
    path: makePath({ compression: 'none', fields: { Compression: 'bzip2' } }),
    answers: atBody(({ body: bytes }) => whole(Buffer.concat([bytes, bytes]))),
    finding: 'body-wrong',
    problem: /^it is another one: 7344 bytes where FileSize says 3672$/,
  },
  {
    title: 'whose unreadable body is damaged',
    path: makePath({ compression: 'none', fields: { Compression: 'bzip2' } }),
    answers: atBody(() => whole(SAME_SIZE)),
    finding: 'body-damaged',
    problem: /^it has the bytes of FileSize, and another hash than FileHash$/,
  },
];

describe('a path that is wrong', () => {
  test.each(WRONG)(
    'is proved bad: one $title (R4)',
    async ({ path = GOOD, answers, finding, problem }) => {
      const server = await servers.cache([path], answers?.(path));
      const { code, paths } = await checkJson(server, [path.hash]);
      const found = paths[0]?.checks.filter((row) => row.finding !== undefined);
      expect(found).toEqual([
        expect.objectContaining({
          status: 'bad',
          finding,
          problem: expect.stringMatching(problem),
        }),
      ]);
      expect([code, paths[0]?.verdict]).toEqual([2, 'bad']);
    },
  );

  test('is to be treated as a debt of the cache, and its store is to be looked at (R4)', async () => {
    const server = await servers.cache([GOOD], atBody(() => status(404))(GOOD));
    const { text } = await check(server, [GOOD.hash]);
    expect(text).toContain(
      '      fix: keep "nix build --fallback" on in CI and file it as cache-availability debt: it is no state incident; look at the object store by "just rustfs-bucket-index-rca --bucket attic"; then remove the path from the cache and push it again (',
    );
    const other = await check(server, [GOOD.hash], {
      words: [...KEY, '--cache', 'main'],
      environment: { FLYWHEEL_CONFIG: 'config/single-node-r2.yaml' },
    });
    expect(other.text).toContain('; look at the bucket attic-cache of the object store; then');
  });
});
