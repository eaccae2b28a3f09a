import { SECRET_KINDS, type SecretRef } from '../../values/secret-ref.ts';
import type { GivenSource, GivenValue } from './given.ts';
import { foreignKeys, type LiveSecret } from './live-secret.ts';
import { PRACTICES, primaryKeys, problemsOf, type Surroundings, type Values } from './practice.ts';

/**
 * What is to be done about one Secret.
 *
 * - `present`: nothing, it is complete and right;
 * - `create`, `complete`, `replace`: write the values of `write`;
 * - `missing`: somebody has to bring keys that nobody gave;
 * - `awaited`: a controller writes it later;
 * - `bad`: what is there, or what was given, is wrong.
 */
export type State = 'present' | 'create' | 'complete' | 'replace' | 'missing' | 'awaited' | 'bad';

/** A Secret with what is to be done about it. */
export interface Plan {
  readonly ref: SecretRef;
  readonly state: State;
  readonly live: LiveSecret | undefined;
  /** What its keys hold once it is written. */
  readonly values: Values;
  /** The keys that are written. */
  readonly write: Values;
  /** Keys that nobody gave. */
  readonly missing: readonly string[];
  /** What is wrong, by key; the empty key stands for the Secret as a whole. */
  readonly problems: Values;
  /** True when what is wrong was given and is not in the cluster. */
  readonly refusedInput: boolean;
  /** Keys that are there, and for which another value was given. */
  readonly passedOver: readonly string[];
}

/** What a plan is made from. */
export interface PlanInput {
  readonly ref: SecretRef;
  readonly live: LiveSecret | undefined;
  readonly given: GivenSource;
  readonly surroundings: Surroundings;
  /** Put new values in the place of those that are there. */
  readonly rotate: boolean;
}

/** Decides what is to be done about a Secret, and writes nothing. */
export function planSecret(input: PlanInput): Plan {
  const { ref, live } = input;
  const whole = live === undefined ? undefined : wholeProblem(ref, live);
  if (whole !== undefined) return planOf(input, { state: 'bad', problems: { '': whole } });
  if (SECRET_KINDS[ref.kind].origin === 'controller') return planControlled(input);
  const { values: given, problems } = givenValues(input);
  if (Object.keys(problems).length > 0) {
    return planOf(input, { state: 'bad', problems, refusedInput: true });
  }
  return input.rotate ? planRotated(input, given) : planEnsured(input, given);
}

function planOf({ ref, live }: PlanInput, plan: Partial<Plan> & Pick<Plan, 'state'>): Plan {
  return {
    ref,
    live,
    values: ownValues(ref, live),
    write: {},
    missing: [],
    problems: {},
    refusedInput: false,
    passedOver: [],
    ...plan,
  };
}

function ownValues({ kind }: SecretRef, live: LiveSecret | undefined): Values {
  const keys: readonly string[] = SECRET_KINDS[kind].keys;
  return Object.fromEntries(
    Object.entries(live?.values ?? {}).filter(([key]) => keys.includes(key)),
  );
}

/** What makes a Secret unfit as a whole. */
function wholeProblem(ref: SecretRef, live: LiveSecret): string | undefined {
  if (live.kind !== undefined && live.kind !== ref.kind) {
    return `was written as ${live.kind}, and the stack reads it as ${ref.kind}: give each kind a Secret of its own`;
  }
  const foreign = [...foreignKeys(ref, live)].map(
    ([key, kinds]) => `${key} (${kinds.join(' or ')})`,
  );
  return foreign.length === 0
    ? undefined
    : `holds keys of another kind: ${foreign.join(', ')}; each kind needs a Secret of its own, because they are changed at different times`;
}

function planControlled(input: PlanInput): Plan {
  const { ref, live, surroundings } = input;
  if (live === undefined) return planOf(input, { state: 'awaited' });
  const problems = withMissing(ref, live, problemsOf(ref.kind, live.values, surroundings));
  return planOf(input, { state: Object.keys(problems).length === 0 ? 'present' : 'bad', problems });
}

