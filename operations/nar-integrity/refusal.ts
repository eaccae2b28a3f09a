import type { NotAsked } from './evidence.ts';

/** Who refuses, and what was sent to him. */
export interface Refuser {
  readonly cache: string;
  readonly hasToken: boolean;
  /** It is the server of the cache, and not an object store that it leads to. */
  readonly isCacheServer: boolean;
}

const SERVER_LOG =
  'the server is there and fails: look at its log, and at its database and object store';

/** What an answer without what was asked for means. It says nothing of what the server has: nothing here is proved bad. */
export function refusalOf(status: number, { cache, hasToken, isCacheServer }: Refuser): NotAsked {
  const answers = `answers ${status}`;
  if (!isCacheServer && (status === 401 || status === 403)) {
    return {
      because: `${answers} to the address that Attic has signed for it`,
      fix: 'look at the clocks, at the credentials of Attic, and at what changes the Host on the way',
    };
  }
  if (status === 401) {
    return {
      because: `${answers}: it can be reached, and wants ${hasToken ? 'another' : 'a'} token`,
      fix: `export ATTIC_TOKEN=<a token that may pull ${cache}>`,
    };
  }
  if (status === 403)
    return { because: `${answers}: the token may not pull`, fix: `let it pull ${cache}` };
  if (status === 429) return { because: `${answers}: it is asked too often`, fix: 'wait' };
  if (status >= 500) return { because: answers, fix: SERVER_LOG };
  return {
    because: `${answers}, which no Nix cache does`,
    fix: 'compare --endpoint with "just info", and look at what stands before the server',
  };
}
