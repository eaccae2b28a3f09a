import { stringify } from 'yaml';
import { defined } from '../../values/defined.ts';

/** What the server is told. Sizes are whole GiB, the unit it counts in. */
export interface ServerConfig {
  readonly folder: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Size above which it evicts. */
  readonly maxSizeGiB: number;
  /** Size above which it refuses, since eviction cannot keep up. @default - it never refuses */
  readonly hardLimitGiB: number | undefined;
  /** The bucket behind it. There is no server without one. */
  readonly bucket: {
    /** Host and port. A scheme in it would become part of the host. */
    readonly authority: string;
    readonly encrypted: boolean;
    readonly pathStyle: boolean;
    readonly name: string;
    readonly region: string;
    /** A credentials file in the form of AWS, with a profile `default`. */
    readonly credentialsFile: string;
  };
  /** Accounts that may write; everyone may read. @default - everyone may write */
  readonly htpasswdFile: string | undefined;
}

/** Uploads that may wait. Each holds a file open, and a restart forgets them all. */
const MAX_QUEUED_UPLOADS = 100_000;

/**
 * The configuration file of bazel-remote.
 *
 * With a file the program ignores every flag and every variable, and it takes a key that it does not know for none. So all
 * that it has to know stands here, under names that a test holds against those of its source.
 *
 * @see https://github.com/buchgr/bazel-remote/blob/v2.6.2/config/config.go
 */
export function serverConfig(config: ServerConfig): string {
  const { bucket, htpasswdFile } = config;
  return stringify(
    defined<unknown>({
      dir: config.folder,
      max_size: config.maxSizeGiB,
      max_size_hard_limit: config.hardLimitGiB,
      storage_mode: 'zstd',
      http_address: `:${config.httpPort}`,
      grpc_address: `:${config.grpcPort}`,
      enable_endpoint_metrics: true,
      // The only place where a failed upload shows.
      access_log_level: 'all',
      max_queued_uploads: MAX_QUEUED_UPLOADS,
      htpasswd_file: htpasswdFile,
      allow_unauthenticated_reads: htpasswdFile === undefined ? undefined : true,
      s3_proxy: {
        endpoint: bucket.authority,
        bucket: bucket.name,
        bucket_lookup_type: bucket.pathStyle ? 'path' : 'auto',
        region: bucket.region,
        disable_ssl: !bucket.encrypted,
        auth_method: 'aws_credentials_file',
        aws_shared_credentials_file: bucket.credentialsFile,
        aws_profile: 'default',
        // Without it two connections are kept for all uploads: only the flag has a default, not the file.
        max_idle_conns: 1024,
      },
    }),
  );
}
