import { createHash } from 'node:crypto';
import { BodyFault } from './body-fault.ts';
import type { BodyMeter } from './body-meter.ts';
import { decompressionOf } from './decompress.ts';
import type { NarMeasure } from './evidence.ts';
import { NarReader } from './nar-reader.ts';

/** So much more than a NAR should have is read, to tell another NAR from one that never ends. */
const MAX_EXCESS_BYTES = 2 ** 26;

/** Decompresses a body, hashes what comes out and reads it as an archive. The body is read to its end, whatever it holds. */
export async function measureNar(
  body: BodyMeter,
  { compression, narSize }: { readonly compression: string; readonly narSize: number },
): Promise<NarMeasure> {
  const hash = createHash('sha256');
  const reader = new NarReader();
  let size = 0;
  let bodyFault: NarMeasure['bodyFault'];
  try {
    const decompress = await decompressionOf(compression);
    for await (const bytes of decompress(body)) {
      size += bytes.length;
      hash.update(bytes);
      reader.push(bytes);
      if (size > narSize + MAX_EXCESS_BYTES) break;
    }
  } catch (error) {
    if (!(error instanceof BodyFault)) throw error;
    bodyFault = { kind: error.kind, problem: error.message };
  }
  const isEndless = size > narSize + MAX_EXCESS_BYTES;
  if (isEndless) body.stop();
  await body.drain();
  const fault = reader.end();
  return {
    size,
    digest: hash.digest(),
    entries: reader.entries,
    ...(bodyFault === undefined ? {} : { bodyFault }),
    ...(fault === undefined ? {} : { fault }),
    ...(isEndless ? { isEndless } : {}),
  };
}
