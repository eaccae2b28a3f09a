import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { troubleOf } from '../../../operations/nar-integrity/trouble.ts';
import { check, checkJson, KEY, Servers, SHORT_MS } from './check.ts';
import {
  type Answers,
  atBody,
  atNarinfo,
  cut,
  type MadePath,
  makePath,
  status,
  whole,
} from './made-cache.ts';

const servers = new Servers();
afterEach(() => servers.close());

const GOOD = makePath();
const stranger = generateKeyPairSync('ed25519');

interface Unknown {
  readonly title: string;
  readonly path?: MadePath;
  readonly answers?: (path: MadePath) => Answers;
  readonly because: RegExp;
  readonly fix: RegExp;
  /** No key is given. */
  readonly keyless?: true;
  /** Nothing comes for as long as anybody waits. */
  readonly silent?: true;
}

const UNKNOWN: readonly Unknown[] = [
  {
    title: 'behind a 401',
    answers: atNarinfo(status(401)),
    because: /^the server answers 401: it can be reached, and wants a token$/,
    fix: /ATTIC_TOKEN=<a token that may pull main>/,
  },
  {
    title: 'behind a 403',
    answers: atNarinfo(status(403)),
    because: /answers 403: the token may not pull$/,
    fix: /let it pull main/,
  },
  {
    title: 'behind a 429',
    answers: atNarinfo(status(429)),
    because: /answers 429: it is asked too often$/,
    fix: /wait/,
  },
  {
    title: 'behind a 500',
    answers: atNarinfo(status(500)),
    because: /answers 500$/,
    fix: /the server is there and fails/,
  },
  {
    title: 'behind something else',
    answers: atNarinfo(status(418)),
    because: /answers 418, which no Nix cache does$/,
    fix: /compare --endpoint/,
  },
  {
    title: 'of a silent server',
    answers: atNarinfo(() => {}),
    silent: true,
    because: /^the server says nothing for 0\.15 s$/,
    fix: /^this is the network/,
  },
  {
    title: 'with a silent narinfo',
    answers: atNarinfo((response) => void response.writeHead(200).write('Store')),
    silent: true,
    because: /^the server says nothing for 0\.15 s$/,
    fix: /^this is the network/,
  },
  {
    title: 'with a narinfo that breaks off',
    answers: atNarinfo(cut(Buffer.from(GOOD.narinfo), 20)),
    because: /^the server breaks off in the middle of its answer$/,
    fix: /try again/,
  },
  {
    title: 'whose server breaks off at once',
    answers: atNarinfo((response) => void response.destroy()),
    because: /^the server breaks the connection off before it answers$/,
    fix: /look at the log/,
  },
  {
    title: 'whose body is behind a 502',
    answers: atBody(() => status(502)),
    because: /\.nar answers 502$/,
    fix: /the server is there and fails/,
  },
  {
    title: 'whose body is behind a 401',
    answers: atBody(() => status(401)),
    because: /\.nar answers 401: it can be reached/,
    fix: /ATTIC_TOKEN/,
  },
  {
    title: 'whose body stops coming',
    answers: atBody(
      ({ body: bytes }) =>
        (response) =>
          void response.writeHead(200).write(bytes.subarray(0, 100)),
    ),
    silent: true,
    because: /sends nothing more after byte 100$/,
    fix: /^this is the network/,
  },
  {
    title: 'whose body is encoded on the way',
    answers: atBody(
      ({ body: bytes }) =>
        (response) =>
          void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
    ),
    because: /encoded by gzip, which was not asked for$/,
    fix: /look at what stands before/,
  },
  {
    title: 'whose body is redirected for ever',
    answers: atBody(() => status(307, { location: '?again' })),
    because: /^the server redirects without end$/,
    fix: /their own addresses/,
  },
  {
    title: 'whose body is redirected to no address',
    answers: atBody(() => status(307, { location: 'file:///etc/passwd' })),
    because: /^the server redirects to what is no address$/,
    fix: /their own addresses/,
  },
  {
    title: 'signed by a key that nobody has named',
    path: makePath({ fields: { CA: 'text:x' } }),
    keyless: true,
    because: /^by main, of which no key is known$/,
    fix: /--trusted-key main:<base64>, or attic\.caches\.main\.publicKey/,
  },
  {
    title: 'that is content-addressed and not signed',
    path: makePath({ fields: { CA: 'text:x' }, signer: undefined }),
    keyless: true,
    because: /^nobody has signed it; it is content-addressed/,
    fix: /--without-signature/,
  },
];

