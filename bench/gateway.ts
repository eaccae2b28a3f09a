import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { missingForStacks } from '../__tests__/real/stacks/ground.ts';
import { table } from '../console/table.ts';
import { locate } from '../operations/tools/locate.ts';
import { type AtticRow, compareAttic } from './gateway/attic.ts';
import { type BareRow, compareBare } from './gateway/bare-tofu.ts';
import { type GuardRow, measureGuard } from './gateway/guard.ts';
import { machineLine, median } from './measurement.ts';

// Run with `just bench-gateway`. Stock tofu stands beside tofu behind the gateway, in the same run and on the same store.

const RESULTS = 'bench/gateway-results.json';
const LATENCIES_MS = [0, 20];
const GUARD_LATENCY_MS = 1;
const STARTS = 7;

interface Results {
  readonly machine: string;
  /** Of the last minute, when the run began: figures of a machine that does something else are worth little. */
  readonly load: number;
  readonly bare: readonly BareRow[];
  readonly guard: GuardRow;
  /** Or why it was not measured. */
  readonly attic: AtticRow | { readonly notRun: string };
  readonly helpMs: number;
}

async function main(): Promise<void> {
  const tofu = await locate('tofu');
  if (tofu.status === 'missing') {
    process.stderr.write(`nothing can be measured: ${tofu.because} (${tofu.fix})\n`);
    process.exitCode = 1;
    return;
  }
  const [load = 0] = loadavg();
  const bare: BareRow[] = [];
  for (const latencyMs of LATENCIES_MS) bare.push(await compareBare(tofu.path, latencyMs));
  const guard = await measureGuard(GUARD_LATENCY_MS);
  const missing = await missingForStacks();
  const attic =
    missing.length === 0 ? await compareAttic(tofu.path) : { notRun: missing.join('; ') };
  const results = { machine: machineLine(), load, bare, guard, attic, helpMs: timeOfHelp() };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  process.stdout.write(`${report(results).join('\n')}\n`);
}

function timeOfHelp(): number {
  const times = Array.from({ length: STARTS + 1 }, () => {
    const startedAt = performance.now();
    spawnSync(process.execPath, ['bin/flywheel.cjs', '--help'], { stdio: 'ignore' });
    return performance.now() - startedAt;
  });
  // The first one may have to bundle.
  return median(times.slice(1));
}

function report({ machine, load, bare, guard, attic, helpMs }: Results): string[] {
  const seconds = (value: number) => `${value.toFixed(2)} s`;
  const lines = bare.flatMap(({ latencyMs, stock, gateway }) =>
    Object.entries({ stock, gateway }).map(([how, of]) => [
      `${latencyMs} ms`,
      how,
      seconds(of.planSec),
      seconds(of.applySec),
      `${of.requests}`,
      `${of.trips}`,
    ]),
  );
  return [
    `${machine}, load ${load.toFixed(1)}`,
    '',
    'terraform_data, one plan and the apply of it:',
    ...table(['latency', 'tofu', 'plan', 'apply', 'requests', 'waits'], lines),
    ...bare.map(
      ({ latencyMs, stock, gateway }) =>
        `with ${latencyMs} ms of latency the gateway waits ${gateway.trips - stock.trips} times more for the store`,
    ),
    '',
    `deep check with ${guard.latencyMs} ms of latency: ${guard.requests} requests, ${seconds(guard.seconds)}`,
    'notRun' in attic ? `attic: not run, ${attic.notRun}` : atticLine(attic),
    `flywheel --help: ${helpMs.toFixed(0)} ms`,
    `written to ${RESULTS}`,
  ];
}

function atticLine({ resources, stock, gateway, addedPercent }: AtticRow): string {
  const both = ({ planSec, applySec }: AtticRow['stock']) =>
    `plan ${planSec.toFixed(1)} s, apply ${applySec.toFixed(1)} s`;
  return `attic, ${resources} resources: stock ${both(stock)}; gateway ${both(gateway)}; ${addedPercent.toFixed(1)} % more`;
}

void main();
