import type { CronJobV1Config } from '@cdktf/provider-kubernetes/lib/cron-job-v1/index.js';
import type { JobV1Config } from '@cdktf/provider-kubernetes/lib/job-v1/index.js';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Cron5 } from '../../values/cron.ts';
import { Resource } from '../binding.ts';
import { canonicalJson } from '../canonical-json.ts';
import { CRON_JOB, JOB, NETWORK_POLICY } from '../kubernetes.ts';
import { componentLabels, type LabelOptions, selectorLabels } from '../labels.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { shortHash } from '../short-hash.ts';
import { Account, type RoleRule } from './account.ts';
import { type ClusterNetwork, dnsFlow, egressRules, type Flow } from './flows.ts';
import { type PodOptions, podSpec } from './pod.ts';
import { podAnnotations } from './pod-annotations.ts';
import { statePodFacts } from './pod-facts.ts';

/** Settings of a {@link Task} or a {@link ScheduledTask}. */
export interface TaskProps
  extends Omit<PodOptions, 'serviceAccount' | 'token' | 'spread' | 'restartPolicy'> {
  readonly namespace: ManagedNamespace;
  readonly name: string;
  readonly labels: Pick<LabelOptions, 'component' | 'partOf'>;
  readonly network: ClusterNetwork;
  /** Whom it calls. Nobody calls a task. */
  readonly to: readonly Flow[];
  /** Seconds after which it has failed, all attempts together. */
  readonly deadlineSec: number;
  /** Attempts after the first. @default 4 */
  readonly retries?: number;
  /** What its account may do in its own namespace. @default - nothing */
  readonly rules?: readonly RoleRule[];
  /** Text that is part of what it does and stands elsewhere, such as its script. */
  readonly restartOn?: Readonly<Record<string, string>>;
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** What both kinds of tasks share: labels, account, policy and the pod. */
function defineParts(scope: Construct, props: TaskProps) {
  const { namespace, name, rules } = props;
  const labelOptions = { name, instance: name, ...props.labels };
  const labels = componentLabels(labelOptions);
  const account = new Account(scope, 'account', { namespace, name, labels, rules });
  const policy = new Resource(scope, 'network-policy', NETWORK_POLICY, {
    metadata: { name, namespace: namespace.name, labels },
    spec: {
      podSelector: { matchLabels: selectorLabels(labelOptions) },
      policyTypes: ['Ingress', 'Egress'],
      egress: egressRules([dnsFlow(props.network), ...props.to]),
    },
    dependsOn: [namespace.release],
  });
  statePodFacts(scope, `${namespace.name}/${name}`, props);
  return {
    labels,
    dependsOn: [namespace.release, ...account.resources, policy, ...(props.dependsOn ?? [])],
    template: {
      metadata: { labels, annotations: podAnnotations(props) },
      spec: podSpec({
        ...props,
        serviceAccount: name,
        token: rules !== undefined,
        restartPolicy: 'OnFailure',
      }),
    },
  };
}

/**
 * Something that runs once for each version of itself and must succeed.
 *
 * Its name carries a hash of all it does, because a Job cannot be changed: another version is another Job. The apply
 * waits for it, so an apply that succeeds means that it did. It stays when it is done: a Job that removes itself would
 * be created again by the next apply.
 */
export class Task extends Construct {
  /** The Job, for `addOverride` where a prop is missing. */
  readonly job: Resource<JobV1Config>;

  constructor(scope: Construct, id: string, props: TaskProps) {
    super(scope, id);
    const { labels, template, dependsOn } = defineParts(this, props);
    const spec = {
      backoffLimit: props.retries ?? 4,
      activeDeadlineSeconds: props.deadlineSec,
      completions: 1,
      parallelism: 1,
      template,
    };
    this.job = new Resource(this, 'Resource', JOB, {
      metadata: {
        name: `${props.name}-${shortHash(canonicalJson(spec))}`,
        namespace: props.namespace.name,
        labels,
      },
      spec,
      waitForCompletion: true,
      timeouts: { create: `${props.deadlineSec + 60}s`, update: `${props.deadlineSec + 60}s` },
      dependsOn,
    });
  }
}

/** Settings of a {@link ScheduledTask}. */
export interface ScheduledTaskProps extends TaskProps {
  readonly schedule: Cron5;
  /** Defined but not run. @default false */
  readonly suspended?: boolean;
}

/** Something that runs on a schedule, never twice at a time. */
export class ScheduledTask extends Construct {
  /** The CronJob, for `addOverride` where a prop is missing. */
  readonly cronJob: Resource<CronJobV1Config>;

  constructor(scope: Construct, id: string, props: ScheduledTaskProps) {
    super(scope, id);
    const { labels, template, dependsOn } = defineParts(this, props);
    this.cronJob = new Resource(this, 'Resource', CRON_JOB, {
      metadata: { name: props.name, namespace: props.namespace.name, labels },
      spec: {
        schedule: String(props.schedule),
        suspend: props.suspended ?? false,
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 300,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 3,
        jobTemplate: {
          metadata: { labels },
          spec: {
            backoffLimit: props.retries ?? 4,
            activeDeadlineSeconds: props.deadlineSec,
            ttlSecondsAfterFinished: '86400',
            template,
          },
        },
      },
      dependsOn,
    });
  }
}
