import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CasblobNotes,
  decodedCasblob,
} from '../../../backend/cas-integrity/decoded-casblob.ts';
import type { Digest } from '../../../backend/cas-integrity/digest.ts';
import { hashed } from '../../../backend/cas-integrity/evidence.ts';
import { judge, type Verdict } from '../../../backend/cas-integrity/verdict.ts';
import { figure } from '../../support/long.ts';
import { casblobOf, frameOf, hashOf, portions } from './casblob-maker.ts';
import { REAL_CASBLOBS } from './real-casblobs.ts';

/** What an object is found to be, when it arrives in pieces of that length. */
async function verdictOn(digest: Digest, object: Uint8Array, length = 1000): Promise<Verdict> {
  const notes: CasblobNotes = {};
  const decoded = decodedCasblob(portions(object, length), notes);
  const claimed = () => notes.claimed;
  return judge(digest, await hashed({ decoded, arrived: () => object.length, claimed }));
}

async function bytesOf(decoded: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of decoded) parts.push(part);
  return Buffer.concat(parts);
}

const BLOB = Buffer.from('what the cache is to give back, again and again: '.repeat(6));
const NAME = hashOf(BLOB);
/** 294 bytes in five chunks. */
const OBJECT = casblobOf(BLOB, { chunkSize: 64 });

/** The object with some of it written over. */
function changed(change: (object: Buffer) => void): Buffer {
  const copy = Buffer.from(OBJECT);
  change(copy);
  return copy;
}

describe('an object that bazel-remote has made', () => {
  test.each(REAL_CASBLOBS)('of $what decodes to the hash that is its name (R9)', async (real) => {
    const { hash, size, object } = real;
    expect(await verdictOn({ hash, size }, object)).toEqual({
      status: 'good',
      detail: `decodes to its hash, ${size} bytes`,
      size,
    });
  });

  test.each(REAL_CASBLOBS)(
    'of $what has another hash as it lies there (R9)',
    ({ hash, object }) => {
      expect(hashOf(object)).not.toBe(hash);
    },
  );

  test('arrives in pieces of any length', async () => {
    for (const { hash, size, object } of REAL_CASBLOBS) {
      for (const length of [1, 7, 100_000]) {
        expect((await verdictOn({ hash, size }, object, length)).status).toBe('good');
      }
    }
  });

  test('comes out block by block, however long it is', async () => {
    const { object = Buffer.alloc(0) } = REAL_CASBLOBS.at(-1) ?? {};
    let longest = 0;
    for await (const { length } of decodedCasblob([object])) longest = Math.max(longest, length);
    expect(longest).toBeLessThanOrEqual(128 * 1024);
  });
});

const FAULTS: readonly (readonly [
  what: string,
  object: Buffer,
  Verdict['status'],
  detail: string,
])[] = [
  ['nothing', Buffer.alloc(0), 'truncated', 'ends at byte 0, in its header'],
  ['a cut header', OBJECT.subarray(0, 20), 'truncated', 'ends at byte 20, in its header'],
  ['a cut table', OBJECT.subarray(0, 60), 'truncated', 'ends at byte 60, in its table of chunks'],
  [
    'a missing end',
    OBJECT.subarray(0, -1),
    'truncated',
    `ends at byte ${OBJECT.length - 1}, in chunk 5 of 5`,
  ],
  [
    'a missing chunk',
    OBJECT.subarray(0, OBJECT.readInt32LE(61)),
    'truncated',
    `ends at byte ${OBJECT.readInt32LE(61)}, in chunk 5 of 5`,
  ],
  [
    'the plain blob',
    BLOB,
    'no-header',
    'does not begin as bazel-remote begins its compressed objects',
  ],
  [
    'a size of nothing',
    changed((object) => object.writeBigInt64LE(0n, 8)),
    'no-header',
    'has a header that gives a size of 0 bytes',
  ],
  [
    'an unknown compression',
    changed((object) => object.writeUInt8(2, 16)),
    'no-header',
    'has a header that names an unknown compression',
  ],
  [
    'a wrong length of the header',
    changed((object) => object.writeUInt32LE(70, 4)),
    'no-header',
    'has a header whose length is not that of its table',
  ],
  [
    'a table that does not fit',
    changed((object) => object.writeBigInt64LE(1000n, 8)),
    'no-header',
    'has a table of 5 chunks, and 1000 bytes are 16 of 64',
  ],
  [
    'no size of a chunk',
    changed((object) => object.writeUInt32LE(0, 17)),
    'no-header',
    'has a header that gives chunks of 0 bytes',
  ],
  [
    'a first chunk elsewhere',
    changed((object) => object.writeBigInt64LE(78n, 29)),
    'no-header',
    'has a table whose first chunk does not follow the header',
  ],
  [
    'offsets that go back',
    changed((object) => object.writeBigInt64LE(77n, 45)),
    'no-header',
    'has a table whose offset 2 is not behind the one before',
  ],
  [
    'an offset beside its chunk',
    changed((object) => object.writeInt8(object.readInt8(37) + 1, 37)),
    'damaged',
    'is no zstd in chunk 2 of 5, or not what was written',
  ],
  [
    'an offset inside of its chunk',
    changed((object) => object.writeInt8(object.readInt8(37) - 9, 37)),
    'damaged',
    'has 0 bytes in chunk 1 of 5, and not 64',
  ],
  [
    'chunks of another size',
    changed((object) => object.writeUInt32LE(65, 17)),
    'damaged',
    'has 64 bytes in chunk 1 of 5, and not 65',
  ],
  [
    'more in a chunk than fits',
    changed((object) => object.writeUInt32LE(63, 17)),
    'damaged',
    'has more than 63 bytes in chunk 1 of 5',
  ],
  [
    'no frame in a chunk',
    changed((object) => object.writeUInt8(0, 77)),
    'damaged',
    'is no zstd in chunk 1 of 5, or not what was written',
  ],
  [
    'something behind its end',
    Buffer.concat([OBJECT, frameOf(BLOB)]),
    'damaged',
    'goes on behind its last chunk',
  ],
  [
    'another size in the header',
    casblobOf(BLOB, { chunkSize: 64, size: 290 }),
    'wrong-size',
    'decodes to the right 294 bytes, and its header says 290: a server sends so many',
  ],
  [
    'chunks of gigabytes',
    casblobOf(BLOB, { chunkSize: 2 ** 31, size: 2 ** 31 }),
    'no-header',
    'has chunks of 2147483648 bytes, 1 of them, as no bazel-remote writes them',
  ],
  [
    'plain bytes that end early',
    casblobOf(BLOB, { plain: true }).subarray(0, -4),
    'truncated',
    'ends at byte 335, and its blob has 294 bytes',
  ],
  [
    'plain bytes that go on',
    Buffer.concat([casblobOf(BLOB, { plain: true }), BLOB]),
    'damaged',
    'does not end where its table says',
  ],
];

