import type { Cluster } from '../model/cluster.ts';
import { groupBy } from '../model/grouping.ts';
import { asText, asTextMap, at } from '../model/json.ts';
import { type Pod, volumesOf } from '../model/pod.ts';
import { walkValue } from '../model/text-walk.ts';

/** A line of text that some program reads, with who reads it. */
export interface ConsumerLine {
  readonly resource: string;
  readonly where: string;
  /** The name that the line gives a value to: a variable, a flag or a setting. */
  readonly key: string;
  readonly value: string;
  /** Ports on which the reader's own pod listens: loopback means these. */
  readonly ownPorts: ReadonlySet<number>;
  /** True for pods in which pipelines run. */
  readonly inJob: boolean;
}

const SETTING = /^\s*(?:export\s+)?(?:--?)?["']?([A-Za-z][\w.-]*)["']?\s*[=:]\s*(.*)$/;
/** What every line of interest has: a URL, or a host of this machine. */
const ADDRESS = /:\/\/|localhost|127\.|0\.0\.0\.0|\[::/;

const COMMENT = /^\s*(#|\/\/|--\s|\*)/;

/** Every line with an address that pods are given: variables, arguments, files of configuration. */
export function consumerLines(cluster: Cluster): ConsumerLine[] {
  const readers = groupBy(
    cluster.pods.flatMap((pod) => configMapsOf(pod).map((name) => ({ pod, name }))),
    ({ pod, name }) => `${pod.namespace}/${name}`,
  );
  return [
    ...cluster.pods.flatMap(podLines),
    ...cluster.ofKind('ConfigMap').flatMap((object) => {
      const pods = (readers.get(`${object.namespace}/${object.name}`) ?? []).map(({ pod }) => pod);
      const ownPorts = new Set(pods.flatMap(portsOf));
      return Object.entries(asTextMap(object.body.data)).flatMap(([file, text]) =>
        linesOf(text).map((line) => ({
          resource: object.address,
          where: `${file} of the ConfigMap ${object.name}`,
          ...setting(line, file),
          ownPorts,
          inJob: pods.some(({ purpose }) => purpose === 'job'),
        })),
      );
    }),
    ...customResources(cluster),
  ];
}

/** Custom resources whose programs call addresses. */
function customResources({ ofKind }: Cluster): ConsumerLine[] {
  const lines: ConsumerLine[] = [];
  const ownPorts = new Set<number>();
  for (const object of ofKind('ObjectStore')) {
    walkValue(object, object.body.spec, ({ path, key, text }) => {
      const where = `spec.${path}`;
      lines.push({ resource: object.address, where, key, value: text, ownPorts, inJob: false });
    });
  }
  return lines;
}

function podLines(pod: Pod): ConsumerLine[] {
  const ownPorts = new Set(portsOf(pod));
  const about = { resource: pod.address, ownPorts, inJob: pod.purpose === 'job' };
  return pod.containers.flatMap(({ name, environment, command }) => [
    ...environment.flatMap((variable) =>
      linesOf(variable.value ?? '').map((value) => ({
        ...about,
        where: `${variable.name} of ${pod.owner}, container ${name}`,
        key: variable.name,
        value,
      })),
    ),
    ...command.flatMap((argument) =>
      linesOf(argument).map((line) => ({
        ...about,
        where: `an argument of ${pod.owner}, container ${name}`,
        ...setting(line, ''),
      })),
    ),
  ]);
}

/** The lines that hold an address at all, or a host that could be one of this machine. */
function linesOf(text: string): string[] {
  if (!ADDRESS.test(text)) return [];
  if (!text.includes('\n')) return [text];
  return text.split('\n').filter((line) => ADDRESS.test(line) && !COMMENT.test(line));
}

function setting(line: string, fallback: string): Pick<ConsumerLine, 'key' | 'value'> {
  const [, key = fallback, value = line] = SETTING.exec(line) ?? [];
  // `http://…` is no setting with the name http.
  return value.startsWith('//') ? { key: fallback, value: line } : { key, value };
}

function portsOf({ containers }: Pod): readonly number[] {
  return containers.flatMap(({ ports }) => ports);
}

function configMapsOf(pod: Pod): string[] {
  return volumesOf(pod).flatMap((volume) => asText(at(volume, 'configMap', 'name')) ?? []);
}
