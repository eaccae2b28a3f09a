import type { ReleaseConfig } from '@cdktf/provider-helm/lib/release/index.js';
import { Construct } from 'constructs';
import type { Quantity } from '../../values/quantity.ts';
import { type ResourceAmounts, type Resources, resourceMap } from '../../values/resources.ts';
import { Resource } from '../binding.ts';
import { LIMIT_RANGE, RESOURCE_QUOTA } from '../kubernetes.ts';
import { type Manifest, Manifests } from '../manifests/manifests.ts';
import { policyManifest } from '../workload/policy-manifest.ts';

/** The Pod Security Standard that a namespace enforces. */
export type PodSecurity = 'restricted' | 'baseline' | 'privileged';

/**
 * Who is trusted with what a namespace holds. An account of one level must not reach a Secret of another.
 *
 * - `services`: caches, database, object store;
 * - `controllers`: programs that make pods for others;
 * - `jobs`: anything a pipeline runs;
 * - `privileged-jobs`: the same with the run of the node;
 * - `operator`: jobs that apply the stacks;
 * - `dashboard`: what people look at.
 */
export type TrustLevel =
  | 'services'
  | 'controllers'
  | 'jobs'
  | 'privileged-jobs'
  | 'operator'
  | 'dashboard';

/** The label by which the rules know the trust level of a namespace. */
const TRUST_LABEL = 'flywheel/trust';

/** Helm keeps the record of a namespace's release here: it exists in every cluster and no stack owns it. */
const RECORD_NAMESPACE = 'default';

/** The most that all pods of a namespace may ask for together. */
export interface NamespaceQuota {
  readonly requests: Pick<ResourceAmounts, 'cpu' | 'memory'>;
  readonly limits: Pick<ResourceAmounts, 'cpu' | 'memory'>;
  readonly pods: number;
}

/** Settings of a {@link ManagedNamespace}. */
export interface ManagedNamespaceProps {
  readonly name: string;
  readonly podSecurity: PodSecurity;
  readonly trust: TrustLevel;
  readonly partOf: string;

  /**
   * Leave the namespace, its default policy and what is given as `contents` in place on destroy; the next apply adopts them.
   */
  readonly keep: boolean;

  /** Objects that share the fate of the namespace, such as volume claims. */
  readonly contents?: readonly Manifest[];

  /** The most that all pods may ask for together. @default - no quota */
  readonly quota?: NamespaceQuota | undefined;

  /** What a container gets that says nothing, and the most that one may say. @default - no limit range */
  readonly containerDefaults?: {
    readonly fallback: Resources;
    readonly max: { readonly cpu: Quantity; readonly memory: Quantity };
  };
}

/**
 * A namespace that exists before anything else needs it and may exist already.
 *
 * People put Secrets into it before the first apply, so it is taken over when it is there. By default nothing flows in it:
 * every pod needs a policy of its own. That default shares the fate of the namespace, so what outlives a destroy in it is not
 * open to everyone.
 */
export class ManagedNamespace extends Construct {
  readonly name: string;

  /** What everything in the namespace depends on. */
  readonly release: Resource<ReleaseConfig>;

  constructor(scope: Construct, id: string, props: ManagedNamespaceProps) {
    super(scope, id);
    this.name = props.name;
    this.release = this.defineNamespace(props).release;
    if (props.quota !== undefined) this.defineQuota(props.quota);
    if (props.containerDefaults !== undefined) this.defineLimitRange(props.containerDefaults);
  }

  private defineNamespace(props: ManagedNamespaceProps): Manifests {
    const { name, podSecurity, contents = [] } = props;
    const namespace: Manifest = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        labels: {
          'app.kubernetes.io/part-of': props.partOf,
          [TRUST_LABEL]: props.trust,
          'pod-security.kubernetes.io/enforce': podSecurity,
          'pod-security.kubernetes.io/enforce-version': 'latest',
          'pod-security.kubernetes.io/warn':
            podSecurity === 'privileged' ? 'privileged' : 'restricted',
          'pod-security.kubernetes.io/audit': 'restricted',
        },
      },
    };
    return new Manifests(this, 'objects', {
      releaseName: `namespace-${name}`,
      namespace: RECORD_NAMESPACE,
      objects: [namespace, ...contents, this.defaultDeny()],
      keep: props.keep,
      adopt: true,
    });
  }

  private metadata(name: string) {
    return { name, namespace: this.name };
  }

  private defaultDeny(): Manifest {
    return policyManifest({ ...this.metadata('default-deny'), ingress: [], egress: [] });
  }

  private defineQuota({ requests, limits, pods }: NamespaceQuota): void {
    new Resource(this, 'quota', RESOURCE_QUOTA, {
      metadata: this.metadata('pods'),
      spec: {
        hard: {
          'requests.cpu': String(requests.cpu),
          'requests.memory': String(requests.memory),
          'limits.cpu': String(limits.cpu),
          'limits.memory': String(limits.memory),
          pods: String(pods),
        },
      },
      dependsOn: [this.release],
    });
  }

  private defineLimitRange({
    fallback,
    max,
  }: NonNullable<ManagedNamespaceProps['containerDefaults']>): void {
    new Resource(this, 'limit-range', LIMIT_RANGE, {
      metadata: this.metadata('containers'),
      spec: {
        limit: [
          {
            type: 'Container',
            default: resourceMap(fallback.limits),
            defaultRequest: resourceMap(fallback.requests),
            max: resourceMap(max),
          },
        ],
      },
      dependsOn: [this.release],
    });
  }
}
