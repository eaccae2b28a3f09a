import { spawnSync } from 'node:child_process';
import { parse, parseAllDocuments } from 'yaml';
import { asObject, asText, isObject, type JsonObject } from '../model/json.ts';
import { ChartTrouble } from './chart-trouble.ts';
import type { RenderableChart } from './summarize.ts';

/** The version of Kubernetes that charts are rendered for: some leave parts out for older ones. */
const KUBE_VERSION = '1.33.0';

/**
 * A chart archive that Helm renders.
 *
 * @param program path of Helm
 * @throws ChartTrouble when Helm cannot be started or refuses the chart.
 */
export function chartArchive(archive: string, program: string): RenderableChart {
  const helm = (args: readonly string[], input = '') => run(program, args, input);
  const about = asObject(parse(helm(['show', 'chart', archive])));
  return {
    version: asText(about.version) ?? '',
    appVersion: asText(about.appVersion) ?? '',
    kubeVersion: KUBE_VERSION,
    defaults: asObject(parse(helm(['show', 'values', archive]))),
    render: ({ name, namespace, values }) => {
      const text = helm(
        [
          'template',
          name,
          archive,
          '--namespace',
          namespace,
          '--kube-version',
          KUBE_VERSION,
        ].concat(['--include-crds', '--values', '-']),
        JSON.stringify(values),
      );
      return parseAllDocuments(text)
        .map((document) => document.toJS() as unknown)
        .filter((document): document is JsonObject => isObject(document));
    },
  };
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

function run(program: string, args: readonly string[], input: string): string {
  const done = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES });
  if (done.error !== undefined) {
    throw new ChartTrouble(`helm could not be started: ${done.error.message}`);
  }
  if (done.status !== 0) throw new ChartTrouble(`helm ${args.join(' ')}: ${done.stderr.trim()}`);
  return done.stdout;
}
