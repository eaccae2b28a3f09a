import { type Resources, resources } from '../values/resources.ts';
import type { ImageName } from './images.ts';

/** What a kind of job needs, wherever it runs. */
export interface RunnerType {
  /** One line for a person who chooses. */
  readonly purpose: string;
  /** The pinned image in which a job runs that names none. */
  readonly image: ImageName;
  /** The image is the point of the type: in another one its jobs are something else. */
  readonly needsItsImage: boolean;
  /**
   * Tags of a GitLab pool of this type. GitLab gives a runner every job whose tags are among its own, so a privileged type
   * shares none with the others. `kubernetes` is missing on purpose: overlays use it to reach hosted runners.
   */
  readonly tags: readonly string[];
  /** Why its containers need the run of the node, or undefined when they do not. */
  readonly privilegedBecause: string | undefined;
  /** Which caches its jobs are attached to. */
  readonly caches: { readonly nix: boolean; readonly bazel: boolean };
  readonly job: Resources;
  /** What a container beside the job gets, such as a database or the Docker daemon. Room for one comes with every job. */
  readonly service: Resources;
  /** Variables of every job, besides those of the caches. */
  readonly environment: Readonly<Record<string, string>>;
  /** The extended resource it takes one of, or undefined. */
  readonly device: string | undefined;
}

const SMALL = resources(['100m', '2'], ['256Mi', '2Gi'], ['1Gi', '10Gi']);
const LARGE = resources(['500m', '4'], ['1Gi', '8Gi'], ['2Gi', '20Gi']);
const SERVICE = resources(['50m', '1'], ['128Mi', '1Gi'], ['256Mi', '5Gi']);

const GPU = {
  image: 'cuda',
  needsItsImage: true,
  // A device plugin hands the GPU to an ordinary container; upstream ran these jobs privileged for nothing.
  privilegedBecause: undefined,
  caches: { nix: false, bazel: false },
  job: LARGE,
  service: SERVICE,
  environment: { NVIDIA_DRIVER_CAPABILITIES: 'compute,utility', NVIDIA_VISIBLE_DEVICES: 'all' },
  device: 'nvidia.com/gpu',
} as const satisfies Partial<RunnerType>;

/** The one table of runner types. Tags, image, privilege, environment, TOML and documentation come from here. */
export const RUNNER_TYPES = {
  docker: {
    purpose: 'general jobs in a container image of their own',
    image: 'alpine',
    needsItsImage: false,
    tags: ['docker', 'linux', 'amd64'],
    privilegedBecause: undefined,
    caches: { nix: false, bazel: true },
    job: SMALL,
    service: SERVICE,
    environment: {},
    device: undefined,
  },
  dind: {
    purpose: 'image builds that need a Docker daemon',
    image: 'docker-cli',
    needsItsImage: false,
    tags: ['dind', 'privileged'],
    privilegedBecause: 'the Docker daemon of the job mounts file systems and makes namespaces',
    caches: { nix: false, bazel: false },
    job: LARGE,
    service: LARGE,
    environment: {},
    device: undefined,
  },
  nix: {
    purpose: 'reproducible builds with the Nix cache',
    image: 'nix',
    needsItsImage: false,
    tags: ['nix', 'flakes'],
    privilegedBecause: undefined,
    caches: { nix: true, bazel: true },
    job: LARGE,
    service: SERVICE,
    environment: {},
    device: undefined,
  },
  rocky8: {
    purpose: 'packages for Enterprise Linux 8',
    image: 'rocky8',
    needsItsImage: true,
    tags: ['rocky8', 'rhel8', 'linux'],
    privilegedBecause: undefined,
    caches: { nix: false, bazel: false },
    job: SMALL,
    service: SERVICE,
    environment: {},
    device: undefined,
  },
  rocky9: {
    purpose: 'packages for Enterprise Linux 9',
    image: 'rocky9',
    needsItsImage: true,
    tags: ['rocky9', 'rhel9', 'linux'],
    privilegedBecause: undefined,
    caches: { nix: false, bazel: false },
    job: SMALL,
    service: SERVICE,
    environment: {},
    device: undefined,
  },
  l40s: {
    ...GPU,
    purpose: 'inference on an NVIDIA L40S',
    tags: ['gpu', 'nvidia', 'cuda', 'l40s', 'linux'],
  },
  a100: {
    ...GPU,
    purpose: 'training on an NVIDIA A100',
    tags: ['gpu', 'nvidia', 'cuda', 'a100', 'linux'],
  },
} as const satisfies Record<string, RunnerType>;

/** The name of a runner type. */
export type RunnerTypeName = keyof typeof RUNNER_TYPES;

/** The table entry of a type, under the general type rather than its literal one. */
export function runnerType(name: RunnerTypeName): RunnerType {
  return RUNNER_TYPES[name];
}
