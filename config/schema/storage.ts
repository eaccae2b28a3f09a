import * as z from 'zod';
import { isOperatorParameter } from '../operator-parameters.ts';
import { encryption } from './encryption.ts';
import {
  brokenRule,
  cidr,
  containerResources,
  cron6,
  duration,
  endpoint,
  name,
  quantity,
  shaped,
  stateKey,
  whenRight,
  whole,
} from './fields.ts';
import { publicName } from './public-name.ts';

/** Where the state of the stacks lives. Endpoint and credentials come from the environment. */
export const state = z
  .strictObject({
    bucket: name('bucket').default('tofu-state').describe('The bucket.'),
    region: z
      .string()
      .min(1)
      .default('us-east-1')
      .describe('Region; any word will do for a store that has none.'),
    pathStyle: z
      .boolean()
      .default(true)
      .describe('Bucket in the path, as every store but AWS needs it.'),
    store: z
      .enum(['object-store', 'elsewhere'])
      .default('object-store')
      .describe(
        'Whether the bucket lies in the object store below, or in one that nothing here manages.',
      ),
    keys: z
      .strictObject({
        attic: stateKey().default('attic/terraform.tfstate').describe('Key of the stack attic.'),
        arcRunners: stateKey()
          .default('arc-runners/terraform.tfstate')
          .describe('Key of the stack arc-runners.'),
        gitlabRunners: stateKey()
          .default('gitlab-runners/terraform.tfstate')
          .describe('Key of the stack gitlab-runners.'),
        dashboard: stateKey()
          .default('runner-dashboard/terraform.tfstate')
          .describe('Key of the stack runner-dashboard.'),
      })
      .prefault({})
      .describe('The key of each stack in the bucket.'),
    encryption: encryption.optional(),
  })
  .prefault({})
  .describe(
    'Where the state of the stacks lives. Endpoint and credentials come from the environment.',
  );

const buckets = z
  .strictObject({
    attic: name('bucket').default('attic').describe('Chunks of the Nix cache.'),
    bazel: name('bucket').default('bazel-cache').describe('Objects of the Bazel cache.'),
  })
  .prefault({})
  .describe('Buckets, each with an access identity of its own.');

const zfsClass = z.strictObject({
  name: name('dnsLabel').describe('Name of the StorageClass that is defined.'),
  pool: shaped(
    /^[A-Za-z][\w.:-]*(\/[\w.:-]+)*$/,
    'be a ZFS pool, or a dataset in one',
    'tank/openebs',
  ).describe('ZFS pool or dataset on the node.'),
  filesystem: z.enum(['xfs', 'ext4', 'zfs']).default('xfs').describe('xfs is what RustFS expects.'),
});

const volume = (size: string) =>
  z
    .strictObject({
      size: quantity('storage').prefault(size).describe('Size. It can grow, never shrink.'),
      storageClass: name('dnsName')
        .optional()
        .describe('An existing StorageClass. Without it that of the cluster.'),
      zfs: zfsClass
        .optional()
        .describe('An OpenEBS ZFS StorageClass to define for it. Without it none is defined.'),
    })
    .prefault({})
    .superRefine((given, context) => {
      if (given.storageClass !== undefined && given.zfs !== undefined) {
        context.addIssue(
          brokenRule(
            'name a StorageClass or define one, not both',
            'remove one of the two',
            given.storageClass,
            ['storageClass'],
          ),
        );
      }
    }, whenRight('storageClass'));

const awsProfile = name('dnsLabel')
  .default('flywheel-objects')
  .describe(
    'Profile of the AWS configuration of the operator; its keys never mix with those of the state.',
  );

