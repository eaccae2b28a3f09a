import { parseAllDocuments } from 'yaml';
import type { HelmRelease } from '../../../policy/model/helm-release.ts';
import { isObject, type JsonObject } from '../../../policy/model/json.ts';
import { run } from '../run-program.ts';

/** What is rendered, and by what. */
export interface Rendering {
  readonly helm: string;
  /** The archive, or the folder of a chart. */
  readonly chart: string;
  /** Version of the API server, without v. */
  readonly kubeVersion: string;
  readonly release: Pick<HelmRelease, 'name' | 'namespace' | 'values'>;
}

/** The objects of a release as Helm would send them, or what Helm says instead. */
export type Rendered = { readonly objects: readonly JsonObject[] } | { readonly refusal: string };

/** Renders a release by the real Helm, with the types that the chart brings. */
export async function helmTemplate({
  helm,
  chart,
  kubeVersion,
  release,
}: Rendering): Promise<Rendered> {
  const { name, namespace, values } = release;
  const args = ['template', name, chart, '--namespace', namespace, '--kube-version', kubeVersion];
  const { code, stdout, stderr } = await run(helm, [...args, '--include-crds', '--values', '-'], {
    input: JSON.stringify(values),
  });
  if (code !== 0) return { refusal: stderr.trim() };
  const objects = parseAllDocuments(stdout)
    .map((document) => document.toJS() as unknown)
    .filter((document): document is JsonObject => isObject(document));
  return { objects };
}
