import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { jsonIn } from '../../operations/tofu/run-tofu.ts';
import { asObjects, asText, asTexts, at, isObject } from '../../policy/model/json.ts';
import type { Declaration } from '../gateway/gateway-options.ts';
import { complaint, type GuardedRun, type GuardedTofu } from './guarded-tofu.ts';

/** A resource that is to be taken into the state. */
export interface Import {
  readonly address: string;
  readonly importId: string;
}

/** One change that a plan holds. */
export interface PlannedStep {
  readonly address: string;
  readonly action: 'create' | 'delete' | 'forget' | 'none' | 'replace' | 'update';
  readonly imports: boolean;
}

/** A plan that takes resources in. */
export interface ImportPlan {
  readonly steps: readonly PlannedStep[];
  /** Addresses of what its provider says is not there. */
  readonly absent: readonly string[];
}

/** The file with the imports, beside the JSON of the stack while it is needed. */
const IMPORT_FILE = 'flywheel-adopt.tf.json';
/** What tofu says of an id under which its provider finds nothing. */
const NOT_THERE = /import an existing object to "([^"]+)"/;

/** Does something while tofu reads the imports beside the JSON of the stack. They are gone afterwards, whatever happens. */
async function withImports<T>(
  tofu: GuardedTofu,
  imports: readonly Import[],
  work: () => Promise<T>,
): Promise<T> {
  const file = join(tofu.folder, IMPORT_FILE);
  const blocks = imports.map(({ address, importId }) => ({ to: address, id: importId }));
  writeFileSync(file, `${JSON.stringify({ import: blocks }, undefined, 2)}\n`, { mode: 0o600 });
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/**
 * Plans to take resources in, and nothing beside them. What its provider does not find is left out.
 *
 * @param out the file of the plan
 * @throws Failure when tofu cannot plan
 */
export async function planImports(
  tofu: GuardedTofu,
  imports: readonly Import[],
  out: string,
  declaration: Declaration,
): Promise<ImportPlan> {
  const absent = new Set<string>();
  for (;;) {
    const wanted = imports.filter(({ address }) => !absent.has(address));
    if (wanted.length === 0) return { steps: [], absent: [...absent] };
    const targets = wanted.map(({ address }) => `-target=${address}`);
    const planned = await withImports(tofu, wanted, () =>
      tofu.run(['plan', '-json', '-input=false', `-out=${out}`, ...targets], declaration),
    );
    if (planned.code === 0) return { steps: await stepsIn(tofu, out), absent: [...absent] };
    const missing = notThere(planned).filter((address) => !absent.has(address));
    if (missing.length === 0) throw notPlanned(planned);
    for (const address of missing) absent.add(address);
  }
}

/** What a plan of the whole stack would do. */
export async function planAll(
  tofu: GuardedTofu,
  out: string,
  declaration: Declaration,
): Promise<readonly PlannedStep[]> {
  const planned = await tofu.run(['plan', '-json', '-input=false', `-out=${out}`], declaration);
  if (planned.code !== 0) throw notPlanned(planned);
  return await stepsIn(tofu, out);
}

/** The errors among the events that tofu prints with `-json`, in its own words. */
function errorsIn(run: Pick<GuardedRun, 'stdout'>): string[] {
  return eventsIn(run)
    .filter((event) => at(event, 'diagnostic', 'severity') === 'error')
    .map((event) => {
      const words = [at(event, 'diagnostic', 'summary'), at(event, 'diagnostic', 'detail')];
      return words
        .flatMap((word) => asText(word) ?? [])
        .join(': ')
        .replaceAll(/\s+/g, ' ');
    });
}

async function stepsIn(tofu: GuardedTofu, file: string): Promise<PlannedStep[]> {
  const shown = await tofu.run(['show', '-json', file], {});
  const plan = jsonIn(shown);
  if (shown.code !== 0 || plan === undefined) {
    throw new Failure(`tofu cannot read its own plan: ${complaint(shown)}`);
  }
  return asObjects(at(plan, 'resource_changes'))
    .filter(({ mode }) => mode === 'managed')
    .map(({ address, change }) => ({
      address: asText(address) ?? '',
      action: actionOf(asTexts(at(change, 'actions'))),
      imports: isObject(at(change, 'importing')),
    }));
}

function actionOf(actions: readonly string[]): PlannedStep['action'] {
  if (actions.length > 1) return 'replace';
  const [action = 'no-op'] = actions;
  return ACTIONS[action] ?? 'none';
}

const ACTIONS: Readonly<Record<string, PlannedStep['action']>> = {
  create: 'create',
  update: 'update',
  delete: 'delete',
  forget: 'forget',
};

function notThere(run: GuardedRun): string[] {
  return errorsIn(run).flatMap((error) =>
    error.startsWith('Cannot import non-existent remote object')
      ? (NOT_THERE.exec(error)?.[1] ?? [])
      : [],
  );
}

function notPlanned(run: GuardedRun): Failure {
  const errors = errorsIn(run);
  const words = errors.length === 0 ? [complaint(run)] : errors;
  return new Failure(
    ['tofu cannot plan; nothing was changed', ...words.map((word) => `    ${word}`)].join('\n'),
    run.findings.find(({ exitCode }) => exitCode !== EXIT.good)?.exitCode ?? EXIT.unknown,
  );
}

function eventsIn({ stdout }: Pick<GuardedRun, 'stdout'>): unknown[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as unknown];
      } catch {
        return [];
      }
    });
}
