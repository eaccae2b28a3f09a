import { readFileSync } from 'node:fs';
import { Construct } from 'constructs';
import { stringify } from 'smol-toml';
import type { Cron5 } from '../../values/cron.ts';
import type { Endpoint } from '../../values/endpoint.ts';
import type { Image } from '../../values/image.ts';
import { Quantity } from '../../values/quantity.ts';
import type { Resources } from '../../values/resources.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import { ConfigFiles } from '../config-files.ts';
import { stateFact } from '../facts.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { projectPath } from '../project-path.ts';
import { type ClusterNetwork, type Flow, internetFlow } from '../workload/flows.ts';
import { ScheduledTask } from '../workload/task.ts';
import { PART_OF } from './attic-names.ts';

const NAME = 'cache-warming';
const SCRIPT = 'warm-cache.sh';
/** `attic` looks for its configuration in the folder `attic` below XDG_CONFIG_HOME. */
const CONFIG_HOME = '/etc/warming';
const TOKEN_FOLDER = '/run/secrets/attic';
const HTTPS_PORT = 443;
const ROOT = 0;

const DEADLINE_SEC = 4 * 3600;

/** What is built lies in the container's own file system, so it counts as this. */
const EPHEMERAL = {
  request: Quantity.parse('storage', '2Gi'),
  limit: Quantity.parse('storage', '40Gi'),
};

/** Settings of {@link CacheWarming}. */
export interface CacheWarmingProps {
  /** A namespace of its own, since Nix needs more than `restricted` gives. */
  readonly namespace: ManagedNamespace;
  /** An image with Nix. */
  readonly image: Image;
  readonly network: ClusterNetwork;
  readonly schedule: Cron5;
  /** Nothing is pushed, so nothing is run. */
  readonly suspended: boolean;
  /** Flake references that are built. */
  readonly installables: readonly string[];
  /** Flake reference of the `attic` program, at one revision. */
  readonly client: string;
  readonly resources: Resources;
  readonly server: Endpoint<'pod'>;
  readonly cache: {
    readonly name: string;
    readonly publicKey?: string | undefined;
    readonly upstreamKeyNames: readonly string[];
  };
  /** The ways that a pod needs that pushes to the cache. */
  readonly flows: readonly Flow[];
  readonly pullSecret?: string | undefined;
}

/**
 * Builds on a schedule, pushes what was built, and reads it back: without the last two a build warms nothing but its own
 * pod.
 *
 * Nix runs as root in the image's own store. Another user could not write there, and a volume at /nix would hide the
 * programs of the image, which all lie there.
 */
export class CacheWarming extends Construct {
  /** The task, for `addOverride` where a prop is missing. */
  readonly task: ScheduledTask;

  constructor(scope: Construct, id: string, props: CacheWarmingProps) {
    super(scope, id);
    const { namespace, cache, server, installables } = props;
    const token = SecretRef.of('attic-push-token', namespace.name, 'attic-push-token');
    const [tokenKey] = token.keys;
    const files = new ConfigFiles(this, 'files', {
      namespace,
      name: NAME,
      files: {
        [SCRIPT]: readFileSync(projectPath(`constructs/attic-cache/${SCRIPT}`), 'utf8'),
        'config.toml': clientConfig(server, `${TOKEN_FOLDER}/${tokenKey}`),
      },
    });
    this.task = new ScheduledTask(this, 'task', {
      namespace,
      name: NAME,
      labels: { component: 'warming', partOf: PART_OF },
      network: props.network,
      schedule: props.schedule,
      suspended: props.suspended,
      deadlineSec: DEADLINE_SEC,
      retries: 1,
      uid: ROOT,
      pullSecret: props.pullSecret,
      weaken: {
        'root user': 'the store of the image belongs to root, and Nix writes what it builds there',
        'writable root file system':
          'the store of the image is part of its root file system, and a volume in its place would hide the programs in it',
      },
      containers: [
        {
          name: 'nix',
          image: props.image,
          command: [
            '/bin/sh',
            `${CONFIG_HOME}/attic/${SCRIPT}`,
            cache.name,
            String(server.below(cache.name)),
            props.client,
            ...installables,
          ],
          environment: [
            { name: 'NIX_CONFIG', value: nixConfig(server, cache) },
            { name: 'TOKEN_FILE', value: `${TOKEN_FOLDER}/${tokenKey}` },
            { name: 'UPSTREAM_KEY_NAMES', value: alternatives(cache.upstreamKeyNames) },
            { name: 'XDG_CONFIG_HOME', value: CONFIG_HOME },
          ],
          resources: withEphemeral(props.resources),
          mounts: [
            { volume: 'files', path: `${CONFIG_HOME}/attic` },
            { volume: 'token', path: TOKEN_FOLDER },
          ],
        },
      ],
      volumes: [
        { name: 'files', kind: 'config', configMap: files.name },
        { name: 'token', kind: 'secret', secret: token, keys: token.keys },
      ],
      to: [...props.flows, internetFlow(props.network, HTTPS_PORT)],
      restartOn: { files: files.text },
      dependsOn: [files.configMap],
    });
    if (!props.suspended) return;
    stateFact(this, 'note', {
      subject: `${namespace.name}/${NAME}`,
      note: 'suspended, because writes to the cache are quarantined (attic.writes)',
    });
  }
}

function clientConfig(server: Endpoint<'pod'>, tokenFile: string): string {
  return stringify({
    'default-server': 'cluster',
    servers: { cluster: { endpoint: `${server}/`, 'token-file': tokenFile } },
  });
}

/** Builds as the one user there is, since without capabilities no other can be become; and asks the cache first. */
function nixConfig(server: Endpoint<'pod'>, cache: CacheWarmingProps['cache']): string {
  const known = cache.publicKey !== undefined;
  return [
    'experimental-features = nix-command flakes',
    'build-users-group =',
    'sandbox = false',
    'fallback = true',
    'connect-timeout = 5',
    ...(known
      ? [
          `extra-substituters = ${server.below(cache.name)}`,
          `extra-trusted-public-keys = ${cache.publicKey}`,
        ]
      : []),
  ].join('\n');
}

/** Names as the alternatives of a regular expression; one that nothing matches where there are none. */
function alternatives(names: readonly string[]): string {
  return names.length === 0 ? '^$' : names.map((name) => name.replaceAll('.', '\\.')).join('|');
}

function withEphemeral({ requests, limits }: Resources): Resources {
  return {
    requests: { ...requests, ephemeral: requests.ephemeral ?? EPHEMERAL.request },
    limits: { ...limits, ephemeral: limits.ephemeral ?? EPHEMERAL.limit },
  };
}
