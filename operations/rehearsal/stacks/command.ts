import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { settingsFile } from '../../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { STACK_ORDER, type StackName } from '../../stack-order.ts';
import type { Terminal } from '../../tools/progress.ts';
import { missingCharts } from './charts.ts';
import { type Ground, missingTools, startGround } from './ground.ts';
import { Progress } from './progress.ts';
import { type RehearsedStack, rehearseStack } from './rehearsed-stack.ts';
import { groundLines, keptLines, keptVariables, stackLine, verdictLine } from './report.ts';
import type { Watch } from './stack-run.ts';

const OPTIONS = {
  stack: { type: 'string', multiple: true },
  keep: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Where the charts are when no folder is named. */
const CHARTS_VARIABLE = 'FLYWHEEL_CHARTS';

/** What a rehearsal is asked to do. */
interface Asked {
  readonly settings: string;
  readonly charts: string;
  readonly stacks: readonly StackName[];
  readonly keep: boolean;
  readonly json: boolean;
}

/** What a command has of its surroundings. */
export interface RehearseOptions {
  readonly printer: Printer;
  /** Where progress is shown. @default the standard error stream */
  readonly terminal?: Terminal;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Applies the stacks of the settings from nothing, on a cluster and a store of its own, and plans each a second time. Nothing
 * outside of this machine is asked, and nothing is left, unless `--keep` says so.
 *
 * @returns 0 when every second plan is empty, 2 when one is not, 1 when a stack cannot be applied, 130 when it is interrupted
 */
export async function rehearse(
  args: readonly string[],
  { printer, terminal = process.stderr, environment = process.env }: RehearseOptions,
): Promise<ExitCode> {
  const asked = parse(args, environment);
  await requireAll(asked.charts);
  const ending = new AbortController();
  const forget = endOnSignals(ending);
  try {
    return await run(asked, { printer, terminal, signal: ending.signal });
  } catch (error) {
    if (ending.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    forget();
  }
}

function parse(args: readonly string[], environment: NodeJS.ProcessEnv): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const charts = positionals[0] ?? environment[CHARTS_VARIABLE] ?? '';
  if (charts === '' || positionals.length > 1) {
    throw new Failure(
      `name the one folder that holds the chart archives, or set ${CHARTS_VARIABLE}\n    just charts-pull <folder> fills one`,
      EXIT.usage,
    );
  }
  const wanted = (values.stack ?? []).map(stackNamed);
  return {
    settings: settingsFile(environment),
    charts,
    stacks: STACK_ORDER.filter((name) => wanted.length === 0 || wanted.includes(name)),
    keep: values.keep === true,
    json: values.json === true,
  };
}

function stackNamed(text: string): StackName {
  const name = STACK_ORDER.find((each) => each === text);
  if (name !== undefined) return name;
  throw new Failure(
    `there is no stack ${text}: did you mean ${closest(text, [...STACK_ORDER])}?\n    there are ${STACK_ORDER.join(', ')}`,
    EXIT.usage,
  );
}

/** Everything that is not there is said at once, before anything is started. */
async function requireAll(charts: string): Promise<void> {
  const missing = [...(await missingTools()), ...missingCharts(charts)];
  if (missing.length === 0) return;
  throw new Failure(['a rehearsal needs what is not there:', ...missing].join('\n    '));
}

/** The first signal ends what runs and takes everything down; a second one ends this process at once. */
function endOnSignals(ending: AbortController): () => void {
  // The usual way out of an interrupt is to exit at once, which would leave the folder.
  process.removeAllListeners('SIGINT');
  const end = () => {
    if (ending.signal.aborted) process.exit(EXIT.interrupted);
    ending.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
  };
}

interface Surroundings {
  readonly printer: Printer;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

async function run(asked: Asked, { printer, terminal, signal }: Surroundings): Promise<ExitCode> {
  const startedAt = performance.now();
  const progress = new Progress(printer, terminal);
  const watch: Watch = { signal, onStep: (stack, step) => progress.begin(`${stack}: ${step}`) };
  const say = (...lines: string[]) => {
    progress.end();
    if (!asked.json) for (const line of lines) printer.result(line);
  };
  signal.addEventListener('abort', () => {
    progress.begin('interrupted: ending the cluster and the store');
  });
  let ground: Ground | undefined;
  let kept = false;
  try {
    const { settings, charts, stacks } = asked;
    ground = await startGround({
      settings,
      charts,
      stacks,
      watch,
      onStart: (what) => progress.begin(what),
    });
    say(...groundLines(ground));
    const done: RehearsedStack[] = [];
    for (const stack of stacks) {
      const result = await rehearseStack(ground, stack, watch);
      done.push(result);
      say(stackLine(result));
    }
    const { name, clusterSec, storeSec } = ground;
    const seconds = (performance.now() - startedAt) / 1000;
    const rehearsal = { cluster: name, clusterSec, storeSec, stacks: done, seconds };
    signal.throwIfAborted();
    if (asked.keep) {
      await ground.keep();
      kept = true;
    }
    say(verdictLine(rehearsal), ...(kept ? ['', ...keptLines(ground)] : []));
    if (asked.json) {
      const environment = kept ? { environment: keptVariables(ground) } : {};
      printer.result(JSON.stringify({ ...rehearsal, ...environment }, undefined, 2));
    }
    return done.every(({ settled }) => settled) ? EXIT.good : EXIT.bad;
  } finally {
    progress.end();
    if (!kept) await ground?.stop();
  }
}
