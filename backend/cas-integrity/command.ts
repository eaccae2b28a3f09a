import { readSettings, settingsFile } from '../../config/read-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { atMost } from './at-most.ts';
import { bucketAccess, howToNameBucket } from './bucket-access.ts';
import { ListingFailed } from './bucket-listing.ts';
import { BucketWay } from './bucket-way.ts';
import type { Digest, Layout } from './digest.ts';
import { type Looked, lookAtListed, lookEverywhere, type Ways } from './look.ts';
import { Progress, type Terminal } from './progress.ts';
import { closingLines, openingLines, printLooked, type Run, reportJson } from './report.ts';
import { type CheckRequest, checkRequest, type Selection } from './request.ts';
import { Sample } from './sample.ts';
import { howToNameServer, serverAddress } from './server-address.ts';
import { ServerWay } from './server-way.ts';
import { Tally } from './tally.ts';

/** Objects that are read at once. Each holds a block or two and a window of at most 16 MiB. */
const AT_ONCE = 8;

/** How patient the check is, and where it shows how far it is. */
export interface CheckOptions {
  /** How long nothing may arrive from a server, in milliseconds. @default 30000 */
  readonly idleMs?: number;
  /** @default - standard error */
  readonly terminal?: Terminal;
}

/** A blob as it was listed. */
interface ListedBlob {
  readonly key: string;
  readonly layout: Layout;
  readonly hash: string;
}

/**
 * Proves of blobs of the Bazel cache that their decoded bytes have the hash that is their name: as builds get them from the
 * server, as they lie in the bucket, or both. It only reads.
 *
 * @returns 0 when all that was looked at is good, 2 when something is bad, 1 when something is missing or not known
 */
export async function casIntegrityCheck(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
  options: CheckOptions = {},
): Promise<ExitCode> {
  const request = checkRequest(args);
  const settings = readSettings(settingsFile(environment));
  const { server, bucket, notes } = openWays(request, settings, environment, options);
  try {
    const health = await server?.health();
    const ways: Ways = {
      server: server === undefined || health === undefined ? undefined : { server, health },
      bucket,
    };
    const premises = { settings, access: bucket?.access };
    const tally = new Tally();
    const run: Run = { request, ways, notes, premises, tally, blobs: [] };
    if (!request.json) for (const line of openingLines(run)) printer.result(line);
    const done = await check(run, printer, options.terminal ?? process.stderr);
    if (request.json) printer.result(JSON.stringify(reportJson(done), undefined, 2));
    else for (const line of closingLines(done)) printer.result(line);
    return tally.exitCode;
  } finally {
    server?.close();
    bucket?.close();
  }
}

/** Every way that was asked for has to be at hand; of those that were left open, one. */
function openWays(
  { selection, through, endpoint }: CheckRequest,
  settings: Settings,
  environment: NodeJS.ProcessEnv,
  { idleMs }: CheckOptions,
) {
  const isNamed = selection.kind === 'digests';
  const mayServer = isNamed && through !== 'bucket';
  const mayBucket = through !== 'server';
  const none = { found: 'none' } as const;
  const server = mayServer ? serverAddress(endpoint, settings, environment) : none;
  const bucket = mayBucket ? bucketAccess(settings, environment) : none;
  const lacks = [
    ...(mayServer && server.found === 'none'
      ? [`the server was not asked: ${howToNameServer(settings)}`]
      : []),
    ...(mayBucket && bucket.found === 'none'
      ? [`the bucket was not looked into: ${howToNameBucket()}`]
      : []),
  ];
  const nothing = server.found === 'none' && bucket.found === 'none' ? lacks : [];
  const problems = [server, bucket].flatMap((way) => ('problems' in way ? way.problems : []));
  if (problems.length + nothing.length > 0) {
    throw new Failure([...problems, ...nothing].join('\n'), EXIT.usage);
  }
  return {
    server: 'server' in server ? new ServerWay(server.server, idleMs) : undefined,
    bucket: 'access' in bucket ? new BucketWay(bucket.access, idleMs) : undefined,
    notes: lacks,
  };
}

/** Does the work, and tells what is not good as soon as it is found. */
async function check(run: Run, printer: Printer, terminal: Terminal): Promise<Run> {
  const { request, ways, premises, tally } = run;
  const done = new Set<Digest>();
  const progress = new Progress(() => progressLine(run, done.size), printer, terminal);
  const print = (looked: Looked, all: readonly Looked[]) => {
    if (!request.json) printLooked(looked, all, premises, progress.printer);
  };
  try {
    if (request.selection.kind === 'digests') {
      const blobs = await lookAtDigests(request.selection.digests, ways, done);
      for (const all of blobs) {
        for (const looked of all) {
          tally.add(looked);
          print(looked, all);
        }
      }
      return { ...run, blobs };
    }
    const { bucket } = ways;
    if (bucket === undefined) return run;
    await lookAtBucket(bucket, request.selection, tally, (looked) => print(looked, [looked]));
    return run;
  } finally {
    progress.end();
  }
}

/** In the order in which they were named. */
async function lookAtDigests(
  digests: readonly Digest[],
  ways: Ways,
  done: Set<Digest>,
): Promise<Looked[][]> {
  const blobs: Looked[][] = [];
  // Each blob is read in up to three places at once.
  await atMost(Math.floor(AT_ONCE / 3), digests.entries(), async ([index, digest]) => {
    blobs[index] = await lookEverywhere(digest, ways);
    done.add(digest);
  });
  return blobs;
}

async function lookAtBucket(
  bucket: BucketWay,
  selection: Exclude<Selection, { kind: 'digests' }>,
  tally: Tally,
  tell: (looked: Looked) => void,
): Promise<void> {
  const look = async (blob: ListedBlob) => {
    const looked = await lookAtListed(blob, bucket);
    if (tally.add(looked)) tell(looked);
  };
  if (selection.kind === 'all') return await atMost(AT_ONCE, listed(bucket, tally), look);
  const sample = new Sample<ListedBlob>(selection.size, selection.seed);
  for await (const blob of listed(bucket, tally)) sample.offer(blob);
  await atMost(AT_ONCE, sample.chosen, look);
}

/** The blobs of the bucket, counted as they come. What was listed before the listing failed is looked at all the same. */
async function* listed(bucket: BucketWay, tally: Tally): AsyncGenerator<ListedBlob> {
  try {
    for await (const { key, named } of bucket.objects()) {
      if (named === 'foreign') {
        tally.addForeign(key);
        continue;
      }
      tally.listed += 1;
      yield { key, ...named };
    }
  } catch (error) {
    if (!(error instanceof ListingFailed)) throw error;
    tally.incomplete = error.message;
  }
}

function progressLine({ tally, request: { selection } }: Run, done: number): string {
  if (selection.kind === 'digests') {
    return `${done} of ${selection.digests.length} blobs looked at`;
  }
  const { looked, listed: found, bad } = tally;
  const isChosen = selection.kind === 'sample' && found > 0;
  const goal = isChosen ? `, ${Math.min(selection.size, found)} to look at` : '';
  return `${found} listed${goal}, ${looked} looked at, ${bad} bad`;
}
