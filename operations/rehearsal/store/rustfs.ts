import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../../console/failure.ts';
import { bucketDeclaration } from '../../../constructs/object-store/bucket-rules.ts';
import type { Identity } from './buckets.ts';
import type { Kind } from './kind.ts';
import type { Provisioning } from './provisioning.ts';

const SCRIPT = 'constructs/object-store/ensure-buckets/ensure-buckets.mjs';
const ROOT_SECRET = 'object-store-root';
/** The store has answered before the script is started. */
const READY_WITHIN_SEC = 5;

/** RustFS on one folder, with the environment that it has in the cluster. Its buckets are made by the script of the bucket Job. */
export const rustfs: Kind = {
  readyPath: '/',

  start({ data, address, port, region, root }) {
    return {
      args: ['server', data],
      environment: {
        RUSTFS_ACCESS_KEY: root.accessKeyId,
        RUSTFS_SECRET_KEY: root.secretAccessKey,
        RUSTFS_ADDRESS: `${address}:${port}`,
        RUSTFS_CHECK_UPDATE: 'false',
        RUSTFS_CONSOLE_ENABLE: 'false',
        RUSTFS_DURABILITY_MODE: 'strict',
        RUSTFS_NEW_BUCKET_DURABILITY_MODE: 'strict',
        RUSTFS_OBS_LOG_DIRECTORY: '',
        RUSTFS_OBS_LOGGER_LEVEL: 'info',
        RUSTFS_REGION: region,
      },
      folders: [data],
    };
  },

  async provision(provisioning) {
    const secrets = join(provisioning.folder, 'secrets');
    try {
      await runBucketScript(provisioning, secrets);
    } finally {
      rmSync(secrets, { recursive: true, force: true });
    }
  },
};

/** Runs the script with what the Job mounts and sets. */
async function runBucketScript(
  { root, buckets, endpoint, region, folder, signal }: Provisioning,
  secrets: string,
): Promise<void> {
  const secretOf = (bucket: string) => `${bucket}-s3`;
  writeSecret(secrets, ROOT_SECRET, root);
  for (const { name, identity } of buckets) writeSecret(secrets, secretOf(name), identity);
  const declaration = join(folder, 'buckets.json');
  const declared = buckets.map(({ name, purpose, rules }) => ({
    request: { name, purpose },
    rules,
    secret: secretOf(name),
  }));
  writeFileSync(declaration, bucketDeclaration(declared), { mode: 0o600 });
  const environment = {
    BUCKETS_FILE: declaration,
    CREDENTIALS_FOLDER: secrets,
    READY_WITHIN_SEC: String(READY_WITHIN_SEC),
    ROOT_SECRET,
    STORE_ENDPOINT: endpoint,
    STORE_REGION: region,
  };
  try {
    const said = await promisify(execFile)(process.execPath, [resolve(SCRIPT)], {
      env: environment,
      signal,
      killSignal: 'SIGKILL',
    });
    writeFileSync(join(folder, 'buckets.log'), said.stdout, { mode: 0o600 });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Failure(`the script of the bucket Job failed: ${said || error}`);
  }
}

function writeSecret(folder: string, name: string, identity: Identity): void {
  const secret = join(folder, name);
  mkdirSync(secret, { recursive: true, mode: 0o700 });
  const write = (key: string, value: string) =>
    writeFileSync(join(secret, key), value, { mode: 0o600 });
  write('access-key-id', identity.accessKeyId);
  write('secret-access-key', identity.secretAccessKey);
}
