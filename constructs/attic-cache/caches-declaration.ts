/** What `ensure-caches.mjs` is told, in the file that is its one argument. */
export interface CachesDeclaration {
  /** Address of the server for this program, without "/" at the end. */
  readonly endpoint: string;
  /** Address that the server must tell its clients, with "/" at the end. */
  readonly address: string;
  /** `iss` and `aud` that the server demands of a token; none where it demands none. */
  readonly issuer?: string;
  readonly audiences: readonly string[];
  /** The file with the key that signs tokens, and the Secret that it comes from. */
  readonly jwtKeyFile: string;
  readonly jwtKeySecret: string;
  /** Seconds for all failures that may pass, between two attempts, and for one answer. */
  readonly waitSec: number;
  readonly pauseSec: number;
  readonly timeoutSec: number;
  readonly caches: readonly {
    readonly name: string;
    readonly public: boolean;
    readonly priority: number;
    /** Without it the server's own default. */
    readonly retentionSec?: number;
    readonly upstreamKeyNames: readonly string[];
    /** Without it the key that is there is printed and taken. */
    readonly publicKey?: string;
    /** The file with the signing pair, and the Secret that it comes from. */
    readonly keypairFile: string;
    readonly keypairSecret: string;
  }[];
}
