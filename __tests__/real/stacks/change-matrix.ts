import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STACK_FILE } from '../../../operations/published-stacks.ts';
import type { Ground } from '../../../operations/rehearsal/stacks/ground.ts';
import type { PlannedChange } from '../../../operations/rehearsal/stacks/planned-changes.ts';
import { STACK_ORDER } from '../../../operations/stack-order.ts';
import { Image } from '../../../values/image.ts';
import type { Json } from '../../support/synthesized.ts';
import { synthesizeVariant, type Variant } from './variants.ts';

/** One thing that is changed, and what it may touch. */
export interface Row extends Variant {
  readonly what: string;
  /** Stack and resource, in order. */
  readonly inPlace?: readonly string[];
  readonly created?: readonly string[];
  readonly replaced?: readonly string[];
}

const NEWER_ATTIC = `sha256:${'1'.repeat(64)}`;

/** What people change in settings and pins, one at a time. */
export const ROWS: readonly Row[] = [
  {
    what: 'image of attic',
    inPlace: ['attic: deployment nix-cache/attic', 'attic: deployment nix-cache/attic-gc'],
    replaced: ['attic: job nix-cache/attic-migrations-*'],
    images: (images) => {
      const { registry, repository, tag } = images.attic;
      const name = `${registry}/${repository}`;
      return { ...images, attic: Image.of({ name, tag, digest: NEWER_ATTIC }) };
    },
  },
  {
    what: 'attic.replicas',
    inPlace: ['attic: horizontal_pod_autoscaler nix-cache/attic'],
    change: ({ attic }) => {
      attic.replicas = { min: 3, max: 12 };
    },
  },
  {
    what: 'attic.caches.main.priority',
    inPlace: ['attic: config_map nix-cache/attic-caches'],
    replaced: ['attic: job nix-cache/attic-caches-*'],
    change: ({ attic }) => {
      attic.caches.main.priority = 50;
    },
  },
  {
    what: 'attic.gc.interval',
    inPlace: [
      'attic: config_map nix-cache/attic-config',
      'attic: deployment nix-cache/attic',
      'attic: deployment nix-cache/attic-gc',
    ],
    change: ({ attic }) => {
      attic.gc = { interval: '6 hours' };
    },
  },
  {
    what: 'objectStore.volume.size',
    inPlace: ['attic: helm_release default/namespace-nix-cache'],
    change: ({ objectStore }) => {
      objectStore.volume.size = '600Gi';
    },
  },
  {
    what: 'attic.database.volume.size',
    inPlace: ['attic: helm_release nix-cache/attic-pg'],
    change: ({ attic }) => {
      attic.database.volume.size = '20Gi';
    },
  },
  {
    what: 'bazelCache.hotCache',
    inPlace: [
      'attic: config_map nix-cache/bazel-cache-config',
      'attic: deployment nix-cache/bazel-cache',
    ],
    change: ({ bazelCache }) => {
      bazelCache.hotCache = '30Gi';
    },
  },
  {
    what: 'concurrency of docker-runner',
    inPlace: [
      'gitlab-runners: helm_release gitlab-runners/docker-runner',
      'gitlab-runners: resource_quota gitlab-runners/pods',
    ],
    change: ({ runners }) => {
      runners.gitlab.pools['docker-runner'].concurrent = 8;
    },
  },
  {
    what: 'a pool more',
    inPlace: ['gitlab-runners: resource_quota gitlab-runners/pods'],
    created: [
      'gitlab-runners: helm_release gitlab-runners/second-docker',
      'gitlab-runners: network_policy gitlab-runners/second-docker-jobs',
      'gitlab-runners: network_policy gitlab-runners/second-docker-managers',
    ],
    change: ({ runners }) => {
      runners.gitlab.pools['second-docker'] = { type: 'docker', concurrent: 2 };
    },
  },
  {
    what: 'runners.quotas of gitlab-runners',
    inPlace: ['gitlab-runners: resource_quota gitlab-runners/pods'],
    change: (settings) => {
      settings.runners.quotas = { 'gitlab-runners': QUOTA };
    },
  },
  {
    what: 'most runners of gh-nix',
    inPlace: [
      'arc-runners: helm_release arc-runners/gh-nix',
      'arc-runners: resource_quota arc-runners/pods',
    ],
    change: ({ runners }) => {
      runners.github.scaleSets['gh-nix'].runners.max = 8;
    },
  },
  {
    what: 'dashboard.logLevel',
    inPlace: ['runner-dashboard: deployment runner-dashboard/runner-dashboard'],
    change: ({ dashboard }) => {
      dashboard.logLevel = 'debug';
    },
  },
  {
    what: 'cluster.certManager.issuer',
    inPlace: [
      'attic: ingress nix-cache/attic',
      'runner-dashboard: ingress runner-dashboard/runner-dashboard',
    ],
    change: ({ cluster }: Json) => {
      cluster.certManager.issuer = 'letsencrypt-staging';
    },
  },
];

/** More than the pools can use. */
const QUOTA = {
  requests: { cpu: 200, memory: '800Gi' },
  limits: { cpu: 400, memory: '1600Gi' },
  pods: 200,
};

/** A planned change, with the stack that plans it. */
export interface StackChange extends PlannedChange {
  readonly stack: string;
}

/** What a changed setting makes the stacks plan. A stack whose JSON stays the same was proved to plan nothing. */
export async function planVariant(ground: Ground, row: Row): Promise<StackChange[]> {
  const folder = synthesizeVariant(ground.folder, ground.settings, row);
  const changes: StackChange[] = [];
  for (const name of STACK_ORDER) {
    const base = ground.stacks[name];
    const textOf = (where: string) => readFileSync(join(where, STACK_FILE), 'utf8');
    if (textOf(base.folder) === textOf(join(folder, name))) continue;
    const found = await base.variant(join(folder, name)).changes();
    changes.push(...found.map((change) => ({ ...change, stack: name })));
  }
  return changes;
}

/** The resources to which one thing happens, as `stack: resource`; a Job has a hash of what it does in its name. */
export function thoseThat(does: PlannedChange['does'], changes: readonly StackChange[]): string[] {
  return changes
    .filter((change) => change.does === does)
    .map(({ stack, resource }) => `${stack}: ${resource}`.replace(/-[0-9a-f]{10}$/, '-*'));
}
