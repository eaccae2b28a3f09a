declare module 'zstd-codec/lib/zstd-codec-binding-wasm.js' {
  /** One stream of the C library. Each call hands on what came out, in memory that the next call writes over. */
  export interface DecompressStream {
    begin(): boolean;
    transform(bytes: Uint8Array, take: (content: Uint8Array) => void): boolean;
    delete(): void;
  }

  /** The library with 16 MiB of memory of its own, which it fills in. */
  export interface Instance {
    ZstdDecompressStreamBinding?: new () => DecompressStream;
    onRuntimeInitialized(): void;
    print(text: string): void;
    printErr(text: string): void;
  }

  // biome-ignore lint/style/noDefaultExport: that is how the library hands itself out
  export default function start(instance: Instance): void;
}
