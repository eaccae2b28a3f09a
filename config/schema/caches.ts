import * as z from 'zod';
import { InvalidValue } from '../../values/invalid-value.ts';
import {
  bounds,
  brokenRule,
  callableFromPods,
  containerResources,
  cron5,
  duration,
  name,
  quantity,
  shaped,
  whenRight,
  whole,
} from './fields.ts';
import { publicName } from './public-name.ts';
import { database } from './storage.ts';

const publicKey = shaped(
  /^[A-Za-z0-9][A-Za-z0-9._-]*:[A-Za-z0-9+/]{43}=$/,
  'be the public half of a signing pair: name:base64 of 32 bytes',
  'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=',
);

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
      .describe(
        'Public half of its signing pair; every substituter list takes it from here. Without it readers cannot check what they get.',
      ),
    upstreamKeyNames: z
      .array(name('signingKey').describe('Name of a signing key.'))
      .default(['cache.nixos.org-1'])
      .describe('Paths signed by these are not pushed, because they can be had upstream.'),
  })
  .prefault({})
  .describe('A logical cache.');

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
  .superRefine(
    ({ minSize, avgSize }, context) => {
      if (minSize > avgSize)
        context.addIssue(
          brokenRule(
            `be at most avgSize, which is ${avgSize}`,
            'lower it or raise avgSize',
            minSize,
            ['minSize'],
          ),
        );
    },
    whenRight('minSize', 'avgSize'),
  )
  .superRefine(
    ({ avgSize, maxSize }, context) => {
      if (avgSize > maxSize)
        context.addIssue(
          brokenRule(
            `be at most maxSize, which is ${maxSize}`,
            'lower it or raise maxSize',
            avgSize,
            ['avgSize'],
          ),
        );
    },
    whenRight('avgSize', 'maxSize'),
  )
  .describe('How NARs are cut. A change makes deduplication with older chunks fail for a while.');

/** Built by the caches of nixpkgs, so that nothing has to be compiled for it. */
const ATTIC_CLIENT = 'github:NixOS/nixpkgs/89570f24e97e614aa34aa9ab1c927b6578a43775#attic-client';

const warming = z
  .strictObject({
    schedule: cron5().prefault('0 2 * * *').describe('When: five fields, minute first.'),
    installables: z
      .array(
        shaped(
          /^[^\s-]\S*$/,
          'be a flake reference without blanks',
          'github:owner/repository#package',
        ).describe('A flake reference.'),
      )
      .min(1)
      .describe('Flake references that are built and pushed.'),
    cache: name('cache').default('main').describe('The cache that is pushed to.'),
    client: shaped(
      /^[^\s-]\S*\/[0-9a-f]{40}#\S+$/,
      'be a flake reference at one revision',
      ATTIC_CLIENT,
    )
      .default(ATTIC_CLIENT)
      .describe('The `attic` program, at one revision of the flake that has it.'),
    resources: containerResources({ cpu: ['500m', '2'], memory: ['1Gi', '4Gi'] }).describe(
      'Resources of the job.',
    ),
  })
  .describe(
    'Builds and pushes on a schedule. It is suspended as long as writes are quarantined. Without it nothing is warmed.',
  );

/** The Nix binary cache. */
export const attic = z
  .strictObject({
    publicHost: publicName().optional().describe('Public name. Without it nix-cache.<domain>.'),
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
        resources: containerResources({ cpu: ['50m', '500m'], memory: ['64Mi', '256Mi'] }).describe(
          'Resources of the collector.',
        ),
      })
      .prefault({})
      .superRefine(({ interval }, context) => {
        if (interval.seconds === 0) {
          context.addIssue(
            brokenRule(
              'be longer than 0',
              'the collector would end at once and be restarted for ever',
              '0',
              ['interval'],
            ),
          );
        }
      }, whenRight('interval'))
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
      .superRefine(
        ({ type, level }, context) => {
          const most = { zstd: 22, brotli: 11, xz: 9, none: 22 }[type];
          if (level > most)
            context.addIssue(
              brokenRule(`be at most ${most} for ${type}`, 'lower it or choose zstd', level, [
                'level',
              ]),
            );
        },
        whenRight('type', 'level'),
      )
      .describe('How chunks are compressed.'),
    tokens: z
      .strictObject({
        issuer: z
          .string()
          .min(1)
          .optional()
          .describe('`iss` that a token must carry. Without it any.'),
        audiences: z
          .array(z.string().min(1).describe('An audience.'))
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

function judgeSubstituter(url: string): void {
  const { host } = callableFromPods(url);
  if (host === 'flakehub.com' || host.endsWith('.flakehub.com')) {
    throw new InvalidValue(url, 'serve paths', 'FlakeHub publishes and is no cache: take it out');
  }
}

/** Substituters besides Attic, for jobs. */
export const substituters = z
  .array(
    z
      .strictObject({
        url: shaped(
          /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/,
          'be an https address without a path',
          'https://name.cachix.org',
          judgeSubstituter,
        ).describe('Address of the cache.'),
        publicKey: publicKey.describe('Key that signs its paths.'),
        push: z
          .enum(['primary', 'supplementary', 'never'])
          .default('never')
          .describe(
            '`primary`: a push that fails fails the job; `supplementary`: it is counted and tolerated.',
          ),
      })
      .describe('A Nix cache.'),
  )
  .default([])
  .describe('Nix caches besides Attic and cache.nixos.org.');
