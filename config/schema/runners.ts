import * as z from 'zod';
import { defined } from '../../values/defined.ts';
import type { ResourceAmounts, Resources } from '../../values/resources.ts';
import { RUNNER_TYPES, type RunnerTypeName, runnerType } from '../runner-types.ts';
import {
  bounds,
  brokenRule,
  callableFromPods,
  cidr,
  duration,
  name,
  quantity,
  refuseExcess,
  shaped,
  whenRight,
  whole,
} from './fields.ts';

const typeNames = Object.keys(RUNNER_TYPES) as [RunnerTypeName, ...RunnerTypeName[]];

const amounts = z
  .strictObject({
    cpu: quantity('cpu').optional().describe('Cores. Without it those of the type.'),
    memory: quantity('memory')
      .optional()
      .describe('Bytes of memory. Without it those of the type.'),
    ephemeral: quantity('storage')
      .optional()
      .describe('Bytes written outside of volumes. Without it that of the type.'),
  })
  .prefault({});

const job = z
  .strictObject({
    requests: amounts.describe('What is reserved for it.'),
    limits: amounts.describe('What it may never exceed.'),
  })
  .prefault({})
  .describe('What one job asks for and may never exceed. Without it the numbers of its type.');

const githubUrl = () =>
  shaped(
    /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[^\s/?#]+){1,3}$/,
    'be the https address of an organization, repository or enterprise',
    'https://github.com/example',
    callableFromPods,
  );

const lane = z
  .literal('operator')
  .optional()
  .describe(
    'The lane whose jobs apply the stacks: its own namespace, account and trust level. Without it the common lane.',
  );

const privilegedReason = z
  .string()
  .min(20)
  .optional()
  .describe(
    'Why a privileged type is needed here. It stands in the report. Without it such a type is refused.',
  );

const placement = {
  nodeSelector: z
    .record(name('labelKey'), name('labelValue').describe('Value of the label.'))
    .default({})
    .describe('Labels of the nodes its jobs run on.'),
  tolerations: z
    .array(
      z
        .strictObject({
          key: name('labelKey').describe('Key of the taint.'),
          value: name('labelValue').default('').describe('Value of the taint; empty for any.'),
          effect: z
            .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
            .describe('Effect of the taint.'),
        })
        .describe('A taint that is tolerated.'),
    )
    .default([])
    .describe('Taints of those nodes that its jobs tolerate.'),
};

interface CommonPool {
  readonly type: RunnerTypeName;
  readonly job: {
    readonly requests: Partial<ResourceAmounts>;
    readonly limits: Partial<ResourceAmounts>;
  };
  readonly lane?: 'operator' | undefined;
  readonly privilegedReason?: string | undefined;
}

/** The resources of a job, those of its type where the pool says nothing. */
function jobResources({ type, job }: Pick<CommonPool, 'type' | 'job'>): Resources {
  const { requests, limits } = runnerType(type).job;
  return {
    requests: { ...requests, ...defined({ ...job.requests }) },
    limits: { ...limits, ...defined({ ...job.limits }) },
  };
}

function refuseExcessiveJob(pool: CommonPool, context: z.RefinementCtx): void {
  refuseExcess(jobResources(pool), context, ['job']);
}

function completePool<P extends CommonPool>(pool: P) {
  return { ...pool, job: jobResources(pool) };
}

/** Asks for a reason where the type is privileged, and keeps such types out of the operator lane. */
function judgePrivilege(pool: CommonPool, context: z.RefinementCtx): void {
  const type = runnerType(pool.type);
  if (type.privilegedBecause !== undefined && pool.privilegedReason === undefined) {
    context.addIssue(
      brokenRule(
        `carry privilegedReason, because ${pool.type} is privileged: ${type.privilegedBecause}`,
        'write down why this pool is needed',
        pool.type,
        ['type'],
      ),
    );
  }
  if (type.privilegedBecause !== undefined && pool.lane === 'operator') {
    context.addIssue(
      brokenRule(
        'not be privileged in the operator lane',
        'choose the type nix or docker',
        pool.type,
        ['type'],
      ),
    );
  }
}

const gitlabPool = z
  .strictObject({
    type: z.enum(typeNames).describe('Runner type; see the table of runner types.'),
    managers: whole(1, 20)
      .default(1)
      .describe('Manager pods, fixed: their CPU says nothing about the queue.'),
    concurrent: whole(1, 200).default(4).describe('Jobs at a time, for each manager.'),
    job,
    tags: z
      .array(name('tag').describe('A tag.'))
      .default([])
      .describe(
        'Tags besides those of the type. The operator lane has only these, or else its name.',
      ),
    timeout: duration('go')
      .prefault('1h')
      .describe('Longest job. A manager that is stopped waits so long.'),
    protected: z.boolean().default(false).describe('Jobs of protected branches and tags only.'),
    lane,
    privilegedReason,
    tokenSecret: name('dnsLabel')
      .optional()
      .describe('Secret with its token. Without it <pool>-token.'),
    ...placement,
  })
  .superRefine(
    (pool, context) => {
      if (pool.lane === 'operator' && !pool.protected) {
        context.addIssue(
          brokenRule(
            'be true in the operator lane',
            'its jobs hold the keys of everything',
            false,
            ['protected'],
          ),
        );
      }
    },
    whenRight('lane', 'protected'),
  )
  .superRefine(judgePrivilege, whenRight('type', 'lane', 'privilegedReason'))
  .superRefine(refuseExcessiveJob, whenRight('type', 'job'))
  .transform(completePool)
  .describe('A GitLab pool.');

const scaleSet = z
  .strictObject({
    type: z.enum(typeNames).describe('Runner type; see the table of runner types.'),
    label: name('scaleSet')
      .optional()
      .describe('The `runs-on` label. Without it the name of the pool.'),
    runners: bounds({ min: 0, max: 5 }, 0).describe('Runners; each takes one job.'),
    job,
    containerMode: z
      .enum(['none', 'dind', 'kubernetes', 'kubernetes-novolume'])
      .optional()
      .describe(
        'How job containers run. Without it `dind` for the type dind and `none` for the others.',
      ),
    workVolume: z
      .strictObject({
        size: quantity('storage').prefault('10Gi').describe('Size.'),
        storageClass: name('dnsName')
          .optional()
          .describe('StorageClass. Without it the cluster decides.'),
      })
      .prefault({})
      .describe('Volume of a job in the mode kubernetes.'),
    url: githubUrl()
      .optional()
      .describe('Repository, organization or enterprise. Without it that of `github`.'),
    appSecret: name('dnsLabel')
      .optional()
      .describe('Secret with the GitHub App. Without it that of `github`.'),
    runnerGroup: z.string().min(1).default('default').describe('Runner group; it must exist.'),
    lane,
    privilegedReason,
    ...placement,
  })
  .superRefine(
    ({ type, containerMode }, context) => {
      if (
        (type === 'dind') !==
        ((containerMode ?? (type === 'dind' ? 'dind' : 'none')) === 'dind')
      ) {
        context.addIssue(
          brokenRule(
            'be dind for the type dind and for no other',
            'leave containerMode out',
            containerMode,
            ['containerMode'],
          ),
        );
      }
    },
    whenRight('type', 'containerMode'),
  )
  .superRefine(
    ({ type, lane, containerMode }, context) => {
      if (!runnerType(type).needsItsImage || (containerMode ?? 'none') !== 'none') return;
      context.addIssue(
        brokenRule(
          `be a mode in which a job can name its image, which is what ${type} is for`,
          lane === 'operator'
            ? 'jobs of the operator lane run in the image of the runner: choose the type nix or docker'
            : 'write kubernetes-novolume: in the mode none jobs run in the image of the runner, and nothing there starts containers',
          containerMode ?? 'none',
          ['containerMode'],
        ),
      );
    },
    whenRight('type', 'lane', 'containerMode'),
  )
  .superRefine(judgePrivilege, whenRight('type', 'lane', 'privilegedReason'))
  .superRefine(refuseExcessiveJob, whenRight('type', 'job'))
  .transform(completePool)
  .describe('A GitHub pool: one scale set.');

const forgeRanges = (forge: string) =>
  z
    .array(cidr().describe('A range of addresses.'))
    .default([])
    .describe(
      `Private addresses of ${forge}, for an own one that lies in cluster.privateRanges. Empty where it is on the internet.`,
    );

const quotaAmounts = z.strictObject({
  cpu: quantity('cpu').describe('Cores.'),
  memory: quantity('memory').describe('Bytes of memory.'),
});

const quota = z
  .strictObject({
    requests: quotaAmounts.describe('Sum of all requests.'),
    limits: quotaAmounts.describe('Sum of all limits.'),
    pods: whole(1, 10_000).describe('Pods at a time.'),
  })
  .describe('The quota of a namespace.');

/** The runner pools of both forges. */
export const runners = z
  .strictObject({
    gitlab: z
      .strictObject({
        url: shaped(
          /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/,
          'be the https address of GitLab, without a path',
          'https://gitlab.example.org',
          callableFromPods,
        )
          .default('https://gitlab.com')
          .describe('Address of GitLab.'),
        cidrs: forgeRanges('GitLab'),
        pools: z
          .record(name('helmRelease'), gitlabPool)
          .prefault({ 'docker-runner': { type: 'docker' } })
          .describe('GitLab pools by name; the name is that of the release.'),
      })
      .prefault({})
      .describe('GitLab runners.'),
    github: z
      .strictObject({
        url: githubUrl()
          .optional()
          .describe('Organization or repository. Without it each pool names its own.'),
        cidrs: forgeRanges('GitHub Enterprise Server'),
        appSecret: name('dnsLabel')
          .default('github-app-secret')
          .describe('Secret with the GitHub App.'),
        scaleSets: z
          .record(name('scaleSet'), scaleSet)
          .prefault({})
          .describe('GitHub pools by name.'),
      })
      .prefault({})
      .describe('GitHub runners.'),
    quotas: z
      .record(name('dnsLabel'), quota)
      .prefault({})
      .describe(
        'Quotas of runner namespaces. Without one a namespace gets exactly what its pools can use.',
      ),
    cleanup: z
      .strictObject({
        stuckSec: whole(60, 86_400)
          .default(300)
          .describe('Seconds after which a pod that does not end is removed by force.'),
        succeededSec: whole(60, 86_400)
          .default(600)
          .describe('Seconds after which a pod that succeeded is removed.'),
        failedSec: whole(60, 604_800)
          .default(1800)
          .describe('Seconds after which a pod that failed is removed.'),
        pendingSec: whole(900, 86_400)
          .default(1800)
          .describe(
            'Seconds after which a pod that found no node is removed. Who made it gives up after ten minutes; this is for pods whose maker is gone. Runners of GitHub wait on.',
          ),
      })
      .prefault({})
      .describe('Pods of jobs that nobody removed.'),
  })
  .prefault({})
  .describe('The runner pools of both forges.');
