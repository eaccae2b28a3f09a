import { readSettings, settingsFile } from '../../config/read-settings.ts';
import type { Settings } from '../../config/settings.ts';
import type { ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { forEachOf } from '../kubernetes/cluster-client.ts';
import { CacheClient } from './cache-client.ts';
import { examine } from './examine.ts';
import { ProgressLine, type Terminal } from './progress-line.ts';
import { judgePath, printReports, reportJson, verdictOfAll } from './report.ts';
import { readRequest } from './request.ts';
import type { AskedPath } from './store-path.ts';
import { Turns } from './turns.ts';

/** How bodies are waited for, and where one sees it. */
export interface IntegrityHow {
  /** Longest time without a byte, in milliseconds. @default 30000 */
  readonly idleMs?: number;
  /** Where progress is drawn. @default - the terminal of the process, where it has one */
  readonly terminal?: Terminal | undefined;
}

const PATHS_AT_ONCE = 4;

/**
 * Proves paths of a cache to the last byte: what the cache says of them, who signed that, and the body, which is decompressed,
 * hashed and read as an archive. Narinfo and database may be right while a body is not, and Nix then says "Transferred a
 * partial file".
 *
 * A signature of which no key is known is not known either, and ends with 1 although the body is right; `--without-signature`
 * says that the body alone is asked about.
 *
 * @returns 0 when all is proved good, 2 when anything is proved bad, 1 when anything is not known
 */
export async function narIntegrity(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
  how: IntegrityHow = {},
): Promise<ExitCode> {
  const settings = readSettings(settingsFile(environment));
  const request = readRequest(args, settings, environment);
  const { paths, endpoint, cache, keys, token, withoutSignature, json } = request;
  const client = new CacheClient({ endpoint, cache, token, environment, ...how });
  const substituter = client.addressOf('').href.replace(/\/$/, '');
  const judging = {
    advice: { cache, substituter, lookAtStore: lookAtStore(settings) },
    hasToken: token !== undefined,
    withoutSignature,
  };
  const progress = new ProgressLine(paths.length, 'terminal' in how ? how.terminal : ownTerminal());
  const arrived = (bytes: number) => progress.arrived(bytes);
  const examining = { client, keys, turns: new Turns(), arrived };
  const report = async (path: AskedPath) => {
    const evidence = await examine(path, examining);
    progress.pathDone();
    return judgePath(evidence, judging);
  };
  const reports = await forEachOf(paths, report, PATHS_AT_ONCE).finally(() => progress.end());
  if (json) {
    const verdict = { substituter, cache, paths: reportJson(reports) };
    printer.result(JSON.stringify(verdict, undefined, 2));
  } else {
    printReports(reports, cache, printer);
  }
  return verdictOfAll(reports);
}

/** How to look at the store that keeps the bodies. */
function lookAtStore({ objectStore: { kind, buckets } }: Settings): string {
  return kind === 'rustfs'
    ? `look at the object store by "just rustfs-bucket-index-rca --bucket ${buckets.attic}"`
    : `look at the bucket ${buckets.attic} of the object store`;
}

function ownTerminal(): Terminal | undefined {
  const { stderr } = process;
  return stderr.isTTY === true ? stderr : undefined;
}