describe('a path of which something is not known', () => {
  test.each(UNKNOWN)(
    'is not called good: one $title (R4, L14, L20)',
    async ({ path = GOOD, answers, because, fix, keyless, silent }) => {
      const server = await servers.cache([path], answers?.(path));
      const { code, paths } = await checkJson(server, [path.hash], {
        words: keyless ? [] : KEY,
        idleMs: silent ? SHORT_MS : undefined,
      });
      const found = paths[0]?.checks.filter((row) => row.because !== undefined);
      expect(found).toEqual([
        expect.objectContaining({
          because: expect.stringMatching(because),
          fix: expect.stringMatching(fix),
        }),
      ]);
      expect([code, paths[0]?.verdict]).toEqual([1, 'unknown']);
    },
  );

  test('says that nobody is there (L14)', async () => {
    const server = await servers.cache([]);
    await servers.close();
    const { code, text } = await check(server, [GOOD.hash]);
    expect(code).toBe(1);
    expect(text).toContain(
      'not known: the server refuses the connection\n      fix: the address is wrong, or the server is down',
    );
  });

  test.each([
    ['ECONNREFUSED', 'refuses the connection', 'the address is wrong, or the server is down'],
    [
      'ENOTFOUND',
      'has a name that is not known here',
      'names of the cluster are known in pods only',
    ],
    [
      'EAI_AGAIN',
      'has a name that is not known here',
      'names of the cluster are known in pods only',
    ],
    ['ETIMEDOUT', 'cannot be reached', 'this is the network'],
    ['ECONNRESET', 'breaks the connection off before it answers', 'look at the log of the server'],
    ['HPE_INVALID_CONSTANT', 'breaks the connection off', 'look at the log of the server'],
    ['CERT_HAS_EXPIRED', 'has a certificate that is not trusted here', 'NODE_EXTRA_CA_CERTS'],
    ['EWHATEVER', 'cannot be asked: EWHATEVER', 'this is the network'],
  ])('says what %s means (L14, L20)', (code, because, fix) => {
    const trouble = troubleOf(Object.assign(new Error('words of the server'), { code }));
    expect([trouble.message, trouble.fix]).toEqual([
      expect.stringContaining(because),
      expect.stringContaining(fix),
    ]);
    expect(trouble.message).not.toContain('words of the server');
  });

  test('is read once more where the connection broke off, and that is said (R4)', async () => {
    let asked = 0;
    const server = await servers.cache(
      [GOOD],
      atBody(({ body: bytes }) => (response, request) => {
        asked += 1;
        (asked === 1 ? cut(bytes, 700) : whole(bytes))(response, request);
      })(GOOD),
    );
    const { code, text } = await check(server, [GOOD.hash]);
    expect(code).toBe(1);
    expect(text).toContain(
      '?     body       not known: it was cut off at byte 700 at first, and came whole when it was asked for again',
    );
    expect(text).toContain('ok    nar        3672 bytes in 4 entries');
  });

  test('has an unknown signature put aside by a word, never a wrong one (R4)', async () => {
    const unsigned = makePath({ name: 'unsigned', signer: undefined });
    const forged = makePath({ name: 'forged', signer: stranger });
    const server = await servers.cache([GOOD, unsigned, forged]);
    const ask = (path: MadePath, ...words: string[]) => check(server, [path.hash], { words });
    await expect(ask(GOOD)).resolves.toMatchObject({ code: 1 });
    await expect(ask(GOOD, '--without-signature')).resolves.toMatchObject({ code: 0 });
    await expect(ask(unsigned, '--without-signature')).resolves.toMatchObject({ code: 0 });
    await expect(ask(forged, '--without-signature', ...KEY)).resolves.toMatchObject({ code: 2 });
  });
});
