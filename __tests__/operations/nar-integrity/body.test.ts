import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyMeter } from '../../../operations/nar-integrity/body-meter.ts';
import { type BodyFinding, classifyBody } from '../../../operations/nar-integrity/classify-body.ts';
import { measureNar } from '../../../operations/nar-integrity/measure-nar.ts';
import { type Narinfo, parseNarinfo } from '../../../operations/nar-integrity/narinfo.ts';
import { figure } from '../../support/long.ts';
import { makePath } from './made-cache.ts';
import { anyTree } from './nar-maker.ts';

const RUNS = figure(30, 3000);

function read(text: string): Narinfo {
  const narinfo = parseNarinfo(text);
  if (!('storePath' in narinfo)) throw new Error(JSON.stringify(narinfo));
  return narinfo;
}

/** What is found in a body that arrives in pieces, by a narinfo. */
async function found(body: Buffer, text: string, size = 100): Promise<BodyFinding | undefined> {
  const narinfo = read(text);
  const parts = Array.from({ length: Math.ceil(body.length / size) }, (_, index) =>
    body.subarray(index * size, (index + 1) * size),
  );
  const meter = new BodyMeter(Readable.from(parts), { algorithm: 'sha256', idleMs: 1000 });
  const nar = await measureNar(meter, narinfo);
  const { received } = meter;
  return classifyBody({ from: 'here', received, digest: meter.digest(), nar }, narinfo);
}

const anyCompression = fc.constantFrom('none', 'zstd', 'br', 'gzip');

describe('the body of any tree of files', () => {
  test('is found right when it is (R4)', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTree,
        anyCompression,
        fc.integer({ min: 1, max: 99 }),
        async (tree, compression, size) => {
          const { body, narinfo } = makePath({ tree, compression });
          expect(await found(body, narinfo, size)).toBeUndefined();
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('is found wrong when it ends at any other byte (R4)', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTree,
        anyCompression,
        fc.boolean(),
        fc.nat(),
        async (tree, compression, likeAttic, cut) => {
          const { body, narinfo } = makePath({ tree, compression, likeAttic });
          expect(await found(body.subarray(0, cut % body.length), narinfo)).toMatchObject({
            kind: 'body-truncated',
          });
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('is found wrong when any of its bytes is another one (R4)', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTree,
        anyCompression,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (tree, compression, at, change) => {
          const { body, narinfo } = makePath({ tree, compression });
          const changed = Buffer.from(body);
          changed[at % body.length] = (changed[at % body.length] ?? 0) ^ change;
          expect(await found(changed, narinfo)).toBeDefined();
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('is found wrong when any byte of the archive in it is another one, though no FileHash says so (R4)', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTree,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (tree, at, change) => {
          const { body, narinfo } = makePath({ tree, compression: 'none', likeAttic: true });
          const changed = Buffer.from(body);
          changed[at % body.length] = (changed[at % body.length] ?? 0) ^ change;
          expect(await found(changed, narinfo)).toBeDefined();
        },
      ),
      { numRuns: RUNS },
    );
  });
});

test('a body that never ends is not read for ever', async () => {
  const { narinfo } = makePath({ compression: 'none', likeAttic: true });
  let given = 0;
  const zeros = Buffer.alloc(2 ** 20);
  const body = new Readable({
    read() {
      given += zeros.length;
      this.push(zeros);
    },
  });
  const meter = new BodyMeter(body, { algorithm: 'sha256', idleMs: 1000 });
  const nar = await measureNar(meter, read(narinfo));
  expect(nar.isEndless).toBe(true);
  expect(given).toBeLessThan(2 ** 27);
  const { received } = meter;
  expect(
    classifyBody({ from: 'here', received, digest: meter.digest(), nar }, read(narinfo)),
  ).toEqual({
    kind: 'body-wrong',
    problem: expect.stringMatching(
      /^it holds more than \d+ bytes where NarSize says 3672; the rest was not read$/,
    ),
  });
});
