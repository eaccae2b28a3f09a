import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  type ServerConfig,
  serverConfig,
} from '../../../constructs/bazel-remote-cache/server-config.ts';

const CONFIG: ServerConfig = {
  folder: '/data',
  httpPort: 8080,
  grpcPort: 9092,
  maxSizeGiB: 16,
  hardLimitGiB: 18,
  bucket: {
    authority: 'store.home.svc.cluster.local:9000',
    encrypted: false,
    pathStyle: true,
    name: 'bazel-cache',
    region: 'us-east-1',
    credentialsFile: '/etc/bucket/credentials',
  },
  htpasswdFile: undefined,
};

/** The yaml tags of `Config` in config/config.go and of `S3CloudStorageConfig` in config/s3.go, v2.6.2. */
const KNOWN_KEYS =
  `http_address grpc_address profile_address dir max_size max_size_hard_limit storage_mode
  zstd_implementation htpasswd_file ldap min_tls_version tls_ca_file tls_cert_file tls_key_file
  allow_unauthenticated_reads s3_proxy azblob_proxy gcs_proxy http_proxy grpc_proxy num_uploaders max_queued_uploads
  idle_timeout disable_http_ac_validation disable_grpc_ac_deps_check enable_ac_key_instance_mangling
  enable_endpoint_metrics endpoint_metrics_duration_buckets http_metrics_prefix experimental_remote_asset_api
  http_read_timeout http_write_timeout access_log_level log_timezone max_blob_size max_proxy_blob_size`.split(
    /\s+/,
  );
const KNOWN_BUCKET_KEYS =
  `endpoint bucket prefix auth_method access_key_id secret_access_key session_token
  signature_type disable_ssl update_timestamps iam_role_endpoint region key_version aws_profile
  aws_shared_credentials_file bucket_lookup_type max_idle_conns`.split(/\s+/);

const parsed = (change: Partial<ServerConfig> = {}) =>
  parse(serverConfig({ ...CONFIG, ...change }));

describe('serverConfig', () => {
  test('says everything in the file, the bucket above all (T8, W-B1)', () => {
    expect(parsed()).toEqual({
      dir: '/data',
      max_size: 16,
      max_size_hard_limit: 18,
      storage_mode: 'zstd',
      http_address: ':8080',
      grpc_address: ':9092',
      enable_endpoint_metrics: true,
      access_log_level: 'all',
      max_queued_uploads: 100_000,
      s3_proxy: {
        endpoint: 'store.home.svc.cluster.local:9000',
        bucket: 'bazel-cache',
        bucket_lookup_type: 'path',
        region: 'us-east-1',
        disable_ssl: true,
        auth_method: 'aws_credentials_file',
        aws_shared_credentials_file: '/etc/bucket/credentials',
        aws_profile: 'default',
        max_idle_conns: 1024,
      },
    });
  });

  test('uses no key that the program would pass over in silence (W-B1)', () => {
    const { s3_proxy: bucket, ...rest } = parsed({ htpasswdFile: '/etc/accounts/htpasswd' });
    expect(KNOWN_KEYS).toEqual(expect.arrayContaining([...Object.keys(rest), 's3_proxy']));
    expect(KNOWN_BUCKET_KEYS).toEqual(expect.arrayContaining(Object.keys(bucket)));
  });

  test('speaks TLS to a store that does, and lets AWS place the bucket in the host', () => {
    const bucket = { ...CONFIG.bucket, encrypted: true, pathStyle: false };
    expect(parsed({ bucket }).s3_proxy).toMatchObject({
      disable_ssl: false,
      bucket_lookup_type: 'auto',
    });
  });

  test('asks writers for an account and readers for none', () => {
    expect(parsed({ htpasswdFile: '/etc/accounts/htpasswd' })).toMatchObject({
      htpasswd_file: '/etc/accounts/htpasswd',
      allow_unauthenticated_reads: true,
    });
  });

  test('leaves out a limit that there is not', () => {
    expect(parsed({ hardLimitGiB: undefined })).not.toHaveProperty('max_size_hard_limit');
  });
});
