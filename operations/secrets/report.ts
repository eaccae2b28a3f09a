import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { table } from '../../console/table.ts';
import { SECRET_KINDS } from '../../values/secret-ref.ts';
import { filesOf, variablesOf } from './given.ts';
import type { Plan } from './plan.ts';
import { PRACTICES } from './practice.ts';
import { publicHalf } from './signing-pair.ts';

/** One key of a Secret, as it may be shown. */
export interface ReportedKey {
  readonly key: string;
  readonly state:
    | 'present'
    | 'created'
    | 'replaced'
    | 'missing'
    | 'awaited'
    | 'bad'
    | 'not written';
  /** Undefined where there is no value, or an empty one. */
  readonly fingerprint: string | undefined;
}

/** A Secret, as it may be shown: nothing of it is secret. */
export interface ReportedSecret {
  readonly secret: string;
  readonly kind: string;
  readonly keys: readonly ReportedKey[];
  readonly problems: readonly string[];
  /** What may and should be known: public halves, what a rotation asks for. */
  readonly notes: readonly string[];
}

/** What a run came to, for the report. */
export interface Done {
  readonly stack: string;
  readonly plans: readonly Plan[];
  /** False when something that was given is wrong, so that nothing was written. */
  readonly written: boolean;
  /** Makes the fingerprint of a value. */
  readonly mark: (value: string) => Promise<string>;
}

/** Makes what people and machines are told. */
export async function reportOf(done: Done): Promise<ReportedSecret[]> {
  const reported: ReportedSecret[] = [];
  for (const plan of done.plans) {
    reported.push({
      secret: String(plan.ref),
      kind: plan.ref.kind,
      keys: await Promise.all(keysOf(plan).map((key) => reportKey(plan, key, done))),
      problems: await problemLines(plan, done),
      notes: noteLines(plan, done),
    });
  }
  return reported;
}

function keysOf({ ref, problems }: Plan): string[] {
  const own: readonly string[] = SECRET_KINDS[ref.kind].keys;
  return [...new Set([...own, ...Object.keys(problems).filter((key) => key !== '')])];
}

async function reportKey(plan: Plan, key: string, done: Done): Promise<ReportedKey> {
  const state = stateOf(plan, key, done);
  const shows = state === 'present' || state === 'created' || state === 'replaced';
  const value = shows ? plan.values[key] : plan.live?.values[key];
  const fingerprint = value === undefined || value === '' ? undefined : await done.mark(value);
  return { key, state, fingerprint };
}

function stateOf(plan: Plan, key: string, { written }: Done): ReportedKey['state'] {
  if (plan.problems[key] !== undefined) return 'bad';
  if (plan.state === 'awaited') return 'awaited';
  if (plan.write[key] !== undefined) {
    if (!written) return 'not written';
    return plan.live?.values[key] === undefined ? 'created' : 'replaced';
  }
  if (plan.missing.includes(key)) return 'missing';
  if (plan.live?.values[key] === undefined) return 'missing';
  return plan.problems[''] === undefined ? 'present' : 'bad';
}

async function problemLines(plan: Plan, { stack, mark }: Done): Promise<string[]> {
  const { ref, problems, missing, passedOver } = plan;
  const lines = Object.entries(problems).map(([key, problem]) =>
    [`${ref}`, ...(key === '' ? [] : [key]), `${problem}${fixOf(plan, key, stack)}`].join(' '),
  );
  if (missing.length > 0) lines.push(...missingLines(plan, stack));
  for (const key of passedOver) {
    const there = await mark(plan.live?.values[key] ?? '');
    lines.push(
      `${ref} ${key}: another value was given than the one that is there (${there}); it was left as it is\n    to replace it: ${rotation(plan, stack)}`,
    );
  }
  return lines;
}

function fixOf(plan: Plan, key: string, stack: string): string {
  if (key === '') return '';
  if (plan.refusedInput)
    return '\n    nothing was written: correct what was given, and run it again';
  if (SECRET_KINDS[plan.ref.kind].origin === 'controller')
    return '\n    its controller writes it: look there';
  return `\n    to replace it: ${rotation(plan, stack)}`;
}

function rotation({ ref }: Plan, stack: string): string {
  return `just secrets-rotate ${stack} ${ref.kind} --only ${ref}`;
}

function missingLines(plan: Plan, stack: string): string[] {
  const { ref, live, missing } = plan;
  const half = live !== undefined && missing.some((key) => live.values[key] === undefined);
  const makes = PRACTICES[ref.kind].make !== undefined;
  if (half && makes && Object.keys(live.values).length > 0) {
    return [
      `${ref}: only a part of it is there, and ${missing.join(', ')} cannot be made to fit\n    to make it anew: ${rotation(plan, stack)}`,
    ];
  }
  const because = makes ? whyNotMade(plan) : SECRET_KINDS[ref.kind].shape;
  return missing.map((key) => {
    const [, file] = filesOf(ref, key);
    const [, variable] = variablesOf(ref, key);
    return `${ref} ${key} is not there, and was not given (${because})\n    give it as the file <folder>/${file} with --from <folder>, as ${variable}, or with --stdin`;
  });
}

function whyNotMade({ ref }: Plan): string {
  if (ref.kind === 'cache-signing-key') {
    return 'a new pair would not be the one that the settings name under publicKey: give that pair, or remove its public half from the settings';
  }
  return ref.kind === 'attic-push-token'
    ? 'it is signed with the jwt-signing-key, which is not right yet'
    : 'it cannot be made';
}

function noteLines(plan: Plan, { written }: Done): string[] {
  const half = publicHalf(plan.values.keypair ?? '');
  const isThere = plan.state === 'present' || (written && Object.keys(plan.write).length > 0);
  return plan.ref.kind === 'cache-signing-key' && half !== undefined && isThere
    ? [`${plan.ref}: publicKey: ${half}`]
    : [];
}

/** 2 when something is wrong, 1 when something is missing, else 0. */
export function verdictOfPlans(plans: readonly Plan[]): ExitCode {
  if (plans.some(({ state }) => state === 'bad')) return EXIT.bad;
  const open = plans.some(({ state, passedOver }) => state === 'missing' || passedOver.length > 0);
  return open ? EXIT.unknown : EXIT.good;
}

/** Prints a line for each key, then what is wrong, then what to know. */
export function printSecrets(secrets: readonly ReportedSecret[], printer: Printer): void {
  const rows = secrets.flatMap(({ secret, kind, keys }) =>
    keys.map(({ key, state, fingerprint }) => [secret, kind, key, state, fingerprint ?? '-']),
  );
  for (const line of table(['secret', 'kind', 'key', '', 'fingerprint'], rows))
    printer.result(line);
  for (const { notes } of secrets) for (const note of notes) printer.result(note);
  for (const { problems } of secrets) for (const problem of problems) printer.problem(problem);
}
