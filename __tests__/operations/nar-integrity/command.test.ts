import { afterEach, describe, expect, test } from 'vitest';
import { check, Servers } from './check.ts';
import { REAL_KEY, REAL_PATHS } from './fixtures.ts';
import { type Answer, type MadePath, makePath, status, streamed, whole } from './made-cache.ts';

const servers = new Servers();
afterEach(() => servers.close());

const GOOD = makePath();

describe('a path of a cache', () => {
  test('that is right is proved good, row by row (R4, L15)', async () => {
    const server = await servers.cache([GOOD]);
    const { code, lines } = await check(server, [GOOD.hash]);
    const { nar, body, storePath, hash } = GOOD;
    expect(lines).toEqual([
      hash,
      `ok    narinfo    ${storePath}`,
      'ok    signature  by main',
      `ok    body       ${body.length} bytes, as Content-Length says, from http://${server.authority}/main/nar/${hash}.nar`,
      'ok    file       as FileHash and FileSize say',
      `ok    nar        ${nar.length} bytes in 4 entries, as NarHash and NarSize say`,
      '1 path of cache main: 1 proved good, 0 bad, 0 not known',
    ]);
    expect(code).toBe(0);
  });

  test.each(REAL_PATHS)(
    'that Nix itself has written, compressed by $compression, is proved as far as it can be read (R4)',
    async ({ narinfo, body, hash, compression }) => {
      const url = /^URL: (.*)$/m.exec(narinfo)?.[1];
      const server = await servers.cache([], {
        [`/main/${hash}.narinfo`]: status(200, {}, narinfo),
        [`/main/${url}`]: streamed(body),
      });
      const { code, text } = await check(server, [hash], { words: ['--trusted-key', REAL_KEY] });
      const isRead = compression !== 'bzip2';
      expect([code, text]).toEqual([
        isRead ? 0 : 1,
        expect.stringContaining('ok    file       as FileHash and FileSize say'),
      ]);
      expect(text).toContain(
        isRead
          ? 'as NarHash and NarSize say'
          : '?     nar        not known: the body is compressed by bzip2',
      );
    },
  );

  test.each(['none', 'br', 'gzip', 'zstd'] as const)(
    'of Attic, compressed by %s and without a length, is proved good (R4)',
    async (compression) => {
      const path = makePath({ compression, likeAttic: true });
      const server = await servers.cache([path], {
        [`/main/nar/${path.hash}.nar`]: streamed(path.body),
      });
      await expect(check(server, [path.hash])).resolves.toMatchObject({ code: 0 });
    },
  );
});

describe('several paths', () => {
  test('are all looked at, four at once at most, and told in the order of the question (R4)', async () => {
    const paths = Array.from({ length: 9 }, (_, index) => makePath({ name: `path-${index}` }));
    const { answers, most } = slowly(paths);
    const server = await servers.cache(paths, answers);
    const hashes = paths.map(({ hash }) => hash);
    const { code, lines } = await check(server, [...hashes, ...hashes]);
    expect(code).toBe(0);
    expect(lines.filter((line) => hashes.includes(line))).toEqual(hashes);
    expect(most()).toBe(4);
  });

  test('of xz are asked for one after the other, since no more are decompressed at once', async () => {
    const paths = ['a', 'b', 'c'].map((name) =>
      makePath({ name, compression: 'none', fields: { Compression: 'xz' } }),
    );
    const { answers, most } = slowly(paths);
    const server = await servers.cache(paths, answers);
    const hashes = paths.map(({ hash }) => hash);
    await expect(check(server, hashes)).resolves.toMatchObject({ code: 2 });
    expect(most()).toBe(1);
  });

  test('end with bad when one is bad, else with not known when one is not known (R4)', async () => {
    const bad = makePath({ name: 'bad' });
    const hidden = makePath({ name: 'hidden' });
    const server = await servers.cache([GOOD, bad, hidden], {
      [`/main/nar/${bad.hash}.nar`]: status(404),
      [`/main/nar/${hidden.hash}.nar`]: status(500),
    });
    const all = await check(server, [hidden.hash, GOOD.hash, bad.hash]);
    expect([all.code, all.lines.at(-1)]).toEqual([
      2,
      '3 paths of cache main: 1 proved good, 1 bad, 1 not known',
    ]);
    await expect(check(server, [hidden.hash, GOOD.hash])).resolves.toMatchObject({ code: 1 });
  });

  test('whose names are given as a whole have to be those of the cache', async () => {
    const server = await servers.cache([GOOD]);
    await expect(check(server, [GOOD.storePath])).resolves.toMatchObject({ code: 0 });
    const { code, text } = await check(server, [`${GOOD.storePath}-2.0`]);
    expect([code, text]).toEqual([
      2,
      expect.stringContaining(`it is of another path: ${GOOD.storePath}`),
    ]);
  });
});

/** Answers for bodies after a while, and how many were waited for at once. */
function slowly(paths: readonly MadePath[]) {
  let open = 0;
  let most = 0;
  const slow =
    ({ body }: MadePath): Answer =>
    (response, request) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        whole(body)(response, request);
      }, 15);
    };
  const answers = Object.fromEntries(
    paths.map((path) => [`/main/nar/${path.hash}.nar`, slow(path)]),
  );
  return { answers, most: () => most };
}