/** Where the caches keep their objects. */
export const objectStore = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('rustfs').describe('RustFS in the cluster, one replica on one node.'),
      name: name('service')
        .default('object-store')
        .describe('Name of the workload and its Service.'),
      node: name('dnsName')
        .optional()
        .describe('The node that holds the volume. Without it the scheduler decides.'),
      volume: volume('100Gi').describe('The volume of the objects.'),
      resources: containerResources({ cpu: ['250m', '2'], memory: ['1Gi', '4Gi'] }).describe(
        'Resources of the server.',
      ),
      buckets,
      publicHost: publicName()
        .optional()
        .describe(
          'One name for the store inside and outside the cluster. Without it the store is internal.',
        ),
      credentialsGeneration: whole(1, 1_000_000)
        .default(1)
        .describe(
          'Raise it after the Secret of a bucket was rotated, then apply: the store learns the new pair, and whatever uses it starts anew.',
        ),
      highlyAvailable: z
        .boolean()
        .default(false)
        .describe('A claim, checked: one replica is never HA.'),
    }),
    z.strictObject({
      kind: z.literal('s3').describe('AWS S3, or any store that speaks it.'),
      region: z.string().min(1).default('us-east-1').describe('Region.'),
      endpoint: endpoint('pod')
        .optional()
        .describe('Address of a store other than AWS. Without it AWS.'),
      manage: z
        .boolean()
        .default(true)
        .describe('Make the buckets and their settings with the AWS provider.'),
      profile: awsProfile,
      kmsKeyId: z.string().min(1).optional().describe('KMS key for encryption. Without it AES256.'),
      buckets,
    }),
    z.strictObject({
      kind: z.literal('r2').describe('Cloudflare R2.'),
      accountId: shaped(
        /^[0-9a-f]{32}$/,
        'be 32 hexadecimal digits',
        '0123456789abcdef0123456789abcdef',
      ).describe('Cloudflare account.'),
      jurisdiction: z
        .enum(['eu', 'fedramp'])
        .optional()
        .describe('Jurisdiction of the buckets. Without it none.'),
      manage: z.boolean().default(true).describe('Make the buckets with the AWS provider.'),
      profile: awsProfile,
      buckets,
    }),
  ])
  .describe('Where the caches keep their objects.');

const backup = z
  .strictObject({
    schedule: cron6()
      .prefault('0 30 1 * * *')
      .describe('When a base backup is made: six fields, seconds first.'),
    retention: duration('retention').prefault('30d').describe('How long backups are kept.'),
    bucket: name('bucket').describe('Bucket of the backups.'),
    endpoint: endpoint('pod')
      .optional()
      .describe(
        'Store of the backups. Without it the object store above, which dies with the data.',
      ),
    region: z
      .string()
      .min(1)
      .default('us-east-1')
      .describe('Region of that store; any word will do for one that has none.'),
  })
  .describe(
    'Backups by the Barman Cloud plugin, which needs cert-manager. Without it there is no backup.',
  );

function leaveOperatorParameters(
  parameters: Readonly<Record<string, string>>,
  context: z.RefinementCtx,
): void {
  for (const [parameter, value] of Object.entries(parameters)) {
    if (!isOperatorParameter(parameter)) continue;
    context.addIssue(
      brokenRule('be left to CloudNativePG, which refuses it', 'remove it', value, [parameter]),
    );
  }
}

/** Where Attic keeps its metadata. */
export const database = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z
        .literal('cloudnative-pg')
        .describe('PostgreSQL in the cluster, kept by CloudNativePG.'),
      instances: whole(1, 9).default(1).describe('Instances, each with a volume of its own.'),
      volume: volume('10Gi').describe('The volume of each instance.'),
      resources: containerResources({ cpu: ['250m', '1'], memory: ['512Mi', '1Gi'] }).describe(
        'Resources of each.',
      ),
      parameters: z
        .record(z.string().min(1), z.string().describe('Value of the parameter, as text.'))
        .default({})
        .superRefine(leaveOperatorParameters)
        .describe('Parameters of PostgreSQL, added to those the project sets.'),
      installOperator: z
        .boolean()
        .default(true)
        .describe('Install the operator. False where it is there already.'),
      backup: backup.optional(),
      highlyAvailable: z
        .boolean()
        .default(false)
        .describe('A claim, checked: one instance is never HA.'),
    }),
    z.strictObject({
      kind: z.literal('external').describe('A PostgreSQL that someone else runs.'),
      secret: name('dnsLabel')
        .default('attic-database')
        .describe('Secret with the connection string.'),
      cidrs: z
        .array(cidr().describe('A range of addresses.'))
        .min(1)
        .describe('Its addresses, for the network policy.'),
      port: whole(1, 65_535).default(5432).describe('Its port.'),
    }),
    z.strictObject({
      kind: z.literal('sqlite').describe('A file. For one node and one replica only.'),
      volume: volume('5Gi').describe('The volume of the file.'),
    }),
  ])
  .prefault({ kind: 'cloudnative-pg' })
  .describe('Where Attic keeps its metadata.');
