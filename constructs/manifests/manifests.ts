import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import { AssetType, type ITerraformDependable, TerraformAsset, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { Resource } from '../binding.ts';
import { canonicalJson } from '../canonical-json.ts';
import { RELEASE } from '../helm.ts';
import { projectPath } from '../project-path.ts';

const CHART_FOLDER = 'constructs/manifests/chart';
const CHART_ASSET = 'manifests-chart';
const CHART_VERSION = '1.0.0';
const KEEP = { 'helm.sh/resource-policy': 'keep' };

/** A Kubernetes object as the API reads it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Settings of {@link Manifests}. */
export interface ManifestsProps {
  /** The name of the release; at most 53 characters. */
  readonly releaseName: string;

  /** Namespace in which Helm keeps the record of the release. It must already exist. */
  readonly namespace: string;

  readonly objects: readonly Manifest[];

  /**
   * Leave the objects in place when the release is destroyed; the next apply finds and adopts them.
   *
   * @default false
   */
  readonly keep?: boolean;

  /**
   * Take over objects of these names that exist already.
   *
   * @default - as `keep`
   */
  readonly adopt?: boolean;

  /** What has to exist before the objects, and is destroyed after them. */
  readonly dependsOn?: ITerraformDependable[];

  /** Conditions that stop the plan, before anything has changed. */
  readonly preconditions?: { readonly condition: unknown; readonly errorMessage: string }[];
}

/**
 * Kubernetes objects that go through a Helm release of a small chart of ours.
 *
 * Two kinds of objects need this. Custom resources: `kubernetes_manifest` asks the API server for their type while
 * planning, so the first apply, which installs that type, cannot be planned. And objects that must outlive `destroy`:
 * Helm leaves what is annotated so and adopts it again, which no resource of the Kubernetes provider does.
 *
 * The release is never waited for: a claim that waits for its first consumer would hang the apply.
 */
export class Manifests extends Construct {
  /** The release itself, for `addOverride` where a prop is missing. */
  readonly release: Resource<ReleaseConfig>;

  constructor(scope: Construct, id: string, props: ManifestsProps) {
    super(scope, id);
    const keep = props.keep ?? false;
    const chart = chartAsset(this);
    this.release = new Resource(this, 'Resource', RELEASE, {
      name: props.releaseName,
      namespace: props.namespace,
      chart: `./${chart.path}`,
      version: CHART_VERSION,
      createNamespace: false,
      takeOwnership: props.adopt ?? keep,
      wait: false,
      values: [canonicalJson({ objects: keep ? props.objects.map(kept) : props.objects })],
      ...(props.dependsOn === undefined ? {} : { dependsOn: props.dependsOn }),
      ...(props.preconditions === undefined
        ? {}
        : { lifecycle: { precondition: props.preconditions } }),
    });
  }
}

/** The hash of the chart, which need not be read again for every stack. */
let chartHash: string | undefined;

/** The chart lies in each stack once, however many releases use it. */
function chartAsset(scope: Construct): TerraformAsset {
  const stack = TerraformStack.of(scope);
  const present = stack.node.tryFindChild(CHART_ASSET);
  if (present !== undefined) return present as TerraformAsset;
  const path = projectPath(CHART_FOLDER);
  const asset = new TerraformAsset(stack, CHART_ASSET, {
    path,
    type: AssetType.DIRECTORY,
    ...(chartHash === undefined ? {} : { assetHash: chartHash }),
  });
  chartHash = asset.assetHash;
  return asset;
}

function kept(manifest: Manifest): Manifest {
  return {
    ...manifest,
    metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...KEEP } },
  };
}
