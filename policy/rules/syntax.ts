import { parse as parseToml } from 'smol-toml';
import { parseCron5, parseCron6 } from '../../values/cron.ts';
import { Duration, type DurationSyntax } from '../../values/duration.ts';
import { InvalidValue } from '../../values/invalid-value.ts';
import type { Cluster } from '../model/cluster.ts';
import { asObject, asObjects, asText, asTextMap, at } from '../model/json.ts';
import { type KubernetesObject, specOf } from '../model/kubernetes-object.ts';
import type { Remark, Rule } from '../rule.ts';

/** A text in an object that some program reads in its own syntax. */
interface ProductText {
  readonly object: KubernetesObject;
  readonly where: string;
  readonly text: string;
}

/** The same five words mean other times to a program that reads seconds first. */
export const scheduleSyntax: Rule = {
  id: 'schedule-syntax',
  severity: 'error',
  meaning:
    'Every schedule has the fields that its program reads: a CronJob five, a ScheduledBackup six.',
  *judge({ ofKind }) {
    const read = { CronJob: parseCron5, ScheduledBackup: parseCron6 } as const;
    for (const kind of ['CronJob', 'ScheduledBackup'] as const) {
      for (const object of ofKind(kind)) {
        const text = asText(specOf(object, 'schedule')) ?? '';
        yield* complaint({ object, where: 'spec.schedule', text }, read[kind]);
      }
    }
  },
};

/** Each program has its own idea of how to write a day. */
export const durationSyntax: Rule = {
  id: 'duration-syntax',
  severity: 'error',
  meaning: 'Every duration is written as its program reads it.',
  *judge(cluster) {
    for (const [syntax, text] of durations(cluster)) {
      yield* complaint(text, (written) => Duration.parse(syntax, written));
    }
    for (const object of cluster.ofKind('ConfigMap')) yield* collectorThatEnds(object);
  },
};

function* complaint(
  { object, where, text }: ProductText,
  read: (text: string) => unknown,
): Iterable<Remark> {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    yield {
      resource: object.address,
      problem: `${object.kind} ${object.name}: ${where} ${error.message}`,
      remedy: error.remedy ?? 'write it as that program reads it',
    };
  }
}

type Found = readonly [DurationSyntax, ProductText];

function* durations({ ofKind }: Cluster): Iterable<Found> {
  for (const object of [...ofKind('ObjectStore'), ...ofKind('Cluster')]) {
    yield* field(object, 'retention', ['retentionPolicy']);
    yield* field(object, 'retention', ['backup', 'retentionPolicy']);
  }
  for (const object of ofKind('PrometheusRule')) yield* alertDurations(object);
  for (const [kind, list] of [
    ['PodMonitor', 'podMetricsEndpoints'],
    ['ServiceMonitor', 'endpoints'],
  ] as const) {
    for (const object of ofKind(kind)) {
      for (const endpoint of asObjects(specOf(object, list))) {
        yield* members(object, 'prometheus', endpoint, ['interval', 'scrapeTimeout']);
      }
    }
  }
  for (const object of ofKind('ConfigMap')) yield* serverDurations(object);
}

function* field(object: KubernetesObject, syntax: DurationSyntax, keys: string[]): Iterable<Found> {
  const text = asText(specOf(object, ...keys));
  if (text !== undefined) yield [syntax, { object, where: `spec.${keys.join('.')}`, text }];
}

function* members(
  object: KubernetesObject,
  syntax: DurationSyntax,
  owner: unknown,
  keys: readonly string[],
  prefix = '',
): Iterable<Found> {
  for (const key of keys) {
    const text = asText(at(owner, key));
    if (text !== undefined) yield [syntax, { object, where: `${prefix}${key}`, text }];
  }
}

function* alertDurations(object: KubernetesObject): Iterable<Found> {
  for (const group of asObjects(specOf(object, 'groups'))) {
    yield* members(object, 'prometheus', group, ['interval']);
    for (const rule of asObjects(group.rules)) {
      const prefix = `${asText(rule.alert) ?? asText(rule.record) ?? 'a rule'}.`;
      yield* members(object, 'prometheus', rule, ['for', 'keep_firing_for'], prefix);
    }
  }
}

/** The configuration of Attic, by the words that only it uses. */
function* serverDurations(object: KubernetesObject): Iterable<Found> {
  const collection = garbageCollection(object);
  yield* members(
    object,
    'humantime',
    collection,
    ['interval', 'default-retention-period'],
    'server.toml garbage-collection.',
  );
}

function garbageCollection({ body }: KubernetesObject): unknown {
  const text = asTextMap(body.data)['server.toml'];
  if (text === undefined || !text.includes('garbage-collection')) return undefined;
  try {
    return asObject(parseToml(text))['garbage-collection'];
  } catch {
    return undefined;
  }
}

/** With an interval of zero the collector ends at once, and Kubernetes starts it again for ever. */
function* collectorThatEnds(object: KubernetesObject): Iterable<Remark> {
  const interval = asText(at(garbageCollection(object), 'interval')) ?? '';
  if (!/^0+\s*[A-Za-z]*$/.test(interval)) return;
  yield {
    resource: object.address,
    problem: `ConfigMap ${object.name}: server.toml garbage-collection.interval is ${interval}, so the collector ends at once and is restarted for ever`,
    remedy: 'write an interval above zero, such as 12 hours',
  };
}