/** A key that is not there is a problem as well. */
function withMissing({ kind }: SecretRef, live: LiveSecret, problems: Values): Values {
  const lacking = SECRET_KINDS[kind].keys.filter((key) => live.values[key] === undefined);
  return { ...Object.fromEntries(lacking.map((key) => [key, 'is not there'])), ...problems };
}

function planEnsured(input: PlanInput, given: Values): Plan {
  const { ref, live, surroundings } = input;
  const there = ownValues(ref, live);
  const unreadable = (live?.unreadable ?? []).map((key) => [key, 'is not UTF-8 text'] as const);
  const broken = {
    ...Object.fromEntries(unreadable),
    ...problemsOf(ref.kind, there, surroundings),
  };
  if (Object.keys(broken).length > 0) return planOf(input, { state: 'bad', problems: broken });
  const lacking = primaryKeys(ref.kind).filter((key) => there[key] === undefined);
  const isHalf = lacking.length > 0 && lacking.length < primaryKeys(ref.kind).length;
  const passedOver = Object.keys(given).filter(
    (key) => there[key] !== undefined && there[key] !== given[key],
  );
  const made = lacking.length === 0 ? {} : newValues(input, given, isHalf);
  const missing = lacking.filter((key) => made[key] === undefined);
  if (missing.length > 0) return planOf(input, { state: 'missing', missing, passedOver });
  const state = live === undefined ? 'create' : 'complete';
  const plan = planWrite(input, state, { ...made, ...there });
  return { ...plan, passedOver };
}

function planRotated(input: PlanInput, given: Values): Plan {
  const values = newValues(input, given, false);
  const missing = primaryKeys(input.ref.kind).filter((key) => values[key] === undefined);
  if (missing.length > 0) return planOf(input, { state: 'missing', missing });
  return planWrite(input, input.live === undefined ? 'create' : 'replace', values);
}

/** What was given; where nothing was, what can be made. Half of a pair cannot be made to fit the other half. */
function newValues({ ref, surroundings }: PlanInput, given: Values, isHalf: boolean): Values {
  if (Object.keys(given).length > 0 || isHalf) return given;
  const { cache } = surroundings;
  // A new pair would not be the one that the settings and so all readers trust.
  if (ref.kind === 'cache-signing-key' && cache?.publicKey !== undefined) return {};
  return PRACTICES[ref.kind].make?.(surroundings) ?? {};
}

/** Completes the primary keys by those that follow from them, judges the whole, and finds what is new. */
function planWrite(
  input: PlanInput,
  state: 'create' | 'complete' | 'replace',
  primary: Values,
): Plan {
  const { ref, live, surroundings } = input;
  const values: Values = { ...PRACTICES[ref.kind].derive?.(primary), ...primary };
  const problems = problemsOf(ref.kind, values, surroundings);
  if (Object.keys(problems).length > 0) {
    return planOf(input, {
      state: 'bad',
      problems,
      refusedInput: live === undefined || state === 'replace',
    });
  }
  const fresh = Object.entries(values).filter(([key, value]) => live?.values[key] !== value);
  const write = Object.fromEntries(fresh);
  if (fresh.length === 0 && live !== undefined) return planOf(input, { state: 'present', values });
  return planOf(input, { state, values, write });
}

/** What was given for the keys of a Secret; a key that was given twice and differently is a problem. */
function givenValues({ ref, given, surroundings }: PlanInput): {
  readonly values: Values;
  readonly problems: Values;
} {
  const found = new Map<string, readonly GivenValue[]>();
  for (const key of primaryKeys(ref.kind)) {
    const values = given(ref, key);
    if (values.length > 0) found.set(key, values);
  }
  const values = Object.fromEntries([...found].map(([key, [first]]) => [key, first?.value ?? '']));
  const problems: Record<string, string> = {};
  for (const [key, problem] of Object.entries(problemsOf(ref.kind, values, surroundings))) {
    problems[key] = `${problem} (given as ${found.get(key)?.[0]?.from ?? key})`;
  }
  for (const [key, all] of found) {
    if (new Set(all.map(({ value }) => value)).size < 2) continue;
    problems[key] = `is given twice, and differently: ${all.map(({ from }) => from).join(', ')}`;
  }
  return { values, problems };
}
