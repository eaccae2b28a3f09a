import { z } from 'zod';
import {
  bounds,
  brokenRule,
  containerResources,
  cron5,
  duration,
  name,
  quantity,
  whole,
} from './fields.ts';
import { database } from './storage.ts';

const publicKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*:[A-Za-z0-9+/]{43}=$/)
  .meta({ examples: ['main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs='] });

const cache = z
  .strictObject({
    public: z
      .boolean()
      .default(true)
      .describe('Readable without a token. Writing always needs one.'),
    priority: whole(0, 1000).default(41).describe('Lower is asked first; cache.nixos.org is 40.'),
    retention: duration('humantime')
      .optional()
      .describe('How long a path is kept after its last use. Without it the default of `gc`.'),
    publicKey: publicKey
      .optional()
      .describe('Public half of its signing pair. Every substituter list takes it from here.'),
    upstreamKeyNames: z
      .array(name('signingKey'))
      .default(['cache.nixos.org-1'])
      .describe('Paths signed by these are not pushed, because they can be had upstream.'),
  })
  .prefault({});

const chunking = z
  .strictObject({
    narSizeThreshold: whole(0, 2 ** 31 - 1)
      .default(65_536)
      .describe('Bytes from which a NAR is cut into chunks; 0 never cuts.'),
    minSize: whole(1, 2 ** 31 - 1)
      .default(16_384)
      .describe('Least bytes of a chunk.'),
    avgSize: whole(1, 2 ** 31 - 1)
      .default(65_536)
      .describe('Bytes of a chunk on average.'),
    maxSize: whole(1, 2 ** 31 - 1)
      .default(262_144)
      .describe('Most bytes of a chunk.'),
  })
  .prefault({})
  .superRefine(({ minSize, avgSize, maxSize }, context) => {
    if (minSize > avgSize)
      context.addIssue(
        brokenRule(`be at most avgSize, which is ${avgSize}`, undefined, minSize, ['minSize']),
      );
    if (avgSize > maxSize)
      context.addIssue(
        brokenRule(`be at most maxSize, which is ${maxSize}`, undefined, avgSize, ['avgSize']),
      );
  })
  .describe('How NARs are cut. A change makes deduplication with older chunks fail for a while.');

const warming = z
  .strictObject({
    schedule: cron5().prefault('0 2 * * *').describe('When: five fields, minute first.'),
    installables: z
      .array(z.string().regex(/^\S+$/))
      .min(1)
      .describe('Flake references that are built and pushed.'),
    cache: name('cache').default('main').describe('The cache that is pushed to.'),
    resources: containerResources({ cpu: ['500m', '2'], memory: ['1Gi', '4Gi'] }),
  })
  .describe('Builds and pushes on a schedule. It is suspended as long as writes are quarantined.');

/** The Nix binary cache. */
export const attic = z
  .strictObject({
    publicHost: name('dnsName').optional().describe('Public name. Without it nix-cache.<domain>.'),
    caches: z
      .record(name('cache'), cache)
      .prefault({ main: {} })
      .describe('The logical caches by name. All share the chunks of one bucket.'),
    defaultCache: name('cache')
      .default('main')
      .describe('The cache that runners and developers use.'),
    writes: z
      .enum(['quarantined', 'open'])
      .default('open')
      .describe('While quarantined, nothing that the stacks define pushes to the cache.'),
    reads: z
      .enum(['followed', 'redirected'])
      .default('followed')
      .describe(
        'A NAR of one chunk is answered with a redirect to the object store. `followed`: the public entry follows it itself; `redirected`: readers do, so the store must have a public name.',
      ),
    replicas: bounds({ min: 2, max: 10 }, 1).describe('Replicas of the API server.'),
    scaleAtCpuPercent: whole(1, 100)
      .default(70)
      .describe('CPU use, in percent of the request, above which it grows.'),
    scaleAtMemoryPercent: whole(1, 100)
      .default(80)
      .describe('Memory use, in percent of the request, above which it grows.'),
    resources: containerResources({ cpu: ['100m', '1'], memory: ['128Mi', '512Mi'] }).describe(
      'Resources of each replica.',
    ),
    gc: z
      .strictObject({
        interval: duration('humantime')
          .prefault('12 hours')
          .describe('Time between two collections.'),
        retention: duration('humantime')
          .prefault('3 months')
          .describe('How long a path is kept after its last use.'),
        resources: containerResources({ cpu: ['50m', '500m'], memory: ['64Mi', '256Mi'] }),
      })
      .prefault({})
      .superRefine(({ interval }, context) => {
        if (interval?.seconds === 0) {
          context.addIssue(
            brokenRule(
              'be longer than 0',
              'the collector would end at once and be restarted for ever',
              '0',
              ['interval'],
            ),
          );
        }
      })
      .describe('The one garbage collector.'),
    chunking,
    compression: z
      .strictObject({
        type: z.enum(['zstd', 'brotli', 'xz', 'none']).default('zstd').describe('Algorithm.'),
        level: whole(1, 22)
          .default(8)
          .describe('Level; 1 to 22 for zstd, to 11 for brotli, to 9 for xz.'),
      })
      .prefault({})
      .superRefine(({ type, level }, context) => {
        const most = { zstd: 22, brotli: 11, xz: 9, none: 22 }[type];
        if (level > most)
          context.addIssue(
            brokenRule(`be at most ${most} for ${type}`, undefined, level, ['level']),
          );
      })
      .describe('How chunks are compressed.'),
    tokens: z
      .strictObject({
        issuer: z.string().min(1).optional().describe('`iss` that a token must carry.'),
        audiences: z
          .array(z.string().min(1))
          .default([])
          .describe('`aud` of which a token must carry one.'),
      })
      .prefault({})
      .describe('What a token must carry. A change makes every token invalid.'),
    ingress: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Make the public name reachable.'),
        maxBodyMiB: whole(1, 1_048_576)
          .default(10_240)
          .describe('Largest upload in MiB, where the controller limits it.'),
        timeoutSec: whole(1, 86_400)
          .default(3600)
          .describe('Longest transfer in seconds, where the controller limits it.'),
      })
      .prefault({})
      .describe('The way in from outside.'),
    database,
    warming: warming.optional(),
  })
  .prefault({})
  .describe('The Nix binary cache.');

/** The Bazel remote cache. */
export const bazelCache = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Run it.'),
    hotCache: quantity('storage')
      .prefault('20Gi')
      .describe('Disk of the pod. The bucket is what lasts.'),
    fill: z
      .number()
      .min(0.1)
      .max(0.85)
      .default(0.8)
      .describe('Share of that disk it may fill before it evicts.'),
    authenticatedWrites: z
      .boolean()
      .default(false)
      .describe('Writing needs an account of the htpasswd Secret.'),
    resources: containerResources({ cpu: ['250m', '1'], memory: ['512Mi', '2Gi'] }).describe(
      'Resources of the server.',
    ),
  })
  .prefault({})
  .describe('The Bazel remote cache. One writer, reachable from pods only.');

/** Substituters besides Attic, for jobs. */
export const substituters = z
  .array(
    z.strictObject({
      url: z
        .string()
        .regex(/^https:\/\/[^\s/]+$/)
        .describe('Address of the cache.'),
      publicKey: publicKey.describe('Key that signs its paths.'),
      push: z
        .enum(['primary', 'supplementary', 'never'])
        .default('never')
        .describe(
          '`primary`: a push that fails fails the job; `supplementary`: it is counted and tolerated.',
        ),
    }),
  )
  .default([])
  .describe('Nix caches besides Attic and cache.nixos.org.');
