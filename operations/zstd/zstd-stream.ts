import type { DecompressStream, Instance } from 'zstd-codec/lib/zstd-codec-binding-wasm.js';

/**
 * Why bytes cannot be decompressed.
 *
 * - `damaged`: they are no zstd, or a checksum is wrong;
 * - `beyond`: they may be right, and ask to look back over more than the 8 MiB that are given to them. Level 19 asks for so many;
 *   only the levels above it, and the option `--long`, ask for more.
 */
export type ZstdFault = 'beyond' | 'damaged';

/** Bytes that cannot be decompressed. */
export class NotZstd extends Error {
  readonly fault: ZstdFault;

  constructor(fault: ZstdFault) {
    super(fault === 'damaged' ? 'is no zstd' : 'asks for more memory than is given to it');
    this.name = 'NotZstd';
    this.fault = fault;
  }
}

/** The C library with memory of its own. */
type Library = new () => DecompressStream;

/** Libraries that no stream uses now: each takes some milliseconds to make. */
const idle: Library[] = [];

/**
 * One stream of zstd, in the C library. The library has 16 MiB of memory and never more, so no two streams share one; where the
 * memory does not suffice it is of no use any more.
 */
export class ZstdStream {
  private readonly library: Library;
  private readonly stream: DecompressStream;
  private isSpent = false;

  private constructor(library: Library) {
    this.library = library;
    this.stream = new library();
    this.stream.begin();
  }

  static async open(): Promise<ZstdStream> {
    return new ZstdStream(idle.pop() ?? (await newLibrary()));
  }

  /**
   * What the next bytes of the stream decompress to.
   *
   * @throws NotZstd
   */
  decompress(bytes: Uint8Array): Uint8Array[] {
    const content: Uint8Array[] = [];
    // What is handed on is written over by the next call.
    const keep = (part: Uint8Array) => void content.push(part.slice());
    if (!this.transform(bytes, keep)) throw new NotZstd('damaged');
    return content;
  }

  close(): void {
    if (this.isSpent) return;
    this.stream.delete();
    idle.push(this.library);
  }

  private transform(bytes: Uint8Array, keep: (part: Uint8Array) => void): boolean {
    try {
      return this.stream.transform(bytes, keep);
    } catch (error) {
      this.isSpent = true;
      if (!String(error).includes('abort(OOM)')) throw error;
      throw new NotZstd('beyond');
    }
  }
}

/** Half a megabyte that only compressed bodies need. */
async function newLibrary(): Promise<Library> {
  const { default: start } = await import('zstd-codec/lib/zstd-codec-binding-wasm.js');
  return await new Promise((resolve) => {
    const instance: Instance = {
      onRuntimeInitialized: () => {
        const { ZstdDecompressStreamBinding: library } = instance;
        if (library === undefined) throw new Error('zstd-codec has no decoder');
        resolve(library);
      },
      print: () => {},
      printErr: () => {},
    };
    start(instance);
  });
}
