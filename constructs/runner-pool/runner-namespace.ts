import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Image } from '../../values/image.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import { type Viewer, ViewerAccess } from '../dashboard/viewer-access.ts';
import { stateFact } from '../facts.ts';
import {
  ManagedNamespace,
  type NamespaceQuota,
  type PodSecurity,
} from '../namespace/managed-namespace.ts';
import { Account } from '../workload/account.ts';
import type { ClusterNetwork } from '../workload/flows.ts';
import { largestLimits, podDemand, totalDemand } from './demand.ts';
import { OperatorAccount } from './operator-account.ts';
import { type CleanupAges, PodCleanup } from './pod-cleanup.ts';
import { CLEANUP, UNSAID } from './pod-sizes.ts';
import type { Pool } from './pool.ts';
import { poolContainers, poolDemand } from './pool-demand.ts';

/** How far the jobs of a namespace are trusted. */
export type RunnerTrust = 'jobs' | 'privileged-jobs' | 'operator';

const POD_SECURITY: Readonly<Record<RunnerTrust, PodSecurity>> = {
  jobs: 'baseline',
  'privileged-jobs': 'privileged',
  operator: 'baseline',
};

const JOB_ACCOUNT = 'flywheel-jobs';

/** Settings of a {@link RunnerNamespace}. */
export interface RunnerNamespaceProps {
  readonly name: string;
  readonly trust: RunnerTrust;
  readonly partOf: string;
  /** Leave the namespace, with the Secrets that people put into it, in place on destroy. */
  readonly keep: boolean;
  /** The pools that live here; what they need together is what the namespace allows. */
  readonly pools: readonly Pool[];
  /** @default - exactly what the pools need when all their jobs run */
  readonly quota?: NamespaceQuota | undefined;
  readonly network: ClusterNetwork;
  readonly cleanup: { readonly image: Image; readonly ages: CleanupAges };
  /** Who may look into it. */
  readonly viewer: Viewer;
  readonly pullSecret: string | undefined;
}

/**
 * A namespace in which jobs of one trust level run: its limits, the account of its jobs, the cleanup behind them.
 *
 * Jobs run under an account without any right and without a token, except in the operator lane.
 */
export class RunnerNamespace extends Construct {
  readonly namespace: ManagedNamespace;
  readonly trust: RunnerTrust;

  /** The account that jobs run under. */
  readonly jobAccount: { readonly name: string; readonly token: boolean };

  /** What has to exist before a pool can live here. */
  readonly resources: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: RunnerNamespaceProps) {
    super(scope, id);
    this.trust = props.trust;
    this.namespace = this.defineNamespace(props);
    const account = this.defineJobAccount(props);
    this.jobAccount = { name: account.name, token: props.trust === 'operator' };
    this.resources = [this.namespace.release, ...account.resources];
    new PodCleanup(this, 'cleanup', {
      namespace: this.namespace,
      network: props.network,
      partOf: props.partOf,
      pullSecret: props.pullSecret,
      ...props.cleanup,
    });
    new ViewerAccess(this, 'viewer', { namespace: this.namespace, viewer: props.viewer });
    this.stateFacts(props);
  }

  private defineNamespace(props: RunnerNamespaceProps): ManagedNamespace {
    const { name, trust, partOf, keep, pools } = props;
    const containers = [...pools.flatMap(poolContainers), CLEANUP, UNSAID];
    return new ManagedNamespace(this, 'namespace', {
      name,
      podSecurity: POD_SECURITY[trust],
      trust,
      partOf,
      keep,
      quota: props.quota ?? totalDemand([...pools.map(poolDemand), podDemand([CLEANUP])]),
      containerDefaults: { fallback: UNSAID, max: largestLimits(containers) },
    });
  }

  private defineJobAccount({ name, trust, partOf }: RunnerNamespaceProps) {
    const { namespace } = this;
    if (trust === 'operator') {
      return new OperatorAccount(this, 'operator', { namespace, lane: name, partOf });
    }
    const labels = { 'app.kubernetes.io/component': 'job', 'app.kubernetes.io/part-of': partOf };
    const { resources } = new Account(this, 'job-account', {
      namespace,
      name: JOB_ACCOUNT,
      labels,
    });
    return { name: JOB_ACCOUNT, resources };
  }

  private stateFacts({ name, trust, pools, pullSecret }: RunnerNamespaceProps): void {
    if (pullSecret !== undefined) {
      stateFact(this, 'secret', SecretRef.of('registry-credentials', name, pullSecret));
    }
    if (trust !== 'privileged-jobs') return;
    const reasons = pools.flatMap(({ name: pool, privilegedReason }) =>
      privilegedReason === undefined ? [] : [`${pool}: ${privilegedReason}`],
    );
    stateFact(this, 'weakening', {
      workload: name,
      what: 'Pod Security Standard privileged',
      reason: reasons.join('; '),
    });
  }
}
