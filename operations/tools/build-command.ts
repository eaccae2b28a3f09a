import { mkdirSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { build, type Order, unfinishedFolder } from './build.ts';
import { type BuildLock, takeLock } from './build-lock.ts';
import { findCompiler } from './compiler.ts';
import { endCompilers } from './compiler-run.ts';
import { explained, onFiles } from './file-trouble.ts';
import { withCleaning } from './interruption.ts';
import { type Located, locate } from './locate.ts';
import { readPin } from './pin.ts';
import { type Place, thisCheckout } from './place.ts';
import { PROGRAMS, type Program, programsNamed } from './programs.ts';
import { show, type Terminal } from './progress.ts';

/** What the building of tools needs of its surroundings. */
export interface BuildCommandOptions {
  readonly printer: Printer;
  /** Where progress is shown. @default the standard error stream */
  readonly terminal?: Terminal;
  /** @default this checkout */
  readonly place?: Place;
}

/**
 * Builds the pinned programs that are not there yet: those that are named, or all but the ones that take very long.
 *
 * @returns 0 when all are there now, 1 when one could not be built
 */
export async function buildTools(
  args: readonly string[],
  { printer, terminal = process.stderr, place = thisCheckout() }: BuildCommandOptions,
): Promise<ExitCode> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const wanted = select(positionals);
  const { length } = await missing(wanted, place);
  if (length === 0) {
    printer.result(`nothing to build: ${await standing(wanted, place)}`);
    return EXIT.good;
  }
  onFiles(place.built, () => mkdirSync(place.built, { recursive: true }));
  let lock: BuildLock | undefined;
  const clean = () => {
    if (endCompilers() > 0) {
      if (terminal.isTTY === true) terminal.write('\n');
      printer.problem('interrupted: nothing half built is left; the next run goes on from here');
    }
    if (lock === undefined) return;
    rmSync(unfinishedFolder(place), { recursive: true, force: true, maxRetries: 5 });
    lock.release();
  };
  return await withCleaning(clean, async () => {
    lock = await takeLock(place.built, (pid) =>
      printer.result(`process ${pid} builds tools in this checkout: waiting for it`),
    ).catch((error: unknown) => {
      throw explained(place.built, error);
    });
    // What the other process has built meanwhile is there now.
    const orders = await order(await missing(wanted, place), place, printer);
    const failed = await buildEach(orders.ready, place, { printer, terminal });
    printer.result(await standing(wanted, place));
    return failed + orders.refused === 0 ? EXIT.good : EXIT.unknown;
  });
}

function select(names: readonly string[]): readonly Program[] {
  const known = [...new Set(PROGRAMS.flatMap(({ tool, name }) => [tool, name]))];
  for (const name of names.filter((given) => programsNamed(given).length === 0)) {
    throw new Failure(
      `there is no tool ${name}: did you mean ${closest(name, known)}?\n    known are ${known.join(', ')}`,
      EXIT.usage,
    );
  }
  if (names.length === 0) return PROGRAMS.filter(({ always }) => always);
  const named = new Set(names.flatMap(programsNamed));
  return PROGRAMS.filter((program) => named.has(program));
}

async function missing(wanted: readonly Program[], place: Place): Promise<Program[]> {
  const found = await Promise.all(wanted.map(({ name }) => locate(name, place)));
  return wanted.filter((_, index) => found[index]?.status === 'missing');
}

/** Finds the compilers first, so that one that is missing is said once, and before anything takes minutes. */
async function order(
  programs: readonly Program[],
  place: Place,
  printer: Printer,
): Promise<{ ready: Order[]; refused: number }> {
  const ready: Order[] = [];
  const sentences = new Map<string, string[]>();
  for (const program of programs) {
    const pin = readPin(program, place.modules);
    const compiler = await findCompiler(program.language, pin.compiler, place);
    if (compiler.status === 'usable') {
      ready.push({ program, pin, compiler });
      continue;
    }
    const sentence = `${compiler.because}\n    ${compiler.fix}`;
    sentences.set(sentence, [...(sentences.get(sentence) ?? []), program.name]);
  }
  for (const [sentence, names] of sentences) {
    printer.problem(
      `${sentence}, or put the pinned versions on PATH (just tools-list)\n    not built: ${names.join(', ')}`,
    );
  }
  return { ready, refused: programs.length - ready.length };
}

/** Builds one after the other, also after one has failed, and returns how many have. */
async function buildEach(
  orders: readonly Order[],
  place: Place,
  { printer, terminal }: { printer: Printer; terminal: Terminal },
): Promise<number> {
  let failed = 0;
  for (const [index, one] of orders.entries()) {
    const { program, pin } = one;
    const which = `[${index + 1}/${orders.length}] ${program.name} ${pin.versionOf(program.versionOf)}`;
    const shown = show(which, printer, terminal);
    const problem = await build(one, place).catch((error: unknown) => {
      shown.end('not built after');
      throw error;
    });
    shown.end(problem === undefined ? 'built in' : 'failed after');
    if (problem === undefined) continue;
    failed += 1;
    printer.problem(`${program.name} could not be built: ${problem}`);
  }
  return failed;
}

/** How many programs come from where. */
async function standing(wanted: readonly Program[], place: Place): Promise<string> {
  const found = await Promise.all(wanted.map(({ name }) => locate(name, place)));
  const count = (is: (located: Located) => boolean) => found.filter(is).length;
  const parts: (readonly [number, string])[] = [
    [count((one) => one.status === 'found' && one.from === 'built'), 'built'],
    [count((one) => one.status === 'found' && one.from === 'PATH'), 'on PATH'],
    [count((one) => one.status === 'missing'), 'missing'],
  ];
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  return `${found.length === 1 ? '1 program' : `${found.length} programs`}: ${said.join(', ')}`;
}
