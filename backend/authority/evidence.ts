import { z } from 'zod';

/** Every request of a deep check, by what it is for, in the order in which they are sent. */
export const STEPS = [
  'buckets',
  'bucket',
  'state',
  'state-head',
  'state-listing',
  'lock',
  'lock-take',
  'canary-write',
  'canary-read',
  'canary-overwrite',
  'lock-take-held',
  'lock-read',
  'lock-release',
  'canary-read-again',
  'canary-listing',
  'canary-delete',
  'canary-read-gone',
  'lock-race-one',
  'lock-race-other',
  'lock-read-winner',
  'lock-release-winner',
  'state-again',
] as const;

/** One of them. */
export type Step = (typeof STEPS)[number];

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const stateFacts = z.strictObject({
  lineage: z.string(),
  serial: z.int(),
  hash,
  instances: z.int().optional(),
  encrypted: z.boolean(),
});
const noState = z.strictObject({ fault: z.string(), because: z.string() });

const answer = z.strictObject({
  status: z.int(),
  /** The word by which S3 says what is wrong; empty where it said none. */
  code: z.string(),
  etag: z.string().optional(),
  /** What the head says of the length. */
  length: z.int().optional(),
  /** What came, and its hash: never the body itself. */
  size: z.int(),
  hash,
  state: z.union([stateFacts, noState]).optional(),
  holder: z
    .strictObject({ id: z.string(), who: z.string(), operation: z.string(), created: z.string() })
    .optional(),
  names: z.array(z.string()).optional(),
  entries: z
    .array(z.strictObject({ key: z.string(), size: z.int().optional(), etag: z.string() }))
    .optional(),
  truncated: z.boolean().optional(),
});

const exchange = z.strictObject({
  request: z.string(),
  ms: z.number(),
  /** How often it was sent. */
  tries: z.int(),
  /** Hash of what was sent. */
  sent: hash.optional(),
  answer: answer.optional(),
  trouble: z.strictObject({ kind: z.string(), message: z.string() }).optional(),
});

const mark = z.strictObject({
  lineage: z.string(),
  serial: z.int(),
  hash,
  at: z.string(),
  by: z.string(),
});

const observed = <T extends z.ZodType>(what: T) =>
  z.union([z.strictObject({ seen: what }), z.strictObject({ notSeen: z.string() })]);

/** The store from the side of the cluster: an object on disk is evidence, and never proof that it can be read. */
const clusterSide = z.strictObject({
  workload: observed(
    z.strictObject({
      kind: z.string(),
      namespace: z.string(),
      name: z.string(),
      image: z.string(),
      desired: z.int(),
      ready: z.int(),
    }),
  ),
  /** The buckets of which each drive holds the data, and of which it holds the metadata. */
  disk: observed(
    z.array(
      z.strictObject({
        pod: z.string(),
        drive: z.string(),
        data: z.array(z.string()),
        metadata: z.array(z.string()),
      }),
    ),
  ),
});

/** What a deep check has seen. It holds no key, no body and no address, so it can be kept and handed on. */
export const evidenceSchema = z.strictObject({
  kind: z.literal('state-authority'),
  format: z.literal(1),
  at: z.iso.datetime(),
  stack: z.string(),
  bucket: z.string(),
  key: z.string(),
  lockKey: z.string(),
  /** The store is the one that the stacks deploy. */
  storeInCluster: z.boolean(),
  firstRun: z.boolean(),
  memory: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('remembers'), mark }),
    z.strictObject({ kind: z.literal('never-seen') }),
    z.strictObject({ kind: z.literal('unknown'), because: z.string() }),
    z.strictObject({ kind: z.literal('contradiction'), because: z.string() }),
  ]),
  /** The lineages of the other stacks. */
  others: z.array(z.strictObject({ stack: z.string(), lineage: z.string() })),
  canaryKey: z.string(),
  canaryLockKey: z.string(),
  steps: z.partialRecord(z.enum(STEPS), exchange),
  /** Why not every request was sent. */
  stopped: z.string().optional(),
  /** Keys of the check itself that may still be there. */
  leftovers: z.array(z.string()),
  /** What the cluster showed of the store, or why it was not looked at. */
  cluster: observed(clusterSide),
});

/** What a deep check has seen. */
export type Evidence = z.infer<typeof evidenceSchema>;
/** One request with what came of it. */
export type Exchange = z.infer<typeof exchange>;
/** What came. */
export type Answer = z.infer<typeof answer>;
