import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import { AssetType, type ITerraformDependable, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import type { ChartPin } from '../values/chart-pin.ts';
import { type Binding, Resource } from './binding.ts';
import { canonicalJson } from './canonical-json.ts';
import { projectPath } from './project-path.ts';
import { Refusal } from './refusal.ts';

/** A Helm release, with the arguments of its binding. */
export const RELEASE: Binding<ReleaseConfig> = { provider: 'helm', type: 'helm_release' };

/** Ten minutes: pulls of large images on a slow line, the upper bound that chart authors plan for. */
const TIMEOUT_SEC = 600;

/** Where charts come from when not from their own repository. */
export interface ChartMirror {
  /** An `oci://` address, or a folder of the project that holds `name-version.tgz` files. */
  readonly location: string;
}

/** Settings of a {@link ChartRelease}. */
export interface ChartReleaseProps {
  readonly chart: ChartPin;

  /** The name of the release; at most 53 characters. */
  readonly releaseName: string;

  /** Namespace of the release. It must already exist. */
  readonly namespace: string;

  /** The values, as the chart's own `values.yaml` names them. Never a secret: they stand in the state. */
  readonly values: Readonly<Record<string, unknown>>;

  /**
   * Where to take the chart from.
   *
   * @default - the repository of the pin
   */
  readonly mirror?: ChartMirror | undefined;

  /**
   * Wait until everything in the release is ready. Needed where the next release calls a webhook of this one.
   *
   * @default false
   */
  readonly wait?: boolean;

  /** What has to exist before the release, and is destroyed after it. */
  readonly dependsOn?: ITerraformDependable[];
}

/** A third party's chart at its pinned version. */
export class ChartRelease extends Construct {
  /** The release itself, for `addOverride` where a prop is missing. */
  readonly release: Resource<ReleaseConfig>;

  constructor(scope: Construct, id: string, props: ChartReleaseProps) {
    super(scope, id);
    this.release = new Resource(this, 'Resource', RELEASE, {
      ...this.locate(props.chart, props.mirror),
      name: props.releaseName,
      namespace: props.namespace,
      createNamespace: false,
      version: props.chart.version,
      values: [canonicalJson(props.values)],
      wait: props.wait ?? false,
      waitForJobs: false,
      timeout: TIMEOUT_SEC,
      ...(props.dependsOn === undefined ? {} : { dependsOn: props.dependsOn }),
    });
  }

  private locate(
    chart: ChartPin,
    mirror: ChartMirror | undefined,
  ): Pick<ReleaseConfig, 'chart' | 'repository'> {
    if (mirror === undefined) return { repository: chart.repository, chart: chart.name };
    if (mirror.location.startsWith('oci://'))
      return { repository: mirror.location, chart: chart.name };
    const path = projectPath(join(mirror.location, chart.archive));
    if (!existsSync(path)) {
      const from = chart.repository.startsWith('oci://')
        ? `${chart.repository}/${chart.name}`
        : `${chart.name} --repo ${chart.repository}`;
      throw new Refusal(
        this,
        'mirror',
        mirror.location,
        `hold ${chart.archive}`,
        `run: helm pull ${from} --version ${chart.version} -d ${mirror.location}`,
      );
    }
    return { chart: `./${new TerraformAsset(this, 'chart', { path, type: AssetType.FILE }).path}` };
  }
}
