import type {
  DeploymentV1SpecTemplateSpec,
  DeploymentV1SpecTemplateSpecContainer,
  DeploymentV1SpecTemplateSpecVolume,
} from '@cdktf/provider-kubernetes/lib/deployment-v1/index.js';
import type { Image } from '../../values/image.ts';
import { InvalidValue } from '../../values/invalid-value.ts';
import type { Quantity } from '../../values/quantity.ts';
import { type Resources, resourceMap } from '../../values/resources.ts';
import type { SecretKey, SecretKind, SecretRef } from '../../values/secret-ref.ts';
import { type Probe, probeSpec } from './probe.ts';

/** A variable of a container: a plain value, or one key of a Secret. */
export type EnvironmentVariable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secret: SecretRef; readonly key: string }
  | { readonly name: string; readonly field: string };

/** A variable that takes one key of a Secret; the compiler knows which keys its kind has. */
export function fromSecret<K extends SecretKind>(
  name: string,
  secret: SecretRef<K>,
  key: SecretKey<K>,
): EnvironmentVariable {
  return { name, secret, key };
}

/** A place in a container where a volume appears. */
export interface Mount {
  readonly volume: string;
  readonly path: string;
  /** @default true */
  readonly readOnly?: boolean;
}

/** One container. */
export interface Container {
  readonly name: string;
  readonly image: Image;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly environment?: readonly EnvironmentVariable[];
  readonly ports?: readonly { readonly name: string; readonly port: number }[];
  readonly resources: Resources;
  /** Until it succeeds once, the other probes wait. Give it as long as a slow start may take. */
  readonly startup?: Probe;
  readonly liveness?: Probe;
  readonly readiness?: Probe;
  readonly mounts?: readonly Mount[];
  /** Seconds to go on serving after the pod is told to stop, while others learn that it does. */
  readonly drainSec?: number;
  /**
   * The one capability that `restricted` lets a container have, for programs whose file demands it and which the kernel
   * would not start without. It needs the weakening `added capabilities`.
   */
  readonly addCapabilities?: readonly ['NET_BIND_SERVICE'];
}

/** A volume of a pod. */
export type Volume =
  | {
      readonly name: string;
      readonly kind: 'scratch';
      readonly sizeLimit: Quantity;
      readonly memory?: boolean;
    }
  | { readonly name: string; readonly kind: 'config'; readonly configMap: string }
  | {
      readonly name: string;
      readonly kind: 'secret';
      readonly secret: SecretRef;
      readonly keys: readonly string[];
    }
  | { readonly name: string; readonly kind: 'claim'; readonly claim: string };

/** The parts of hardening that can be given up, each only with a written reason. */
export type Weakening =
  | 'root user'
  | 'writable root file system'
  | 'no probes'
  | 'added capabilities';

/** What a pod is made of. */
export interface PodOptions {
  readonly containers: readonly [Container, ...Container[]];
  /** Containers that run to their end, one after the other, before the others start. */
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  /** User and group of every process and owner of its volumes. */
  readonly uid: number;
  readonly serviceAccount: string;
  /** Mount the token of the account; only for accounts that have rights. */
  readonly token: boolean;
  readonly weaken?: Partial<Readonly<Record<Weakening, string>>>;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly priorityClass?: string | undefined;
  readonly pullSecret?: string | undefined;
  /** Seconds between the order to stop and the end. @default 30 */
  readonly terminationGraceSec?: number;
  /** Labels by which replicas are kept apart from each other; given when there is more than one. */
  readonly spread?: Readonly<Record<string, string>>;
  /** @default 'Always' */
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
}

/**
 * A hardened pod: no root, no privilege, no capability, no token, a read-only root file system, and limits.
 *
 * It passes the Pod Security Standard `restricted` unless something is given up in writing.
 */
