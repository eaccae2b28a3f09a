import { describe, expect, test } from 'vitest';
import { unzstd } from '../../../operations/zstd/unzstd.ts';
import { NotZstd } from '../../../operations/zstd/zstd-stream.ts';

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
    await expect(decompressed(body)).rejects.toMatchObject({ fault: 'damaged' });
  });

  test('that asks for more memory than is given to it is not known, and spoils no other', async () => {
    // A window of 64 MiB, and a block of one byte.
    const large = Buffer.from('28b52ffd008009000061', 'hex');
    const beside = decompressed(FRAME, 1);
    const refused = decompressed(large);
    await expect(refused).rejects.toThrow(NotZstd);
    await expect(refused).rejects.toMatchObject({ fault: 'beyond' });
    expect(await beside).toBe('words of a frame');
    expect(await decompressed(FRAME)).toBe('words of a frame');
  });

  test('may be one of many at once', async () => {
    // Each has a window of 8 MiB.
    const body = Buffer.from('28b52ffd006809000061', 'hex');
    const all = await Promise.all(Array.from({ length: 8 }, () => decompressed(body, 3)));
    expect(all).toEqual(Array(8).fill('a'));
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
