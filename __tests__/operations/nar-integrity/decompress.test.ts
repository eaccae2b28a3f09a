import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BodyFault } from '../../../operations/nar-integrity/body-fault.ts';
import { decompressionOf } from '../../../operations/nar-integrity/decompress.ts';
import { figure } from '../../support/long.ts';
import { compressedBy, realPath } from './fixtures.ts';
import { pieces, whole } from './pieces.ts';

const NAR = realPath('none').body;
/** Every byte would take a second; every eleventh is another bit of another field. */
const STRIDE = figure(11, 1);

async function decompressed(name: string, bytes: Uint8Array, size?: number): Promise<Buffer> {
  const decompress = await decompressionOf(name);
  return await whole(decompress(pieces(bytes, size)));
}

/** The bytes, or the kind of fault that stands in their place. */
async function outcome(name: string, bytes: Uint8Array): Promise<Buffer | string> {
  try {
    return await decompressed(name, bytes);
  } catch (error) {
    if (error instanceof BodyFault) return error.kind;
    throw error;
  }
}

/** 2 KiB that look random. */
const SEED = (() => {
  let state = 1n;
  const next = () => {
    state = (state * 1_103_515_245n + 12_345n) % 2n ** 31n;
    return Number(state >> 16n) & 0xff;
  };
  return Buffer.from(Array.from({ length: 2048 }, next));
})();

