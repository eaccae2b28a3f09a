declare module 'zstd-codec/lib/module.js' {
  /** One stream of the C library. Each call hands on what came out, in memory that the next call writes over. */
  interface DecompressStream {
    begin(): boolean;
    transform(bytes: Uint8Array, take: (content: Uint8Array) => void): boolean;
    delete(): void;
  }

  interface Binding {
    readonly ZstdDecompressStreamBinding: new () => DecompressStream;
  }

  export function run(use: (binding: Binding) => void): void;
}
