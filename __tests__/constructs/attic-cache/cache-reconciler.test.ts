import { describe, expect, test } from 'vitest';
import { atticNames } from '../../../constructs/attic-cache/attic-names.ts';
import {
  CacheReconciler,
  type CacheReconcilerProps,
  type DeclaredCache,
} from '../../../constructs/attic-cache/cache-reconciler.ts';
import { factsOf } from '../../../constructs/facts.ts';
import { Duration } from '../../../values/duration.ts';
import { type Json, named, resourcesOf, synthesizeConstruct } from '../../support/synthesized.ts';
import { atticProps, PUBLIC_KEY, podOf } from './attic-parts.ts';

const CACHE: DeclaredCache = {
  name: 'main',
  public: true,
  priority: 41,
  upstreamKeyNames: ['cache.nixos.org-1'],
  publicKey: PUBLIC_KEY,
};

function synthesize(change: Partial<CacheReconcilerProps> = {}) {
  const facts: { secrets: string[] } = { secrets: [] };
  const json = synthesizeConstruct((stack, namespace) => {
    const { network, images, address, tokens } = atticProps(namespace);
    new CacheReconciler(stack, 'caches', {
      namespace,
      names: atticNames('attic'),
      image: images.node,
      network,
      address,
      tokens,
      caches: [CACHE],
      dependsOn: [],
      ...change,
    });
    facts.secrets = factsOf(stack, 'secret').map(({ kind, name }) => `${kind} ${name}`);
  });
  const [job] = resourcesOf(json, 'kubernetes_job_v1');
  const { data } = named(json, 'kubernetes_config_map_v1', 'attic-caches');
  return { job, declaration: JSON.parse(data['caches.json']), script: data, ...facts };
}

describe('a CacheReconciler', () => {
  test('tells its program everything, and no secret (W-A3)', () => {
    expect(synthesize().declaration).toEqual({
      endpoint: 'http://attic.home.svc.cluster.local',
      address: 'https://cache.example.org/',
      audiences: [],
      jwtKeyFile: '/run/secrets/attic/jwt/hs256-secret-base64',
      jwtKeySecret: 'home/attic-jwt-signing',
      waitSec: 300,
      pauseSec: 2,
      timeoutSec: 10,
      caches: [
        {
          name: 'main',
          public: true,
          priority: 41,
          upstreamKeyNames: ['cache.nixos.org-1'],
          publicKey: PUBLIC_KEY,
          keypairFile: '/run/secrets/attic/pair-0/keypair',
          keypairSecret: 'home/attic-main-signing',
        },
      ],
    });
  });

  test('passes on retention and what tokens must carry', () => {
    const { declaration } = synthesize({
      caches: [{ ...CACHE, retention: Duration.parse('humantime', '30 days') }],
      tokens: { issuer: 'flywheel', audiences: ['caches'] },
    });
    expect(declaration).toMatchObject({
      issuer: 'flywheel',
      audiences: ['caches'],
      caches: [{ retentionSec: 2_592_000 }],
    });
  });

  test('mounts each key from a Secret of its own, where the declaration says (Q7)', () => {
    const caches = ['dev-cache', 'Team+shared'].map((name) => ({ ...CACHE, name }));
    const { job, declaration, secrets } = synthesize({ caches });
    const [{ volume_mount: mounts }] = podOf(job).container;
    for (const { keypairFile } of declaration.caches) {
      const folder = keypairFile.replace(/\/[^/]+$/, '');
      expect(mounts.map((mount: Json) => mount.mount_path)).toContain(folder);
    }
    expect(secrets.sort()).toEqual([
      'cache-signing-key attic-dev-cache-signing',
      expect.stringMatching(/^cache-signing-key attic-team-shared-[0-9a-f]{8}-signing$/),
      'jwt-signing-key attic-jwt-signing',
    ]);
  });

  test('runs the program of the project by the image as it is, for a bounded time (W-B8)', () => {
    const { job, script } = synthesize();
    expect(podOf(job).container[0].command).toEqual([
      'node',
      '/opt/caches/ensure-caches.mjs',
      '/opt/caches/caches.json',
    ]);
    expect(script['ensure-caches.mjs']).toContain('export async function ensureCaches');
    expect(job.spec).toMatchObject({ active_deadline_seconds: 900, backoff_limit: 1 });
    expect(job.wait_for_completion).toBe(true);
    expect(job.spec.ttl_seconds_after_finished).toBeUndefined();
  });

  test('is another Job when a cache or the address changes, and the same one otherwise (W-B8)', () => {
    const name = (change: Partial<CacheReconcilerProps> = {}) =>
      synthesize(change).job.metadata.name;
    expect(name()).toBe(name());
    expect(name({ caches: [{ ...CACHE, priority: 40 }] })).not.toBe(name());
    expect(name({ tokens: { issuer: 'other', audiences: [] } })).not.toBe(name());
  });

  test('keeps templates in its program literal', () => {
    const { script } = synthesize();
    expect(script['ensure-caches.mjs']).not.toMatch(/(^|[^$])\$\{/);
  });
});