describe('a body', () => {
  test.each(['none', 'zstd', 'xz', 'br', 'gzip'])(
    'that Nix has compressed by %s is read, in pieces of any size (R4)',
    async (name) => {
      const { body } = realPath(name);
      for (const size of [1, 65_536])
        expect(NAR.equals(await decompressed(name, body, size))).toBe(true);
    },
  );

  test.each(['frames', 'checked', 'best'])('of zstd is read: %s (R4)', async (name) => {
    for (const size of [1, 65_536])
      expect(NAR.equals(await decompressed('zstd', compressedBy('zstd', name), size))).toBe(true);
  });

  test.each(['streams', 'padded', 'crc32', 'unchecked', 'blocks'])(
    'of xz is read: %s (R4)',
    async (name) => {
      for (const size of [1, 65_536])
        expect(NAR.equals(await decompressed('xz', compressedBy('xz', name), size))).toBe(true);
    },
  );

  test.each(['zstd', 'xz'] as const)(
    'of %s that looks back over many blocks is read',
    async (name) => {
      expect(
        (await decompressed(name, compressedBy(name, 'long'))).equals(
          Buffer.concat(Array.from({ length: 1000 }, () => SEED)),
        ),
      ).toBe(true);
    },
  );

  test.each([
    ['far', 300_000],
    ['farther', 1_500_000],
  ])('of zstd that looks back as %s as its window is read', async (name, zeros) => {
    const found = await decompressed('zstd', compressedBy('zstd', name));
    expect(found.equals(Buffer.concat([SEED, Buffer.alloc(zeros), SEED]))).toBe(true);
  });

  test.each([
    ['zstd', 'frames'],
    ['zstd', 'checked'],
    ['xz', 'padded'],
  ] as const)(
    'of %s that is cut anywhere is short, and said to be so within a part: %s (R4)',
    async (name, which) => {
      const bytes = compressedBy(name, which);
      const kinds = new Set<string>();
      for (let length = 0; length < bytes.length; length += STRIDE) {
        const found = await outcome(name, bytes.subarray(0, length));
        kinds.add(typeof found === 'string' ? found : 'short');
        // Behind the content stands a checksum alone.
        const isWhole = found.length === NAR.length && length < bytes.length - 8;
        expect([length, isWhole]).toEqual([length, false]);
      }
      // Where xz ends is read beside its decoder; and padding of xz that is cut is no end of a stream.
      const allowed = name === 'xz' ? ['short', 'truncated', 'damaged'] : ['short'];
      expect([...kinds].filter((kind) => !allowed.includes(kind))).toEqual([]);
      expect(kinds).toContain(name === 'xz' ? 'truncated' : 'short');
    },
  );

  test.each([
    ['zstd', compressedBy('zstd', 'checked')],
    ['zstd', realPath('zstd').body],
    ['xz', compressedBy('xz', 'streams')],
    ['br', realPath('br').body],
    ['gzip', realPath('gzip').body],
  ] as const)(
    'of %s with any bit flipped is refused, or holds something else, or holds the same (R4)',
    async (name, bytes) => {
      let same = 0;
      for (let at = 0; at < bytes.length; at += STRIDE) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at & 7));
        const found = await outcome(name, flipped);
        if (typeof found !== 'string' && found.equals(NAR)) same += 1;
      }
      // Some bits say nothing of the content: a time, the memory that is asked for.
      expect(same).toBeLessThan(12);
    },
  );

  test.each<[string, string, Uint8Array, string, RegExp]>([
    [
      'zstd',
      'another checksum than its content',
      changed(compressedBy('zstd', 'checked'), -1),
      'damaged',
      /is no zstd, or not what was written/,
    ],
    [
      'zstd',
      'something that is no frame',
      Buffer.from('no frame at all'),
      'damaged',
      /is no zstd, or not what was written/,
    ],
    [
      'zstd',
      'a window of 256 MiB, of which Nix takes half',
      Buffer.from('28b52ffd0090000000', 'hex'),
      'damaged',
      /is no zstd, or not what was written/,
    ],
    [
      'zstd',
      'a dictionary',
      Buffer.from('28b52ffd010001000000', 'hex'),
      'damaged',
      /is no zstd, or not what was written/,
    ],
    [
      'zstd',
      'a block of a reserved kind',
      Buffer.from('28b52ffd0058070000', 'hex'),
      'damaged',
      /is no zstd, or not what was written/,
    ],
    [
      'zstd',
      'a size that is not its own',
      Buffer.from('28b52ffd2002090000aa', 'hex'),
      'damaged',
      /is no zstd, or not what was written/,
    ],
    [
      'xz',
      'a check that is not compared',
      compressedBy('xz', 'sha256'),
      'unsupported',
      /an xz check other than CRC32 and CRC64/,
    ],
    ['xz', 'a filter', compressedBy('xz', 'x86'), 'unsupported', /an xz filter other than LZMA2/],
    [
      'xz',
      'a dictionary of 96 MiB',
      compressedBy('xz', 'large'),
      'unsupported',
      /an xz dictionary of more than 64 MiB/,
    ],
    [
      'xz',
      'something that is no stream',
      Buffer.from('no stream at all'),
      'damaged',
      /has no xz stream where one begins/,
    ],
    [
      'xz',
      'padding that is not whole',
      Buffer.concat([realPath('xz').body, Buffer.alloc(3)]),
      'damaged',
      /has 3 zeros .* not a multiple of 4/,
    ],
    [
      'br',
      'a second stream, which Nix does not read',
      twice(brotliCompressSync(NAR)),
      'damaged',
      /ends its compression at byte (\d+), and \1 bytes follow that nobody reads/,
    ],
    [
      'gzip',
      'something after its end',
      Buffer.concat([gzipSync(NAR), Buffer.alloc(5)]),
      'damaged',
      /and 5 bytes follow that nobody reads/,
    ],
    [
      'br',
      'its end missing',
      realPath('br').body.subarray(0, -3),
      'truncated',
      /ends before its compression does/,
    ],
    [
      'gzip',
      'its end missing',
      realPath('gzip').body.subarray(0, -3),
      'truncated',
      /ends before its compression does/,
    ],
    ['gzip', 'something that is no gzip', NAR, 'damaged', /is not compressed as the narinfo says/],
  ])('of %s with %s is not read (R4)', async (name, _, bytes, kind, message) => {
    await expect(decompressed(name, bytes)).rejects.toMatchObject({
      kind,
      message: expect.stringMatching(message),
    });
  });

  test.each(['bzip2', 'lzip', 'constructor'])('of %s is not known (R4)', async (name) => {
    await expect(decompressed(name, NAR)).rejects.toMatchObject({
      kind: 'unsupported',
      message: `is compressed by ${name}; what can be read is none, zstd, xz, br, gzip`,
    });
  });

  test('of zstd may hold frames that are to be skipped, and such as hold nothing', async () => {
    const skipped = Buffer.from('502a4d1803000000aabbcc', 'hex');
    const empty = Buffer.from('28b52ffd0058010000', 'hex');
    const bytes = Buffer.concat([skipped, empty, realPath('zstd').body, empty, skipped]);
    for (const size of [1, 65_536])
      expect(NAR.equals(await decompressed('zstd', bytes, size))).toBe(true);
  });

  test('of gzip may have several members, as gzip itself reads them', async () => {
    const bytes = Buffer.concat([gzipSync(NAR.subarray(0, 99)), gzipSync(NAR.subarray(99))]);
    expect(NAR.equals(await decompressed('gzip', bytes))).toBe(true);
  });

  test('of xz is read after one that was damaged, and beside another', async () => {
    await outcome('xz', changed(realPath('xz').body, 40));
    await outcome('xz', realPath('xz').body.subarray(0, 60));
    const both = [realPath('xz').body, compressedBy('xz', 'streams')];
    const found = await Promise.all(both.map((body) => decompressed('xz', body, 16)));
    expect(found.map((nar) => nar.equals(NAR))).toEqual([true, true]);
  });
});

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}

function twice(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, bytes]);
}