describe('an object that is not what it should be', () => {
  test.each(FAULTS)(
    'since it has %s, is told from a good one (R9)',
    async (_, object, status, detail) => {
      const verdict = await verdictOn({ hash: NAME }, object);
      expect([verdict.status, verdict.detail]).toEqual([status, detail]);
    },
  );

  test('since a byte of its content was changed, is told with the hash of what it holds (R9)', async () => {
    const verdict = await verdictOn(
      { hash: NAME },
      changed((object) => object.writeUInt8(0, 100)),
    );
    expect(verdict).toMatchObject({ status: 'damaged', size: BLOB.length });
    expect(verdict.detail).toMatch(/^decodes to another hash, [0-9a-f]{64}$/);
  });

  test('since the checksum of a frame is wrong, is told although its bytes are right (R9)', async () => {
    const [{ hash, object } = never()] = REAL_CASBLOBS;
    const copy = Buffer.from(object);
    copy.writeUInt8(copy.readUInt8(copy.length - 1) ^ 1, copy.length - 1);
    const { status, detail } = await verdictOn({ hash }, copy);
    expect([status, detail]).toEqual([
      'damaged',
      'is no zstd in chunk 1 of 1, or not what was written',
    ]);
  });

  test('since it holds the bytes of another blob, is told with the hash of these (R9)', async () => {
    const other = Buffer.from('something else');
    expect(await verdictOn({ hash: NAME }, casblobOf(other))).toEqual({
      status: 'damaged',
      detail: `decodes to another hash, ${hashOf(other)}`,
      size: 14,
      decodesTo: hashOf(other),
    });
  });

  test('is told from a whole one that was asked for with another size', async () => {
    const verdict = await verdictOn({ hash: NAME, size: 7 }, OBJECT);
    expect(verdict.status).toBe('asked-wrong');
    expect(verdict.detail).toBe('is whole and has 294 bytes, not the 7 that were asked for');
  });
});

describe('any blob', () => {
  test('comes back as it went in (R9)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 600 }),
        fc.record({
          chunkSize: fc.integer({ min: 1, max: 700 }),
          plain: fc.boolean(),
        }),
        fc.integer({ min: 1, max: 50 }),
        async (blob, options, length) => {
          const object = casblobOf(blob, options);
          expect(await bytesOf(decodedCasblob(portions(object, length)))).toEqual(
            Buffer.from(blob),
          );
          expect((await verdictOn({ hash: hashOf(blob), size: blob.length }, object)).status).toBe(
            'good',
          );
        },
      ),
      { numRuns: figure(60, 2000) },
    );
  });

  const objects = [
    { hash: NAME, object: OBJECT },
    { hash: NAME, object: casblobOf(BLOB, { chunkSize: 100 }) },
    ...REAL_CASBLOBS.slice(0, 2),
  ];

  test('of which a bit is turned is found, or decodes to the right bytes all the same (R9)', async () => {
    let found = 0;
    for (const { hash, object } of objects) {
      const places = Array.from({ length: object.length }, (_, place) => place);
      for (const place of places.filter((each) => each % figure(3, 1) === 0)) {
        const copy = Buffer.from(object);
        copy[place] = (copy[place] ?? 0) ^ (1 << (place % 8));
        const { status, size } = await verdictOn({ hash }, copy);
        // A good one was hashed: its bytes are the right ones.
        if (status !== 'good') found += 1;
        else expect(size).toBeGreaterThan(0);
      }
    }
    // Only the size of a chunk, where there is but one, changes nothing.
    expect(found).toBeGreaterThan(figure(400, 1200));
  });

  test('that is cut anywhere is found (R9)', async () => {
    const statuses = new Set<string>();
    for (const { hash, object } of objects) {
      for (let length = 0; length < object.length; length += figure(3, 1)) {
        statuses.add((await verdictOn({ hash }, object.subarray(0, length))).status);
      }
    }
    expect([...statuses]).toEqual(['truncated']);
  });

  test('that bazel-remote has compressed is found as well, wherever it is hurt (R9)', async () => {
    const real = REAL_CASBLOBS.at(-1);
    if (real === undefined) throw new Error('there is no object of four chunks');
    const { hash, object } = real;
    const hurt = [8, 40, 300, 1500, object.length - 1].map((place) => {
      const copy = Buffer.from(object);
      copy[place] = (copy[place] ?? 0) ^ 1;
      return copy;
    });
    for (const copy of [...hurt, object.subarray(0, 700)]) {
      expect((await verdictOn({ hash }, copy)).status).not.toBe('good');
    }
  });
});

function never(): never {
  throw new Error('there are objects that bazel-remote has made');
}
