import { describe, expect, test } from 'vitest';
import { NotZstd, unzstd } from '../../../operations/zstd/unzstd.ts';

/** `printf 'words of a frame' | zstd`, by zstd 1.5.4: with a checksum. */
const FRAME = Buffer.from('KLUv/QRYgQAAd29yZHMgb2YgYSBmcmFtZTl+s10=', 'base64');
const SKIPPED = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

async function decompressed(bytes: Uint8Array, length = bytes.length): Promise<string> {
  const parts: Uint8Array[] = [];
  const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
  for await (const part of unzstd(pieces)) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('a body in zstd', () => {
  test('comes out as it went in, in whatever pieces it arrives', async () => {
    for (const length of [1, 5, 100]) {
      expect(await decompressed(FRAME, length)).toBe('words of a frame');
    }
  });

  test('may be several frames, with some to be skipped between them', async () => {
    const body = Buffer.concat([FRAME, SKIPPED, FRAME]);
    expect(await decompressed(body)).toBe('words of a framewords of a frame');
    expect(await decompressed(Buffer.alloc(0))).toBe('');
  });

  test.each<[string, Buffer]>([
    ['whose checksum is wrong', Buffer.concat([FRAME.subarray(0, -1), Buffer.from([0])])],
    ['that is something else', Buffer.from('plain text')],
    ['that goes on as something else', Buffer.concat([FRAME, Buffer.from('plain text')])],
  ])('is none %s', async (_, body) => {
    await expect(decompressed(body)).rejects.toThrow(NotZstd);
  });

  test('ends where its bytes end', async () => {
    expect('words of a frame').toContain(await decompressed(FRAME.subarray(0, -8)));
  });

  test('takes little memory, however much comes out of little', async () => {
    // A window of 1 MiB, and a thousand blocks of 128 KiB that repeat one byte.
    const block = Buffer.from([0x02, 0x00, 0x10, 0x61]);
    const head = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]);
    let [size, longest] = [0, 0];
    for await (const { length } of unzstd([head, ...Array(1000).fill(block)])) {
      size += length;
      longest = Math.max(longest, length);
    }
    expect(size).toBe(1000 * 128 * 1024);
    expect(longest).toBeLessThanOrEqual(256 * 1024);
  });
});
