import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';
import { inOrder, layerOf } from './layers.ts';

/** What came of one test, or of one suite that broke around its tests. */
export interface Outcome {
  readonly file: string;
  readonly state: 'passed' | 'failed' | 'not run';
  /** Why it was not run. */
  readonly because?: string;
}

/** A group of tests says in its title why it is not run. */
const IN_TITLE = /\(not run: (.+)\)$/;
const NO_REASON = 'nobody says why';

/** Prints at the end what each layer came to, and the line that scripts read. */
export class LayerReport implements Reporter {
  private readonly write: (text: string) => unknown;

  constructor(write: (text: string) => unknown = (text) => process.stdout.write(text)) {
    this.write = write;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const lines = reportOf(modules.flatMap(outcomesOf), errors.length);
    this.write(`\n${lines.join('\n')}\n`);
  }
}

/**
 * The lines of the report: layers in order, what was not run grouped by reason, and the counts. What was not run is never
 * counted as passed.
 *
 * @param errors what went wrong outside of any test
 */
export function reportOf(outcomes: readonly Outcome[], errors: number): string[] {
  const files = [...new Set(outcomes.map(({ file }) => file))].sort(inOrder);
  const layers = [...new Set(files.map(layerOf))];
  const width = Math.max(0, ...layers.map((layer) => layer.length));
  const lines = layers.flatMap((layer) => {
    const own = outcomes.filter(({ file }) => layerOf(file) === layer);
    return [`${layer.padEnd(width)}  ${countsOf(own)}`, ...reasonsOf(own)];
  });
  const failed = count(outcomes, 'failed') + errors;
  return [
    ...lines,
    ...(errors > 0 ? [`${errors} errors outside of any test`] : []),
    `${count(outcomes, 'passed')} passed, ${failed} failed, ${count(outcomes, 'not run')} skipped`,
  ];
}

function countsOf(outcomes: readonly Outcome[]): string {
  return (['passed', 'failed', 'not run'] as const)
    .map((state) => [count(outcomes, state), state] as const)
    .filter(([number, state]) => number > 0 || state === 'passed')
    .map(([number, state]) => `${number} ${state}`)
    .join(', ');
}

function reasonsOf(outcomes: readonly Outcome[]): string[] {
  const numbers = new Map<string, number>();
  for (const { state, because = NO_REASON } of outcomes) {
    if (state === 'not run') numbers.set(because, (numbers.get(because) ?? 0) + 1);
  }
  return [...numbers].map(([because, number]) => `    ${number} not run: ${because}`);
}

function count(outcomes: readonly Outcome[], wanted: Outcome['state']): number {
  return outcomes.filter(({ state }) => state === wanted).length;
}

/** What came of the tests of a file; a file or group that breaks before or after its tests is one failure more. */
function outcomesOf(module: TestModule): Outcome[] {
  const file = module.relativeModuleId;
  const broken = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
  return [
    ...broken.map((): Outcome => ({ file, state: 'failed' })),
    ...[...module.children.allTests()].map((test) => outcomeOf(test, file)),
  ];
}

function outcomeOf(test: TestCase, file: string): Outcome {
  const result = test.result();
  if (result.state === 'passed' || result.state === 'failed') return { file, state: result.state };
  const note = result.state === 'skipped' ? result.note : undefined;
  const because = note ?? reasonInTitles(test);
  return { file, state: 'not run', ...(because === undefined ? {} : { because }) };
}

function reasonInTitles(test: TestCase): string | undefined {
  let at: TestCase | TestSuite | TestModule = test;
  while (at.type !== 'module') {
    const reason = IN_TITLE.exec(at.name)?.[1];
    if (reason !== undefined) return reason;
    if (at.type === 'suite' && at.errors().length > 0) return 'what stands around it failed';
    at = at.parent;
  }
  return at.errors().length > 0 ? 'what stands around it failed' : undefined;
}
