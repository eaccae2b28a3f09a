/** What the scripts of the bucket Job export, for TypeScript: they are plain modules, because the Job runs them as they are. */

declare module '*/ensure-buckets/signed-request.mjs' {
  /** What a store answered. */
  export interface Answer {
    readonly status: number;
    readonly text: string;
  }

  /** Sends one request to the store, signed as one identity. */
  export type SignedClient = (
    method: string,
    path: string,
    content?: {
      readonly query?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    },
  ) => Promise<Answer>;

  export function signedClient(options: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  }): SignedClient;
}

declare module '*/ensure-buckets/outcome.mjs' {
  /** The code by which a store names what went wrong, or an empty text. */
  export function errorCode(answer: { readonly text: string }): string;
}
