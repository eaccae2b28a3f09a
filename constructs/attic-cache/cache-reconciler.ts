import { readFileSync } from 'node:fs';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Duration } from '../../values/duration.ts';
import { Endpoint } from '../../values/endpoint.ts';
import type { Image } from '../../values/image.ts';
import { resources } from '../../values/resources.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import { ConfigFiles } from '../config-files.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { projectPath } from '../project-path.ts';
import { type ClusterNetwork, podFlow } from '../workload/flows.ts';
import type { Volume } from '../workload/pod.ts';
import { Task } from '../workload/task.ts';
import {
  ATTIC_PORT,
  type AtticNames,
  atticLabels,
  PART_OF,
  signingSecretName,
} from './attic-names.ts';
import type { CachesDeclaration } from './caches-declaration.ts';
import { jwtKeySecret } from './server-pods.ts';
import type { ServerOptions } from './server-toml.ts';

/** The program, run by the image as it is: it needs nothing but Node. */
const SCRIPT = 'ensure-caches.mjs';
const DECLARATION = 'caches.json';
const SCRIPT_FOLDER = '/opt/caches';
const SECRETS_FOLDER = '/run/secrets/attic';
const UID = 1000;

const WAIT_SEC = 300;
const PAUSE_SEC = 2;
const TIMEOUT_SEC = 10;
/** Two attempts that both wait, and the pull of the image. */
const DEADLINE_SEC = 900;

/** A logical cache as declared. */
export interface DeclaredCache {
  readonly name: string;
  readonly public: boolean;
  readonly priority: number;
  /** How long a path is kept after its last use. @default - as the server says for all */
  readonly retention?: Duration<'humantime'> | undefined;
  readonly upstreamKeyNames: readonly string[];
  /** Public half of the signing pair. @default - not known; what the server has is printed */
  readonly publicKey?: string | undefined;
}

/** Settings of a {@link CacheReconciler}. */
export interface CacheReconcilerProps extends Pick<ServerOptions, 'address' | 'tokens'> {
  readonly namespace: ManagedNamespace;
  readonly names: AtticNames;
  /** An image with Node. */
  readonly image: Image;
  readonly network: ClusterNetwork;
  readonly caches: readonly DeclaredCache[];
  readonly pullSecret?: string | undefined;
  /** The API server. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/**
 * Keeps the declared caches: creates what is missing with its signing pair, changes what differs, and fails the apply
 * where the server is still not as declared.
 *
 * It runs again when a cache, the address or the program changes. A cache that is no longer declared is left alone.
 */
export class CacheReconciler extends Construct {
  /** The Job that has to succeed. */
  readonly task: Task;

  constructor(scope: Construct, id: string, props: CacheReconcilerProps) {
    super(scope, id);
    const { namespace, names } = props;
    const jwtKey = jwtKeySecret(namespace.name);
    const pairs = props.caches.map(({ name }) => signingPair(namespace.name, names.api, name));
    const files = new ConfigFiles(this, 'files', {
      namespace,
      name: names.caches,
      files: {
        [SCRIPT]: readFileSync(projectPath(`constructs/attic-cache/${SCRIPT}`), 'utf8'),
        [DECLARATION]: `${JSON.stringify(declaration(props), undefined, 2)}\n`,
      },
    });
    const secrets: Volume[] = [
      { name: 'jwt', kind: 'secret', secret: jwtKey, keys: jwtKey.keys },
      ...pairs.map(
        (secret, index): Volume => ({
          name: `pair-${index}`,
          kind: 'secret',
          secret,
          keys: secret.keys,
        }),
      ),
    ];
    this.task = new Task(this, 'task', {
      namespace,
      name: names.caches,
      labels: { component: 'caches', partOf: PART_OF },
      network: props.network,
      uid: UID,
      pullSecret: props.pullSecret,
      containers: [
        {
          name: 'reconciler',
          image: props.image,
          command: ['node', `${SCRIPT_FOLDER}/${SCRIPT}`, `${SCRIPT_FOLDER}/${DECLARATION}`],
          resources: resources(['20m', '500m'], ['64Mi', '256Mi']),
          mounts: [
            { volume: 'files', path: SCRIPT_FOLDER },
            ...secrets.map(({ name }) => ({ volume: name, path: `${SECRETS_FOLDER}/${name}` })),
          ],
        },
      ],
      volumes: [{ name: 'files', kind: 'config', configMap: files.name }, ...secrets],
      to: [podFlow(namespace.name, atticLabels(names.api), ATTIC_PORT)],
      deadlineSec: DEADLINE_SEC,
      retries: 1,
      restartOn: { files: files.text },
      dependsOn: [files.configMap, ...props.dependsOn],
    });
  }
}

function signingPair(namespace: string, service: string, cache: string) {
  return SecretRef.of('cache-signing-key', namespace, signingSecretName(service, cache));
}

function declaration(props: CacheReconcilerProps): CachesDeclaration {
  const { namespace, names, address, tokens, caches } = props;
  const jwtKey = jwtKeySecret(namespace.name);
  return {
    endpoint: String(Endpoint.service('http', names.api, namespace.name)),
    address: `${address}/`,
    ...(tokens.issuer === undefined ? {} : { issuer: tokens.issuer }),
    audiences: tokens.audiences,
    jwtKeyFile: `${SECRETS_FOLDER}/jwt/${jwtKey.keys[0]}`,
    jwtKeySecret: String(jwtKey),
    waitSec: WAIT_SEC,
    pauseSec: PAUSE_SEC,
    timeoutSec: TIMEOUT_SEC,
    caches: caches.map((cache, index) => {
      const pair = signingPair(namespace.name, names.api, cache.name);
      return {
        name: cache.name,
        public: cache.public,
        priority: cache.priority,
        ...(cache.retention === undefined ? {} : { retentionSec: cache.retention.seconds }),
        ...(cache.publicKey === undefined ? {} : { publicKey: cache.publicKey }),
        upstreamKeyNames: cache.upstreamKeyNames,
        keypairFile: `${SECRETS_FOLDER}/pair-${index}/${pair.keys[0]}`,
        keypairSecret: String(pair),
      };
    }),
  };
}
