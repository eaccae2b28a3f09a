import { parseArgs } from 'node:util';
import { readSettings } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { table } from '../../console/table.ts';
import { portOption } from '../../operations/rehearsal/ports.ts';
import { freshIdentity, storeBuckets } from '../../operations/rehearsal/store/buckets.ts';
import { exportLines } from '../../operations/rehearsal/store/variables.ts';
import { HonestStore } from './honest-store.ts';
import { type Lie, spanText } from './lie.ts';
import { LIES, liesNamed } from './lies.ts';
import { LyingStore } from './lying-store.ts';
import { serveStore } from './serve-store.ts';

const OPTIONS = {
  lie: { type: 'string', multiple: true },
  seed: { type: 'string' },
  port: { type: 'string' },
  latency: { type: 'string' },
  list: { type: 'boolean' },
} as const;
const MOST_SEED = 2 ** 32 - 1;
const MOST_LATENCY_MS = 60_000;

/**
 * Serves a store that lies, with the buckets of the settings and nothing in them, until it is interrupted; with `--list`
 * says which lies there are.
 *
 * @param ended aborted when it is to end
 * @returns 130 when it was interrupted, which is how it ends
 */
export async function serve(
  args: readonly string[],
  printer: Printer,
  ended: AbortSignal = interruption(),
): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.list === true) {
    for (const line of listLines()) printer.result(line);
    return EXIT.good;
  }
  const { lies, seed, port, latencyMs } = requireOptions(values);
  const settings = readSettings();
  const keys = freshIdentity();
  const { bucket, region } = settings.state;
  const buckets = storeBuckets(settings).map((each) => ({ ...each, identity: keys }));
  const others = buckets.map(({ name }) => name).filter((name) => name !== bucket);
  const store = new LyingStore(new HonestStore({ bucket, others, region }), { lies, seed });
  const served = await serveStore({
    store,
    keys,
    region,
    latencyMs,
    ...(port === undefined ? {} : { port }),
  });
  const { endpoint } = served;
  const facts = { endpoint, region, pathStyle: true as const, root: keys, buckets };
  const lines = [
    `${lies.length === 0 ? 'an honest store' : 'a store that lies'} is at ${endpoint}, with seed ${seed}`,
    ...lies.flatMap(lieLines),
    ...exportLines(facts).map((line) => `  ${line}`),
    '  what it holds is in memory; end it with Ctrl-C',
  ];
  for (const line of lines) printer.result(line);
  await new Promise<void>((resolve) => {
    if (ended.aborted) resolve();
    ended.addEventListener('abort', () => resolve(), { once: true });
  });
  await served.stop();
  return EXIT.interrupted;
}

/** Wrong options are named all at once. */
function requireOptions(values: {
  readonly lie?: readonly string[] | undefined;
  readonly seed?: string | undefined;
  readonly port?: string | undefined;
  readonly latency?: string | undefined;
}) {
  const problems: string[] = [];
  const attempt = <T>(read: () => T, instead: T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push(error.message);
      return instead;
    }
  };
  const { port } = values;
  const options = {
    lies: attempt(() => liesNamed(values.lie ?? []), []),
    seed: attempt(() => numberOption('--seed', values.seed ?? '1', MOST_SEED), 1),
    port: attempt(() => (port === undefined ? undefined : portOption(port)), undefined),
    latencyMs: attempt(
      () => numberOption('--latency', values.latency ?? '0', MOST_LATENCY_MS, ' milliseconds'),
      0,
    ),
  };
  if (problems.length > 0) throw new Failure(problems.join('\n'), EXIT.usage);
  return options;
}

function numberOption(name: string, text: string, most: number, unit = ''): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most) return number;
  throw new Failure(`${name} must be a whole number from 0 to ${most}${unit}, got: ${text}`);
}

function listLines(): string[] {
  const rows = LIES.map((lie) => {
    const { begins, stops } = spanText(lie);
    return [lie.kind, lie.name, lie.does, begins, stops, lie.origin];
  });
  return table(['kind', 'lie', 'the store', 'begins', 'stops', 'from'], rows);
}

function lieLines(lie: Lie): string[] {
  const { begins, stops } = spanText(lie);
  return [`  ${lie.name}: it ${lie.does}`, `    begins ${begins}, stops ${stops}`];
}

/** Aborted by the first signal that asks the process to end. */
function interruption(): AbortSignal {
  const ending = new AbortController();
  // The usual way out of an interrupt is to exit at once.
  process.removeAllListeners('SIGINT');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => ending.abort());
  }
  return ending.signal;
}
