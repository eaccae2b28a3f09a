import { SecretRef } from '../../values/secret-ref.ts';
import type { BucketAccess } from '../object-store/store-access.ts';
import type { Database } from '../postgres/database.ts';
import { type EnvironmentVariable, fromSecret, type Mount, type Volume } from '../workload/pod.ts';

const CONFIG_FOLDER = '/etc/attic';

/** The file that holds the configuration, in its ConfigMap. */
export const CONFIG_FILE = 'server.toml';

/** What one process of `atticd` does. */
export type ServerMode =
  | 'api-server'
  | 'check-config'
  | 'db-migrations'
  | 'garbage-collector'
  | 'monolithic';

/** The arguments of `atticd`. The image has its entry point and nothing more. */
export function serverArguments(mode: ServerMode): string[] {
  return ['--config', `${CONFIG_FOLDER}/${CONFIG_FILE}`, '--mode', mode];
}

/** The Secret with the key that signs tokens. */
export function jwtKeySecret(namespace: string): SecretRef<'jwt-signing-key'> {
  return SecretRef.of('jwt-signing-key', namespace, 'attic-jwt-signing');
}

/** What every mode needs in order to read its configuration; it ends at once where one of them is missing. */
export function configEnvironment(namespace: string, { url }: Database): EnvironmentVariable[] {
  return [
    { name: 'ATTIC_SERVER_DATABASE_URL', ...url },
    fromSecret(
      'ATTIC_SERVER_TOKEN_HS256_SECRET_BASE64',
      jwtKeySecret(namespace),
      'hs256-secret-base64',
    ),
    { name: 'RUST_LOG', value: 'info' },
  ];
}

/**
 * What a mode needs that reads and writes objects.
 *
 * Without the third the SDK asks the metadata service of EC2 for credentials and stalls; without the last two it sends
 * checksums that stores other than AWS refuse.
 */
export function storageEnvironment({ credentials }: BucketAccess): EnvironmentVariable[] {
  return [
    fromSecret('AWS_ACCESS_KEY_ID', credentials, 'access-key-id'),
    fromSecret('AWS_SECRET_ACCESS_KEY', credentials, 'secret-access-key'),
    { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' },
    { name: 'AWS_REQUEST_CHECKSUM_CALCULATION', value: 'when_required' },
    { name: 'AWS_RESPONSE_CHECKSUM_VALIDATION', value: 'when_required' },
  ];
}

/** Where the configuration, and the database if it is a file, appear in a container. */
export function serverMounts({ file }: Database): Mount[] {
  return [
    { volume: 'config', path: CONFIG_FOLDER },
    ...(file === undefined ? [] : [{ volume: 'database', path: file.folder, readOnly: false }]),
  ];
}

/** The volumes behind {@link serverMounts}. */
export function serverVolumes(configMap: string, { file }: Database): Volume[] {
  return [
    { name: 'config', kind: 'config', configMap },
    ...(file === undefined
      ? []
      : [{ name: 'database', kind: 'claim', claim: file.claim } as const]),
  ];
}
