import { readCharts } from '../../../config/charts.ts';
import { readImages } from '../../../config/images.ts';
import { runnerType } from '../../../config/runner-types.ts';
import { factsOf } from '../../../constructs/facts.ts';
import { GithubController } from '../../../constructs/runner-pool/github-controller.ts';
import type { JobCaches } from '../../../constructs/runner-pool/job-environment.ts';
import type { GithubPool, GitlabPool, Pool } from '../../../constructs/runner-pool/pool.ts';
import type { PoolSurroundings } from '../../../constructs/runner-pool/pool-surroundings.ts';
import {
  RunnerNamespace,
  type RunnerNamespaceProps,
} from '../../../constructs/runner-pool/runner-namespace.ts';
import { RunnerPool } from '../../../constructs/runner-pool/runner-pool.ts';
import { RunnerPriorities } from '../../../constructs/runner-pool/runner-priorities.ts';
import { namespaceFlow } from '../../../constructs/workload/flows.ts';
import type { FlywheelStack } from '../../../stacks/flywheel-stack.ts';
import { Duration } from '../../../values/duration.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { Quantity } from '../../../values/quantity.ts';
import { type Json, NETWORK, named, synthesizeConstruct } from '../../support/synthesized.ts';

export const IMAGES = readImages();
export const MAIN_KEY = 'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=';

export const CACHES: JobCaches = {
  attic: { server: Endpoint.service('http', 'attic', 'nix-cache'), cache: 'main' },
  substituters: [
    { url: 'http://attic.nix-cache.svc.cluster.local/main', publicKey: MAIN_KEY },
    { url: 'https://example.cachix.org', publicKey: 'example-1:AAAA=' },
  ],
  bazel: {
    address: Endpoint.service('grpc', 'bazel-cache', 'nix-cache', 9092),
    openToWriters: true,
  },
};

/** A GitLab pool of the type nix, changed where a test says so; the job is that of its type. */
export function gitlabPool(change: Partial<GitlabPool> = {}): GitlabPool {
  const type = change.type ?? 'nix';
  return {
    forge: 'gitlab',
    name: 'builds',
    type,
    job: runnerType(type).job,
    nodeSelector: {},
    tolerations: [],
    managers: 1,
    concurrent: 4,
    timeout: Duration.parse('go', '1h'),
    tags: [],
    protected: false,
    tokenSecret: 'builds-token',
    ...change,
  };
}

/** A GitHub pool of the type docker, changed where a test says so; the job is that of its type. */
export function githubPool(change: Partial<GithubPool> = {}): GithubPool {
  const type = change.type ?? 'docker';
  return {
    forge: 'github',
    name: 'builds',
    type,
    job: runnerType(type).job,
    nodeSelector: {},
    tolerations: [],
    label: 'example-builds',
    runners: { min: 0, max: 5 },
    containerMode: 'none',
    workVolume: { size: Quantity.parse('storage', '10Gi') },
    url: 'https://github.com/example',
    appSecret: 'github-app-secret',
    runnerGroup: 'default',
    ...change,
  };
}

export function surroundingsIn(
  stack: FlywheelStack,
  change: Partial<PoolSurroundings> = {},
): PoolSurroundings {
  return {
    network: NETWORK,
    priorities: new RunnerPriorities(stack, 'priorities', 'runners'),
    caches: CACHES,
    flows: {
      nix: [namespaceFlow('nix-cache', 8080)],
      bazel: [namespaceFlow('nix-cache', 9092)],
      operator: [namespaceFlow('nix-cache', 9000)],
    },
    forgeRanges: [],
    images: IMAGES,
    charts: readCharts(),
    mirror: undefined,
    pullSecret: undefined,
    metricsFrom: undefined,
    ...change,
  };
}

export function homeIn(
  stack: FlywheelStack,
  pools: readonly Pool[],
  change: Partial<RunnerNamespaceProps> = {},
): RunnerNamespace {
  return new RunnerNamespace(stack, 'home-of-jobs', {
    name: 'jobs',
    trust: 'jobs',
    partOf: 'runners',
    keep: true,
    pools,
    network: NETWORK,
    cleanup: {
      image: IMAGES.node,
      ages: { stuckSec: 300, succeededSec: 600, failedSec: 1800, pendingSec: 1800 },
    },
    viewer: { account: 'runner-dashboard', namespace: 'runner-dashboard' },
    pullSecret: undefined,
    ...change,
  });
}

/** A synthesized pool, with what its constructs state of it. */
export interface SynthesizedPool {
  readonly json: Json;
  /** The values that its chart gets. */
  readonly values: Json;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly weakenings: readonly string[];
  readonly secrets: readonly string[];
  readonly components: Json[];
}

/** The one pool in its namespace, as a stack holds it. */
export function synthesizePool(
  pool: Pool,
  options: {
    readonly home?: Partial<RunnerNamespaceProps>;
    readonly surroundings?: Partial<PoolSurroundings>;
  } = {},
): SynthesizedPool {
  let defined: FlywheelStack | undefined;
  const json = synthesizeConstruct((stack) => {
    defined = stack;
    const surroundings = surroundingsIn(stack, options.surroundings);
    const home = homeIn(stack, [pool], options.home);
    if (pool.forge === 'gitlab') {
      const gitlabUrl = 'https://gitlab.example.org';
      new RunnerPool(stack, 'pool', { pool, home, surroundings, gitlabUrl });
    } else {
      const controller = controllerIn(stack, surroundings, [pool.url]);
      new RunnerPool(stack, 'pool', { pool, home, surroundings, controller });
    }
  });
  if (defined === undefined) throw new Error('nothing was defined');
  return {
    json,
    values: JSON.parse(named(json, 'helm_release', pool.name).values[0].replaceAll('$${', '${')),
    notes: factsOf(defined, 'note').map(({ note }) => note),
    warnings: factsOf(defined, 'warning').map(({ note }) => note),
    weakenings: factsOf(defined, 'weakening').map(({ what }) => what),
    secrets: factsOf(defined, 'secret').map((secret) => `${secret.kind} ${secret}`),
    components: factsOf(defined, 'component'),
  };
}

export function controllerIn(
  stack: FlywheelStack,
  surroundings: PoolSurroundings,
  urls: readonly string[],
): GithubController {
  return new GithubController(stack, 'controller', {
    namespace: 'arc-systems',
    partOf: 'runners',
    keep: true,
    chart: surroundings.charts['github-controller'],
    image: IMAGES['github-controller'],
    urls,
    forgeRanges: surroundings.forgeRanges,
    mirror: surroundings.mirror,
    network: surroundings.network,
    priorities: surroundings.priorities,
    pullSecret: surroundings.pullSecret,
    metricsFrom: surroundings.metricsFrom,
  });
}

/** Who is let out of pods by a network policy, in one word for each rule. */
export function egressOf(json: Json, policy: string): string[] {
  const { spec } = named(json, 'kubernetes_network_policy_v1', policy);
  return spec.egress.map(({ to, ports }: Json) => {
    const [peer] = to;
    const where =
      peer.ip_block?.cidr ?? peer.namespace_selector.match_labels['kubernetes.io/metadata.name'];
    return `${where}:${ports.map(({ port }: Json) => port).join(',')}`;
  });
}
