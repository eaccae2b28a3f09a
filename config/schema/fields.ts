import { z } from 'zod';
import { parseCron5, parseCron6 } from '../../values/cron.ts';
import { Duration, type DurationSyntax } from '../../values/duration.ts';
import { type Context, Endpoint } from '../../values/endpoint.ts';
import { InvalidValue } from '../../values/invalid-value.ts';
import { type NameKind, nameRule, parseName } from '../../values/name.ts';
import { type Dimension, Quantity } from '../../values/quantity.ts';
import { requireOrdered } from '../../values/resources.ts';

/** What a broken rule leaves in an issue, beside its message. */
export interface RuleParams {
  readonly rule: string;
  readonly remedy?: string | undefined;
}

/** Runs a parser that throws {@link InvalidValue} and turns what it throws into an issue of the schema. */
function attempt<In, Out>(parse: (input: In) => Out): (input: In, context: z.RefinementCtx) => Out {
  return (input, context) => {
    try {
      return parse(input);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      context.addIssue(brokenRule(error.rule, error.remedy, input));
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

/** Text that a value type reads. */
function text<T>(parse: (text: string) => T, example: string) {
  return z
    .string()
    .transform(attempt(parse))
    .meta({ examples: [example] });
}

/** A name of that kind. */
export function name(kind: NameKind) {
  const { pattern, maxLength } = nameRule(kind);
  return z
    .string()
    .transform(attempt((value: string) => parseName(kind, value)))
    .meta({ pattern: pattern.source, maxLength });
}

/** An amount in the notation of Kubernetes; a bare number is taken where the notation has one. */
export function quantity(dimension: Dimension) {
  return z
    .union([z.string(), z.number()])
    .transform(attempt((value: string | number) => Quantity.parse(dimension, value)))
    .meta({ examples: [{ cpu: '500m', memory: '2Gi', storage: '10Gi', count: 50 }[dimension]] });
}

/** A duration in the syntax of the product that reads it. */
export function duration<S extends DurationSyntax>(syntax: S) {
  const example = { go: '1h30m', humantime: '12 hours', prometheus: '5m', retention: '30d' }[
    syntax
  ];
  return text((value) => Duration.parse(syntax, value), example);
}

/** A schedule of five fields, minute first. */
export const cron5 = () => text(parseCron5, '0 2 * * *');

/** A schedule of six fields, second first. */
export const cron6 = () => text(parseCron6, '0 0 2 * * *');

/** An address as that kind of consumer reaches it. */
export function endpoint<C extends Context>(context: C) {
  return text(
    (value) => Endpoint.parse(context, value),
    context === 'pod' ? 'http://name.namespace.svc.cluster.local' : 'https://host.example.org',
  );
}

/** A range of IPv4 addresses. */
export const cidr = () => z.cidrv4().meta({ examples: ['10.43.0.1/32'] });

/** A whole number within bounds. */
export function whole(min: number, max: number) {
  return z.int().min(min).max(max);
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
        ephemeral: quantity('storage').optional().describe('Bytes written outside of volumes.'),
      })
      .prefault({});
  return z
    .strictObject({
      requests: amounts(0).describe('What is reserved for it.'),
      limits: amounts(1).describe('What it may never exceed.'),
    })
    .prefault({})
    .transform(attempt(requireOrdered));
}

/** Bounds of a count that grows and shrinks. */
export function bounds(defaults: { readonly min: number; readonly max: number }, lowest: number) {
  return z
    .strictObject({
      min: whole(lowest, 1000).default(defaults.min).describe('The least that always runs.'),
      max: whole(1, 1000).default(defaults.max).describe('The most that ever runs.'),
    })
    .prefault({})
    .superRefine(({ min, max }, context) => {
      if (min > max)
        context.addIssue(
          brokenRule(`be at most max, which is ${max}`, 'lower min or raise max', min, ['min']),
        );
    });
}
