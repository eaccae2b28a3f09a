import * as z from 'zod';
import { cronPattern, parseCron5, parseCron6 } from '../../values/cron.ts';
import { Duration, type DurationSyntax, durationPattern } from '../../values/duration.ts';
import { type Context, ENDPOINT_PATTERN, Endpoint } from '../../values/endpoint.ts';
import { InvalidValue } from '../../values/invalid-value.ts';
import {
  type NameKind,
  nameRule,
  parseName,
  parseStateKey,
  STATE_KEY_PATTERN,
} from '../../values/name.ts';
import { type Dimension, Quantity, quantityPattern } from '../../values/quantity.ts';
import { excessiveRequests, type Resources } from '../../values/resources.ts';
import { secretShape } from '../../values/secret-shape.ts';

/** What a broken rule leaves in an issue, beside its message. */
export interface RuleParams {
  readonly rule: string;
  readonly remedy?: string | undefined;
}

/**
 * Runs a parser that throws {@link InvalidValue} and turns what it throws into an issue of the schema.
 *
 * @param advise what to do where the parser itself does not say it
 */
function attempt<In, Out>(
  parse: (input: In) => Out,
  advise: (input: In) => string,
): (input: In, context: z.RefinementCtx) => Out {
  return (input, context) => {
    try {
      return parse(input);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      context.addIssue(brokenRule(error.rule, error.remedy ?? advise(input), input));
      return z.NEVER;
    }
  };
}

/** An issue that carries its rule and remedy apart from each other. */
export function brokenRule(
  rule: string,
  remedy?: string,
  input?: unknown,
  path: PropertyKey[] = [],
) {
  return {
    code: 'custom' as const,
    message: `must ${rule}`,
    params: { rule, remedy } satisfies RuleParams,
    input,
    path,
  };
}

/**
 * Lets a rule between the fields of a map be asked as soon as those fields are right by themselves.
 *
 * Without it the schema library asks only when nothing at all is wrong with the map, and problems come out one run at a
 * time.
 */
export function whenRight(...fields: readonly string[]) {
  return {
    when: ({ issues }: z.core.ParsePayload) =>
      issues.every(({ code, path = [] }) =>
        path.length === 0 ? code === 'unrecognized_keys' : !fields.includes(String(path[0])),
      ),
  };
}

/** Text that a value type reads. */
function text<T>(parse: (text: string) => T, examples: readonly string[], pattern: RegExp) {
  return z
    .string()
    .meta({ pattern: pattern.source, examples: [...examples] })
    .transform(attempt(parse, () => `for example ${examples[0]}`));
}

/** Text that stays as it is when the parser has nothing against it. */
export function checkedText(parse: (text: string) => unknown, advise: (text: string) => string) {
  return z.string().superRefine((value, context) => void attempt(parse, advise)(value, context));
}

/**
 * The same schema for every field of a kind.
 *
 * Schemas never change, and a hundred fields are amounts: to make each anew would be a tenth of the start.
 */
function oneOfEach<K, S>(make: (kind: K) => S): (kind: K) => S {
  const made = new Map<K, S>();
  return (kind) => {
    const schema = made.get(kind) ?? make(kind);
    made.set(kind, schema);
    return schema;
  };
}

/** A name of that kind. */
export const name = oneOfEach((kind: NameKind) => {
  const { pattern, maxLength } = nameRule(kind);
  return checkedText((value) => parseName(kind, value), nameAdvice(pattern)).meta({
    pattern: pattern.source,
    maxLength,
  });
});

/** Offers the name that differs only in what is not allowed, unless that would repeat a credential. */
export function nameAdvice(pattern: RegExp): (text: string) => string {
  return (text) => {
    const near = text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    const isFit = pattern.test(near) && secretShape(text) === undefined && near.length <= 63;
    return isFit ? `write ${near}` : 'choose another name';
  };
}

/** The key of a state in its bucket. */
export function stateKey() {
  return checkedText(parseStateKey, () => 'for example attic/terraform.tfstate').meta({
    pattern: STATE_KEY_PATTERN.source,
  });
}

/**
 * Text of a given shape. The rule says the shape in words: a pattern is no help to the person who broke it.
 *
 * @param rule continues the word "must"
 * @param judge what has the right shape and is wrong all the same: throws {@link InvalidValue}
 */
export function shaped(
  pattern: RegExp,
  rule: string,
  example: string,
  judge: (text: string) => unknown = () => {},
) {
  const advise = () => `for example ${example}`;
  return checkedText((value) => {
    if (!pattern.test(value)) throw new InvalidValue(value, rule);
    judge(value);
  }, advise).meta({ pattern: pattern.source, examples: [example] });
}

