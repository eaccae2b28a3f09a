import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { EXIT } from '../console/exit-code.ts';
import { table } from '../console/table.ts';
import { type Measurement, machineLine, median } from './measurement.ts';

// Run with `npm run bench`. Every figure of ours stands beside the same resources made by plain CDKTF in the same run.

const WORK = 'node_modules/.cache/flywheel-bench';
const RESULTS = 'bench/results.json';
const RUNS = 7;

/** Certificates that a machine adds to those of Node are read at every start, a hundred of them in 40 ms. */
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...ENVIRONMENT } = process.env;

const POOLS = [10, 100, 1000];

interface Row {
  readonly what: string;
  readonly resources: number;
  readonly flywheel: Measurement & { readonly policyMs: number };
  readonly plainCdktf: Measurement;
}

function main(): void {
  const startOfNode = repeat(() => timed(['-e', '0']).processMs);
  const rows = [0, ...POOLS].map(compare);
  const commands = {
    warm: repeatCommand(() => {}),
    fresh: repeatCommand(() =>
      rmSync('node_modules/.cache/flywheel', { recursive: true, force: true }),
    ),
    refused: repeatCommand(() => {}, refusedSettings()),
  };
  const results = { machine: machineLine(), startOfNodeMs: startOfNode, commands, rows };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  for (const line of report(results)) process.stdout.write(`${line}\n`);
}

/** The same resources by both, run in turn so that a disturbance of the machine meets both. */
function compare(pools: number): Row {
  const list = join(WORK, `resources-${pools}.json`);
  timed([join(WORK, 'flywheel.cjs'), String(pools), list]);
  const ours: (Measurement & { readonly policyMs: number })[] = [];
  const plain: Measurement[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    ours.push(timed([join(WORK, 'flywheel.cjs'), String(pools)]) as (typeof ours)[number]);
    plain.push(timed([join(WORK, 'plain-cdktf.cjs'), list]));
  }
  return {
    what: pools === 0 ? 'the four stacks of tinyland' : `${pools} pools`,
    resources: JSON.parse(readFileSync(list, 'utf8')).length,
    flywheel: { ...middle(ours), policyMs: median(ours.map(({ policyMs }) => policyMs)) },
    plainCdktf: middle(plain),
  };
}

function middle(runs: readonly Measurement[]): Measurement {
  const of = (field: keyof Measurement) => median(runs.map((run) => run[field]));
  return { workMs: of('workMs'), processMs: of('processMs'), peakMiB: of('peakMiB') };
}

function timed(args: readonly string[]): Measurement {
  const startedAt = performance.now();
  const output = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: ENVIRONMENT,
  });
  return {
    workMs: 0,
    peakMiB: 0,
    ...(output === '' ? {} : JSON.parse(output)),
    processMs: performance.now() - startedAt,
  };
}

/** `node bin/flywheel.cjs synth`, which is `npm run synth` without the start of npm. */
function repeatCommand(
  before: () => void,
  settings = '',
): { readonly milliseconds: number; readonly peakMiB: number } {
  const peakFile = join(WORK, 'peak');
  const peaks: number[] = [];
  const milliseconds = repeat(() => {
    before();
    const startedAt = performance.now();
    const { status } = spawnSync(
      process.execPath,
      ['--require', `./${join(WORK, 'peak.cjs')}`, 'bin/flywheel.cjs', 'synth'],
      { stdio: 'ignore', env: { ...ENVIRONMENT, FLYWHEEL_CONFIG: settings } },
    );
    const elapsed = performance.now() - startedAt;
    const expected = settings === '' ? EXIT.good : EXIT.usage;
    if (status !== expected) throw new Error(`synth ended with ${status} instead of ${expected}`);
    peaks.push(Number(readFileSync(peakFile, 'utf8')));
    return elapsed;
  });
  return { milliseconds, peakMiB: median(peaks) };
}

/** Settings with more problems than anybody makes: each is looked up in the schema and in the file. */
function refusedSettings(): string {
  const file = join(WORK, 'refused.yaml');
  const keys = Array.from({ length: 5000 }, (_, index) => `unknown${index}: 1\n`);
  writeFileSync(file, `${readFileSync('config/minimal.yaml', 'utf8')}\n${keys.join('')}`);
  return file;
}

function repeat(measure: () => number): number {
  measure();
  return median(Array.from({ length: RUNS }, measure));
}

function report(results: {
  readonly machine: string;
  readonly startOfNodeMs: number;
  readonly commands: Readonly<
    Record<string, { readonly milliseconds: number; readonly peakMiB: number }>
  >;
  readonly rows: readonly Row[];
}): string[] {
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  const mib = (value: number) => `${value.toFixed(0)} MiB`;
  return [
    results.machine,
    '',
    ...table(
      ['command', 'time', 'memory'],
      [
        ['node, doing nothing', ms(results.startOfNodeMs), ''],
        ...Object.entries(results.commands).map(([name, { milliseconds, peakMiB }]) => [
          `synth, ${name}`,
          ms(milliseconds),
          mib(peakMiB),
        ]),
      ],
    ),
    '',
    ...table(
      ['resources of', 'number', 'flywheel', 'rules', 'plain CDKTF', 'memory', 'plain memory'],
      results.rows.map(({ what, resources, flywheel, plainCdktf }) => [
        what,
        String(resources),
        ms(flywheel.workMs),
        ms(flywheel.policyMs),
        ms(plainCdktf.workMs),
        mib(flywheel.peakMiB),
        mib(plainCdktf.peakMiB),
      ]),
    ),
    '',
    `written to ${RESULTS}`,
  ];
}

async function prepare(): Promise<void> {
  mkdirSync(WORK, { recursive: true });
  writeFileSync(
    join(WORK, 'peak.cjs'),
    `process.once('exit', () => require('node:fs').writeFileSync('${WORK}/peak', String(process.resourceUsage().maxRSS / 1024)));\n`,
  );
  const common = {
    outdir: WORK,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  } as const;
  await build({ ...common, entryPoints: ['bench/flywheel.ts'] });
  // The peer loads its packages as a compiled program of CDKTF does.
  await build({ ...common, entryPoints: ['bench/plain-cdktf.ts'], packages: 'external' });
}

void prepare().then(main);
