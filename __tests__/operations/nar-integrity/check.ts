import { narIntegrity } from '../../../operations/nar-integrity/command.ts';
import type { TestServer } from '../../support/http-server.ts';
import { type Answers, MADE_KEY, type MadePath, serveCache } from './made-cache.ts';

/** So short that a test can wait for it. */
export const SHORT_MS = 150;

/** The words that name the key of what is made. */
export const KEY = ['--trusted-key', MADE_KEY];

/** The servers of one test. */
export class Servers {
  private readonly running: TestServer[] = [];

  /** Serves paths as the cache `main`. */
  async cache(paths: readonly MadePath[], answers?: Answers): Promise<TestServer> {
    return this.keep(await serveCache(paths, answers));
  }

  keep(server: TestServer): TestServer {
    this.running.push(server);
    return server;
  }

  async close(): Promise<void> {
    await Promise.all(this.running.splice(0).map((server) => server.close()));
  }
}

/** How a check is run. */
export interface CheckHow {
  /** Further words. @default KEY */
  readonly words?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** @default 5000 */
  readonly idleMs?: number | undefined;
}

/** Checks paths of a server, and returns what was said and the code that it ended with. */
export async function check(
  { authority }: Pick<TestServer, 'authority'>,
  hashes: readonly string[],
  { words = KEY, environment = {}, idleMs = 5000 }: CheckHow = {},
) {
  const lines: string[] = [];
  const printer = {
    result: (line: string) => void lines.push(line),
    problem: (line: string) => void lines.push(line),
  };
  const named = hashes.flatMap((hash) => ['--store-hash', hash]);
  const args = [...named, '--endpoint', `http://${authority}`, ...words];
  const code = await narIntegrity(args, printer, environment, { idleMs, terminal: undefined });
  return { code, text: lines.join('\n'), lines };
}

interface JsonRow {
  readonly name: string;
  readonly finding?: string;
  readonly problem?: string;
  readonly because?: string;
}

interface JsonPath {
  readonly verdict: string;
  readonly checks: readonly JsonRow[];
}

/** The same, as programs read it. */
export async function checkJson(...[server, hashes, how = {}]: Parameters<typeof check>) {
  const { words = KEY } = how;
  const { code, text } = await check(server, hashes, { ...how, words: [...words, '--json'] });
  const { paths } = JSON.parse(text) as { readonly paths: readonly JsonPath[] };
  return { code, paths };
}
