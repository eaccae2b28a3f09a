import type { Image } from '../../values/image.ts';
import { Quantity } from '../../values/quantity.ts';
import type { Resources } from '../../values/resources.ts';
import type { SecretRef } from '../../values/secret-ref.ts';
import type { Container, EnvironmentVariable, Volume } from '../workload/pod.ts';

/** The port of the S3 API and of the server's own administration. */
export const PORT = 9000;

/** User and group of the image. */
export const UID = 10_001;

/** The region that clients must sign for; the server has no other idea of place. */
export const REGION = 'us-east-1';

const DATA = '/data';
const ROOT_FOLDER = '/etc/object-store';

/** Ten minutes: a server that was killed reads its metadata again before it says that it is ready. */
const STARTUP = { periodSec: 5, failures: 120 };

/** The one container of the server. */
export function rustFsContainer(options: {
  readonly image: Image;
  readonly resources: Resources;
}): Container {
  const health = (path: string) => ({ kind: 'http', path, port: PORT }) as const;
  return {
    name: 'rustfs',
    image: options.image,
    environment: environment(),
    ports: [{ name: 's3', port: PORT }],
    resources: options.resources,
    startup: { action: health('/health/ready'), ...STARTUP },
    liveness: { action: health('/health/live'), periodSec: 30 },
    readiness: { action: health('/health/ready') },
    mounts: [
      { volume: 'data', path: DATA, readOnly: false },
      { volume: 'root', path: ROOT_FOLDER },
      { volume: 'tmp', path: '/tmp', readOnly: false },
    ],
  };
}

/** Its volumes: the data, the root identity, and a place for temporary files. */
export function rustFsVolumes(claim: string, root: SecretRef<'object-store-root'>): Volume[] {
  return [
    { name: 'data', kind: 'claim', claim },
    { name: 'root', kind: 'secret', secret: root, keys: root.keys },
    { name: 'tmp', kind: 'scratch', sizeLimit: Quantity.parse('storage', '256Mi') },
  ];
}

/**
 * By default RustFS seeds new buckets with `relaxed`, where a power cut takes what it has just acknowledged.
 *
 * @see https://github.com/rustfs/rustfs/blob/main/docs/operations/durability-modes.md
 */
function environment(): EnvironmentVariable[] {
  const plain = {
    RUSTFS_ACCESS_KEY_FILE: `${ROOT_FOLDER}/access-key-id`,
    RUSTFS_ADDRESS: `:${PORT}`,
    RUSTFS_CHECK_UPDATE: 'false',
    RUSTFS_CONSOLE_ENABLE: 'false',
    RUSTFS_DURABILITY_MODE: 'strict',
    RUSTFS_NEW_BUCKET_DURABILITY_MODE: 'strict',
    // Empty means standard output; the image would write files.
    RUSTFS_OBS_LOG_DIRECTORY: '',
    RUSTFS_OBS_LOGGER_LEVEL: 'info',
    RUSTFS_REGION: REGION,
    RUSTFS_SECRET_KEY_FILE: `${ROOT_FOLDER}/secret-access-key`,
    RUSTFS_VOLUMES: DATA,
  };
  return Object.entries(plain).map(([name, value]) => ({ name, value }));
}