/** An amount in the notation of Kubernetes; a bare number is taken where the notation has one. */
export const quantity = oneOfEach((dimension: Dimension) => {
  const example = { cpu: '500m', memory: '2Gi', storage: '10Gi', count: 50 }[dimension];
  const { source: pattern } = quantityPattern(dimension);
  const text = z.string().meta({ pattern });
  return z
    .union([text, z.number().positive()], {
      error: `be an amount of ${dimension} such as ${example}`,
    })
    .meta({ examples: [example], ...(isBytes(dimension) ? { ...ONLY_TEXT, pattern } : {}) })
    .transform(
      attempt(
        (value: string | number) => positive(Quantity.parse(dimension, value)),
        () => `write ${example}, or leave it out for the default`,
      ),
    );
});

/** A number without unit is refused with a sentence; an editor need not offer it in the first place. */
const ONLY_TEXT = { type: 'string', anyOf: undefined } as const;

function isBytes(dimension: Dimension): boolean {
  return dimension === 'memory' || dimension === 'storage';
}

/** Nothing in the settings is meant as an amount of 0: Kubernetes reads a limit of 0 as none. */
function positive(amount: Quantity): Quantity {
  if (amount.amount === 0) throw new InvalidValue(String(amount), 'be more than 0');
  return amount;
}

/** A duration in the syntax of the product that reads it. */
export function duration<S extends DurationSyntax>(syntax: S) {
  const example = { go: '1h30m', humantime: '12 hours', prometheus: '5m', retention: '30d' }[
    syntax
  ];
  return text((value) => Duration.parse(syntax, value), [example], durationPattern(syntax));
}

/** A schedule of five fields, minute first. */
export const cron5 = () => text(parseCron5, ['0 2 * * *'], cronPattern(5));

/** A schedule of six fields, second first. */
export const cron6 = () => text(parseCron6, ['0 0 2 * * *'], cronPattern(6));

/** An address as that kind of consumer reaches it. */
export function endpoint<C extends Context>(context: C) {
  const example =
    context === 'pod' ? 'http://name.namespace.svc.cluster.local' : 'https://host.example.org';
  return text((value) => Endpoint.parse(context, value), [example], ENDPOINT_PATTERN);
}

/** Refuses an address that pods cannot call, for text that stays as it is. */
export const callableFromPods = (text: string) => Endpoint.parse('pod', text);

const IPV4_RANGE =
  /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\/(3[0-2]|[12]?\d)$/;

/** A range of IPv4 addresses. */
export const cidr = () => shaped(IPV4_RANGE, 'be a range of IPv4 addresses', '10.43.0.0/16');

/** A whole number within bounds. */
export function whole(min: number, max: number) {
  return z.number().check(z.gte(min), z.lte(max), z.int());
}

/** What one container asks for and may never exceed, with defaults for both. */
export function containerResources(defaults: {
  readonly cpu: readonly [string, string];
  readonly memory: readonly [string, string];
}) {
  const amounts = (index: 0 | 1) =>
    z
      .strictObject({
        cpu: quantity('cpu').prefault(defaults.cpu[index]).describe('Cores.'),
        memory: quantity('memory').prefault(defaults.memory[index]).describe('Bytes of memory.'),
        ephemeral: quantity('storage')
          .optional()
          .describe('Bytes written outside of volumes. Without it the namespace decides.'),
      })
      .prefault({});
  return z
    .strictObject({
      requests: amounts(0).describe('What is reserved for it.'),
      limits: amounts(1).describe('What it may never exceed.'),
    })
    .prefault({})
    .superRefine(refuseExcess, whenRight('requests', 'limits'));
}

/** Adds an issue for every resource of which more is requested than the limit allows. */
export function refuseExcess(
  given: Resources,
  context: z.RefinementCtx,
  path: readonly string[] = [],
): void {
  for (const { name: resource, request, limit } of excessiveRequests(given)) {
    const rule = `be at most the limit, which is ${limit}`;
    context.addIssue(
      brokenRule(rule, 'lower the request or raise the limit', String(request), [
        ...path,
        'requests',
        resource,
      ]),
    );
  }
}

/** Bounds of a count that grows and shrinks. */
export function bounds(defaults: { readonly min: number; readonly max: number }, lowest: number) {
  return z
    .strictObject({
      min: whole(lowest, 1000).default(defaults.min).describe('The least that always runs.'),
      max: whole(1, 1000).default(defaults.max).describe('The most that ever runs.'),
    })
    .prefault({})
    .superRefine(
      ({ min, max }, context) => {
        if (min > max)
          context.addIssue(
            brokenRule(`be at most max, which is ${max}`, 'lower min or raise max', min, ['min']),
          );
      },
      whenRight('min', 'max'),
    );
}
