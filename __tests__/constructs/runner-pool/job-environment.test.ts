import { describe, expect, test } from 'vitest';
import { RUNNER_TYPES, type RunnerTypeName } from '../../../config/runner-types.ts';
import { jobEnvironment } from '../../../constructs/runner-pool/job-environment.ts';
import { nixConfig } from '../../../constructs/runner-pool/nix-config.ts';
import { CACHES, MAIN_KEY } from './pool-fixtures.ts';

const variablesOf = (type: RunnerTypeName) => Object.keys(jobEnvironment({ type }, CACHES));

describe('the environment of a job', () => {
  test.each([
    ['docker', ['BAZEL_REMOTE_CACHE']],
    ['dind', []],
    ['nix', ['ATTIC_SERVER', 'ATTIC_CACHE', 'NIX_CONFIG', 'BAZEL_REMOTE_CACHE']],
    ['rocky8', []],
    ['rocky9', []],
    ['l40s', ['NVIDIA_DRIVER_CAPABILITIES', 'NVIDIA_VISIBLE_DEVICES']],
    ['a100', ['NVIDIA_DRIVER_CAPABILITIES', 'NVIDIA_VISIBLE_DEVICES']],
  ] as const)('attaches the type %s to its caches and to no other', (type, names) => {
    expect(variablesOf(type)).toEqual(names);
  });

  test('holds the addresses that pods use, and those only (T3, T5, D2, L12)', () => {
    expect(jobEnvironment({ type: 'nix' }, CACHES)).toMatchObject({
      ATTIC_SERVER: 'http://attic.nix-cache.svc.cluster.local',
      ATTIC_CACHE: 'main',
      BAZEL_REMOTE_CACHE: 'grpc://bazel-cache.nix-cache.svc.cluster.local:9092',
    });
  });

  test('leaves the Bazel cache out where there is none', () => {
    const environment = jobEnvironment({ type: 'docker' }, { ...CACHES, bazel: undefined });
    expect(environment).toEqual({});
  });

  test('keeps the operator lane from results that any job may write, and from no signed path', () => {
    const lane = { type: 'nix', lane: 'operator' } as const;
    const variables = (caches: typeof CACHES) => Object.keys(jobEnvironment(lane, caches));
    expect(variables(CACHES)).toEqual(['ATTIC_SERVER', 'ATTIC_CACHE', 'NIX_CONFIG']);
    const { address } = CACHES.bazel ?? {};
    if (address === undefined) throw new Error('the caches have a Bazel cache');
    expect(variables({ ...CACHES, bazel: { address, openToWriters: false } })).toContain(
      'BAZEL_REMOTE_CACHE',
    );
  });

  test('sets nothing that would turn a job to another Docker daemon (W-B13)', () => {
    const all = Object.keys(RUNNER_TYPES).flatMap((type) => variablesOf(type as RunnerTypeName));
    expect(all.filter((name) => name.startsWith('DOCKER_'))).toEqual([]);
  });
});

describe('NIX_CONFIG', () => {
  test('names every cache with its key, cache.nixos.org last, one setting a line (W-B11, F2)', () => {
    expect(nixConfig(CACHES.substituters)).toBe(
      [
        'experimental-features = nix-command flakes',
        'substituters = http://attic.nix-cache.svc.cluster.local/main https://example.cachix.org https://cache.nixos.org',
        `trusted-public-keys = ${MAIN_KEY} example-1:AAAA= cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=`,
        'fallback = true',
        'connect-timeout = 5',
        '',
      ].join('\n'),
    );
  });

  test('falls back to what is public where no cache has a key (F2)', () => {
    expect(nixConfig([])).toContain('substituters = https://cache.nixos.org\n');
  });
});
