import type { JudgedStack, PolicyInput } from '../policy-input.ts';
import { type Access, readAccess } from './access.ts';
import { type Bounds, readBounds } from './amounts.ts';
import {
  type Gap,
  type RenderedRelease,
  renderRelease,
  type SummarySource,
} from './chart-objects.ts';
import { gitlabJobs, type JobChoice, UnreadableConfig } from './gitlab-job-pods.ts';
import { groupBy } from './grouping.ts';
import { type HelmRelease, manifestsOf, releasesOf } from './helm-release.ts';
import { asObject } from './json.ts';
import { KUBERNETES_KINDS, readBlock } from './kubernetes-blocks.ts';
import { type KubernetesObject, readObject } from './kubernetes-object.ts';
import type { Pod } from './pod.ts';
import { postgresPods } from './postgres-pods.ts';
import { runtimeAccess } from './runtime-access.ts';
import { controllerImage, controllerNamespace, scaleSetPods } from './scale-set-pods.ts';
import { resourcesOf, type StackResource } from './stack-json.ts';
import { scalingOf, workloadPods } from './workload-pods.ts';

/** The levels of the Pod Security Standards. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** A namespace as a stack defines it. */
export interface Namespace {
  readonly name: string;
  readonly address: string;
  /** How far what runs here is trusted: the label `flywheel/trust`. */
  readonly trust: string | undefined;
  /** What the API server enforces here; `privileged` where nothing is said, as the API server has it. */
  readonly podSecurity: PodSecurityLevel;
}

/** Everything that the stacks put into the cluster, and what the programs in it will make of that. */
export interface Cluster {
  readonly input: PolicyInput;
  readonly resources: readonly StackResource[];
  /** Every Helm release, that of our own chart of manifests among them. */
  readonly helmReleases: readonly HelmRelease[];
  /** What the releases of others' charts put there. */
  readonly releases: readonly RenderedRelease[];
  readonly objects: readonly KubernetesObject[];
  readonly pods: readonly Pod[];
  /** What jobs may choose for themselves. */
  readonly choices: ReadonlyMap<Pod, JobChoice>;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** What the rules cannot see. */
  readonly gaps: readonly Gap[];
  readonly access: Access;
  readonly bounds: Bounds;
  /** The objects of a kind, in the order of the stacks. */
  ofKind(kind: string): readonly KubernetesObject[];
}

const GITLAB_CHART = 'gitlab-runner';
const SCALE_SET_KIND = 'AutoscalingRunnerSet';

/** Reads the stacks as the one cluster that they make. */
export function readCluster(input: PolicyInput, summaries: SummarySource): Cluster {
  const resources = input.stacks.flatMap(resourcesOf);
  const releases = releasesOf(resources);
  const rendered = releases
    .filter(({ holdsManifests }) => !holdsManifests)
    .map((release) => renderRelease(release, summaries));
  const defined = [...ownObjects(resources, releases), ...rendered.flatMap((one) => one.objects)];
  const objects = [...defined, ...runtimeAccess(defined, rendered)];
  const byKind = groupBy(objects, ({ kind }) => kind);
  const ofKind = (kind: string) => byKind.get(kind) ?? [];
  const jobs = rendered.map(jobsOf);
  const pods = [...podsOf(objects, rendered, ofKind), ...jobs.flatMap((found) => found.pods)];
  return {
    input,
    resources,
    helmReleases: releases,
    releases: rendered,
    objects,
    pods,
    choices: new Map(jobs.flatMap(({ choices }) => choices)),
    namespaces: new Map(ofKind('Namespace').map((object) => [object.name, readNamespace(object)])),
    gaps: [...rendered.flatMap(({ gaps }) => gaps), ...jobs.flatMap(({ gaps }) => gaps)],
    access: readAccess(ofKind, pods),
    bounds: readBounds(ofKind('LimitRange')),
    ofKind,
  };
}

/** The objects of stacks besides those of others' charts. */
export function definedObjects(stacks: readonly JudgedStack[]): KubernetesObject[] {
  const resources = stacks.flatMap(resourcesOf);
  return ownObjects(resources, releasesOf(resources));
}

function ownObjects(
  resources: readonly StackResource[],
  releases: readonly HelmRelease[],
): KubernetesObject[] {
  return [
    ...resources.flatMap(providerObject),
    ...releases.flatMap((release) =>
      manifestsOf(release).map((body) =>
        readObject(body, { ...release, origin: 'manifest', namespace: release.namespace }),
      ),
    ),
  ];
}

function providerObject({ stack, type, address, body }: StackResource): KubernetesObject[] {
  const known = Object.hasOwn(KUBERNETES_KINDS, type) ? KUBERNETES_KINDS[type] : undefined;
  if (known === undefined) return [];
  const { apiVersion, kind, fields } = known;
  const object = { apiVersion, kind, ...readBlock(fields, body) };
  return [readObject(object, { stack, address, origin: 'resource', namespace: 'default' })];
}

function readNamespace({ name, address, labels }: KubernetesObject): Namespace {
  const level = labels['pod-security.kubernetes.io/enforce'];
  return {
    name,
    address,
    trust: labels['flywheel/trust'],
    podSecurity: level === 'restricted' || level === 'baseline' ? level : 'privileged',
  };
}

function podsOf(
  objects: readonly KubernetesObject[],
  rendered: readonly RenderedRelease[],
  ofKind: Cluster['ofKind'],
): Pod[] {
  const scaling = scalingOf(ofKind('HorizontalPodAutoscaler'));
  const direct = objects.flatMap((object) => workloadPods(object, scaling));
  const instances = ofKind('Cluster')
    .filter(({ apiVersion }) => apiVersion.startsWith('postgresql.cnpg.io/'))
    .flatMap((cluster) => postgresPods(cluster, ofKind('ObjectStore')));
  const runners = rendered.flatMap(({ objects: own, values, release }) =>
    own
      .filter(({ kind }) => kind === SCALE_SET_KIND)
      .flatMap((object) => {
        const namespace = controllerNamespace(values, release.namespace);
        const image = controllerImage(direct, namespace);
        return scaleSetPods(object, { namespace, image }, ofKind('ConfigMap'));
      }),
  );
  return [...direct, ...instances, ...runners];
}

/** The jobs of a release of GitLab runner managers; of every other release none. */
function jobsOf({ release, values, objects }: RenderedRelease): {
  readonly pods: readonly Pod[];
  readonly choices: readonly [Pod, JobChoice][];
  readonly gaps: readonly Gap[];
} {
  const object = objects.find(({ kind }) => kind === 'Deployment');
  if (release.chart !== GITLAB_CHART || object === undefined)
    return { pods: [], choices: [], gaps: [] };
  const scaling = scalingOf(objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler'));
  const [manager] = workloadPods(object, scaling);
  try {
    const jobs = gitlabJobs({
      object,
      values: asObject(values),
      namespace: release.namespace,
      count: manager?.count.max,
    });
    return {
      pods: jobs.map(({ pod }) => pod),
      choices: jobs.map(({ pod, choice }) => [pod, choice]),
      gaps: [],
    };
  } catch (error) {
    if (!(error instanceof UnreadableConfig)) throw error;
    const gap = {
      address: release.address,
      problem: `its config.toml cannot be read: ${error.message}`,
      remedy: 'write runners.config by a TOML serializer',
    };
    return { pods: [], choices: [], gaps: [gap] };
  }
}