export function podSpec(options: PodOptions): DeploymentV1SpecTemplateSpec {
  const { weaken = {}, uid } = options;
  const root = weaken['root user'] !== undefined;
  return {
    serviceAccountName: options.serviceAccount,
    automountServiceAccountToken: options.token,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: options.terminationGraceSec ?? 30,
    ...(options.restartPolicy === undefined ? {} : { restartPolicy: options.restartPolicy }),
    securityContext: {
      runAsNonRoot: !root,
      runAsUser: String(root ? 0 : uid),
      runAsGroup: String(root ? 0 : uid),
      fsGroup: String(uid),
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    container: options.containers.map((container) => containerSpec(container, weaken)),
    ...listed('initContainer', options.initContainers, (container) =>
      containerSpec(container, weaken),
    ),
    ...listed('volume', options.volumes, volumeSpec),
    ...(options.nodeSelector === undefined ? {} : { nodeSelector: { ...options.nodeSelector } }),
    ...(options.priorityClass === undefined ? {} : { priorityClassName: options.priorityClass }),
    ...(options.pullSecret === undefined
      ? {}
      : { imagePullSecrets: [{ name: options.pullSecret }] }),
    ...(options.spread === undefined
      ? {}
      : { topologySpreadConstraint: spreadConstraints(options.spread) }),
  };
}

function listed<K extends string, In, Out>(
  key: K,
  items: readonly In[] | undefined,
  render: (item: In) => Out,
) {
  return (items === undefined || items.length === 0 ? {} : { [key]: items.map(render) }) as {
    [P in K]?: Out[];
  };
}

function containerSpec(
  container: Container,
  weaken: Partial<Readonly<Record<Weakening, string>>>,
): DeploymentV1SpecTemplateSpecContainer {
  const { startup, liveness, readiness, drainSec } = container;
  return {
    name: container.name,
    image: String(container.image),
    imagePullPolicy: 'IfNotPresent',
    ...(container.command === undefined ? {} : { command: [...container.command] }),
    ...(container.args === undefined ? {} : { args: [...container.args] }),
    ...listed('env', container.environment, variable),
    ...listed('port', container.ports, ({ name, port }) => ({
      name,
      containerPort: port,
      protocol: 'TCP',
    })),
    resources: {
      requests: resourceMap(container.resources.requests),
      limits: resourceMap(container.resources.limits),
    },
    securityContext: {
      // What is left out here reaches the API server as false, which "restricted" refuses.
      runAsNonRoot: weaken['root user'] === undefined,
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: weaken['writable root file system'] === undefined,
      capabilities: capabilities(container, weaken),
    },
    ...listed('volumeMount', container.mounts, ({ volume, path, readOnly }) => ({
      name: volume,
      mountPath: path,
      readOnly: readOnly ?? true,
    })),
    ...(startup === undefined ? {} : { startupProbe: probeSpec(startup) }),
    ...(liveness === undefined ? {} : { livenessProbe: probeSpec(liveness) }),
    ...(readiness === undefined ? {} : { readinessProbe: probeSpec(readiness) }),
    ...(drainSec === undefined
      ? {}
      : { lifecycle: { preStop: [{ exec: { command: ['/bin/sleep', String(drainSec)] } }] } }),
  };
}

function capabilities(
  { name, addCapabilities }: Container,
  weaken: Partial<Readonly<Record<Weakening, string>>>,
) {
  if (addCapabilities === undefined) return { drop: ['ALL'] };
  if (weaken['added capabilities'] === undefined) {
    throw new InvalidValue(
      addCapabilities,
      `carry a reason for the container ${name}`,
      "write it under weaken['added capabilities']",
    );
  }
  return { drop: ['ALL'], add: [...addCapabilities] };
}

function variable(given: EnvironmentVariable) {
  const { name } = given;
  if ('value' in given) return { name, value: given.value };
  if ('field' in given) return { name, valueFrom: { fieldRef: { fieldPath: given.field } } };
  return {
    name,
    valueFrom: { secretKeyRef: { name: given.secret.name, key: given.key } },
  };
}

function volumeSpec(volume: Volume): DeploymentV1SpecTemplateSpecVolume {
  const { name } = volume;
  switch (volume.kind) {
    case 'scratch':
      return {
        name,
        emptyDir: {
          sizeLimit: String(volume.sizeLimit),
          ...(volume.memory === true ? { medium: 'Memory' } : {}),
        },
      };
    case 'config':
      return { name, configMap: { name: volume.configMap } };
    case 'secret':
      return {
        name,
        secret: {
          secretName: volume.secret.name,
          defaultMode: '0440',
          items: volume.keys.map((key) => ({ key, path: key })),
        },
      };
    case 'claim':
      return { name, persistentVolumeClaim: { claimName: volume.claim } };
  }
}

function spreadConstraints(labels: Readonly<Record<string, string>>) {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: [{ matchLabels: { ...labels } }],
  }));
}
