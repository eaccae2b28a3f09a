import { renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { StoreAccess } from '../store/store-access.ts';

/** The file beside the JSON of a stack that says where its state lies. */
const MATERIALIZED = 'backend.flywheel.tfbackend';

/** What the synthesized JSON does not say of the backend, and a bare tofu has to know. */
export interface MaterializedBackend {
  readonly endpoint: string;
  /** A file of certificates. */
  readonly authorities?: string | undefined;
}

/** What of an access may be written down: no credentials, and nothing that the JSON says. */
export function materialized(
  { endpoint }: StoreAccess,
  authorities: string | undefined,
): MaterializedBackend {
  return {
    endpoint,
    ...(authorities === undefined ? {} : { authorities: resolve(authorities) }),
  };
}

/**
 * Writes the file for `tofu init -backend-config`, readable for its owner alone.
 *
 * @returns its path
 */
export function materialize(
  folder: string,
  { endpoint, authorities }: MaterializedBackend,
): string {
  const file = join(folder, MATERIALIZED);
  const lines = [
    '# Where the state of this stack lies. Keys come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY).',
    `endpoints = { s3 = ${quoted(endpoint)} }`,
    ...(authorities === undefined ? [] : [`custom_ca_bundle = ${quoted(authorities)}`]),
  ];
  const half = `${file}.${process.pid}.half`;
  writeFileSync(half, `${lines.join('\n')}\n`, { mode: 0o600 });
  renameSync(half, file);
  return file;
}

/** Text as HCL has it, where "${" would begin a template. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[$%](?=\{)/g, (sign) => `${sign}${sign}`);
}
