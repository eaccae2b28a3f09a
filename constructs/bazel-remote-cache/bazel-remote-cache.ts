import { Construct } from 'constructs';
import { Endpoint } from '../../values/endpoint.ts';
import type { Image } from '../../values/image.ts';
import { Quantity } from '../../values/quantity.ts';
import type { Resources } from '../../values/resources.ts';
import type { SecretRef } from '../../values/secret-ref.ts';
import { ConfigFiles } from '../config-files.ts';
import { stateFact } from '../facts.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import type { BucketAccess } from '../object-store/store-access.ts';
import { awsStore } from '../object-store/store-address.ts';
import { Refusal } from '../refusal.ts';
import { type ClusterNetwork, type Flow, namespaceFlow, tcp } from '../workload/flows.ts';
import type { Container, Volume } from '../workload/pod.ts';
import { Workload } from '../workload/workload.ts';
import { serverConfig } from './server-config.ts';

const HTTP_PORT = 8080;
const UID = 65_532;
const CONFIG_FILE = 'config.yaml';
const CONFIG_FOLDER = '/etc/bazel-remote';
const CREDENTIALS_FOLDER = '/etc/bazel-remote-bucket';
const ACCOUNTS_FOLDER = '/etc/bazel-remote-accounts';
const DATA = '/data';

/** The blob of no bytes. Every cache has it, and to ask for it takes no lock. */
const EMPTY_BLOB = '/cas/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Fifteen minutes: it answers only when it has read what is on its disk, and evicted what is too much. */
const STARTUP = { periodSec: 10, failures: 90 };

/** Transfers under way may end. What still waits for its upload to the bucket is lost: a miss later, nothing worse. */
const TERMINATION_GRACE_SEC = 120;

/** What the container writes beside the cache, its log above all. */
const BESIDE_CACHE = Quantity.parse('storage', '1Gi');

/** The share of memory that the runtime tries to stay below, so that a load of the index is not killed. */
const MEMORY_SHARE = 0.9;

/** Settings of a {@link BazelRemoteCache}. */
export interface BazelRemoteCacheProps {
  readonly namespace: ManagedNamespace;

  /** Name of the workload and its Service. Never `bazel-remote`. */
  readonly name: string;

  readonly image: Image;
  readonly network: ClusterNetwork;

  /** The port of its gRPC service. */
  readonly grpcPort: number;

  /** The bucket in which objects last. */
  readonly access: BucketAccess;

  /** What has to be lost for the bucket to be lost. */
  readonly bucketFailureDomain: string;

  /** Disk of the pod; at least as much as one GiB of cache needs. */
  readonly hotCache: Quantity;

  /** Share of that disk that it may fill, 0.1 to 0.85. */
  readonly fill: number;

  /** Resources of the server. What it writes to disk is added where nothing is said. */
  readonly resources: Resources;

  /** Who may call it; their ports are replaced by its own. */
  readonly callers: readonly Flow[];

  /** Namespace from which its metrics are read. @default - nobody reads them */
  readonly metricsNamespace?: string | undefined;

  /** Accounts that may write. @default - whoever may call it may write */
  readonly accounts?: SecretRef<'htpasswd'> | undefined;

  readonly pullSecret?: string | undefined;
}

/**
 * A bazel-remote server: a hot cache on the disk of its pod, in front of a bucket that lasts.
 *
 * There is one, because two would evict on their own and answer differently behind one name. Losing it costs builds their
 * hits until the bucket has filled it again. Objects lie compressed under `cas.v2` in the bucket, so their bytes there do
 * not have the digest that is their name.
 */
export class BazelRemoteCache extends Construct {
  /** The address for `--remote_cache`. */
  readonly grpcUrl: Endpoint<'pod'>;

  /** The port on which `/metrics` answers. */
  readonly metricsPort = HTTP_PORT;

  /** The pods behind it. */
  readonly workload: Workload;

  private readonly props: BazelRemoteCacheProps;

  constructor(scope: Construct, id: string, props: BazelRemoteCacheProps) {
    super(scope, id);
    this.props = props;
    this.requireName();
    const resources = this.resolveResources();
    const config = this.defineConfig();
    this.workload = this.defineServer(config, resources);
    this.grpcUrl = Endpoint.service('grpc', props.name, props.namespace.name, props.grpcPort);
    this.stateFacts();
  }

  /** Kubernetes would hand the program `BAZEL_REMOTE_PORT=tcp://…`, which it takes for its own. */
  private requireName(): void {
    if (this.props.name === 'bazel-remote') {
      throw new Refusal(
        this,
        'name',
        this.props.name,
        'be another',
        'a Service of that name sets variables that the program takes for its own',
      );
    }
  }

  /** The disk of the pod is a resource of the node like any other: it is reserved, and bounded a little above. */
  private resolveResources(): Resources {
    const { hotCache, resources } = this.props;
    const { requests, limits } = resources;
    const limit = limits.ephemeral ?? hotCache.plus(BESIDE_CACHE);
    if (hotCache.exceeds(limit)) {
      throw new Refusal(
        this,
        'resources.limits.ephemeral',
        String(limit),
        `be at least the hot cache of ${hotCache}`,
        'the pod would be evicted before the cache is full',
      );
    }
    return {
      requests: { ...requests, ephemeral: requests.ephemeral ?? hotCache },
      limits: { ...limits, ephemeral: limit },
    };
  }

  private defineConfig(): ConfigFiles {
    const { namespace, name, access, accounts, grpcPort } = this.props;
    const endpoint = access.endpoint ?? awsStore(access.region);
    const config = serverConfig({
      ...this.resolveSizes(),
      folder: DATA,
      httpPort: HTTP_PORT,
      grpcPort,
      bucket: {
        authority: endpoint.authority,
        encrypted: endpoint.scheme === 'https',
        pathStyle: access.endpoint !== undefined,
        name: access.bucket,
        region: access.region,
        credentialsFile: `${CREDENTIALS_FOLDER}/credentials`,
      },
      htpasswdFile: accounts === undefined ? undefined : `${ACCOUNTS_FOLDER}/htpasswd`,
    });
    return new ConfigFiles(this, 'config', {
      namespace,
      name: `${name}-config`,
      files: { [CONFIG_FILE]: config },
    });
  }

  /** Eviction begins at the share that was chosen, refusal half-way from there to a full disk. */
  private resolveSizes() {
    const { hotCache, fill } = this.props;
    const maxSizeGiB = hotCache.portion(fill).wholeGiB;
    if (maxSizeGiB < 1) {
      throw new Refusal(
        this,
        'hotCache',
        String(hotCache),
        `hold at least 1Gi when filled to ${fill}`,
        'make it larger',
      );
    }
    const hardLimitGiB = hotCache.portion((1 + fill) / 2).wholeGiB;
    return { maxSizeGiB, hardLimitGiB: hardLimitGiB > maxSizeGiB ? hardLimitGiB : undefined };
  }

  private defineServer(config: ConfigFiles, resources: Resources): Workload {
    const { props } = this;
    const callers = props.callers.map(({ peer }) => ({ peer, ports: tcp(props.grpcPort) }));
    const metrics =
      props.metricsNamespace === undefined
        ? []
        : [namespaceFlow(props.metricsNamespace, HTTP_PORT)];
    return new Workload(this, 'server', {
      namespace: props.namespace,
      name: props.name,
      labels: { component: 'bazel-cache', partOf: props.namespace.name },
      network: props.network,
      replicas: 1,
      recreate: true,
      uid: UID,
      terminationGraceSec: TERMINATION_GRACE_SEC,
      pullSecret: props.pullSecret,
      containers: [this.container(resources)],
      volumes: this.volumes(config),
      service: [
        { name: 'grpc', port: props.grpcPort, targetPort: props.grpcPort },
        { name: 'http', port: HTTP_PORT, targetPort: HTTP_PORT },
      ],
      flows: { from: [...callers, ...metrics], to: props.access.flows },
      restartOn: { config: config.text, ...props.access.restartOn },
      dependsOn: [config.configMap, ...props.access.dependsOn],
    });
  }

  private container(resources: Resources): Container {
    const { image, grpcPort, accounts } = this.props;
    const action = { kind: 'http', path: EMPTY_BLOB, port: HTTP_PORT } as const;
    return {
      name: 'bazel-remote',
      image,
      // The flags in the image's entrypoint come first and lose against the file.
      args: [`--config_file=${CONFIG_FOLDER}/${CONFIG_FILE}`],
      environment: [
        { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' },
        {
          name: 'GOMEMLIMIT',
          value: String(resources.limits.memory.portion(MEMORY_SHARE).amount),
        },
      ],
      ports: [
        { name: 'grpc', port: grpcPort },
        { name: 'http', port: HTTP_PORT },
      ],
      resources,
      startup: { action, ...STARTUP },
      liveness: { action, periodSec: 30, failures: 4 },
      readiness: { action },
      mounts: [
        { volume: 'data', path: DATA, readOnly: false },
        { volume: 'config', path: CONFIG_FOLDER },
        { volume: 'bucket', path: CREDENTIALS_FOLDER },
        ...(accounts === undefined ? [] : [{ volume: 'accounts', path: ACCOUNTS_FOLDER }]),
      ],
    };
  }

  private volumes(config: ConfigFiles): Volume[] {
    const { hotCache, access, accounts } = this.props;
    return [
      { name: 'data', kind: 'scratch', sizeLimit: hotCache },
      { name: 'config', kind: 'config', configMap: config.name },
      { name: 'bucket', kind: 'secret', secret: access.credentials, keys: ['credentials'] },
      ...(accounts === undefined
        ? []
        : [{ name: 'accounts', kind: 'secret', secret: accounts, keys: accounts.keys } as const]),
    ];
  }

  private stateFacts(): void {
    const { name, namespace, access, bucketFailureDomain, accounts } = this.props;
    stateFact(this, 'component', {
      component: name,
      namespace: namespace.name,
      replicas: '1',
      failureDomain: 'node (moves to another, with an empty disk)',
      backup: `objects lie in bucket ${access.bucket}, lost with ${bucketFailureDomain}`,
      highlyAvailable: false,
    });
    stateFact(this, 'note', {
      subject: name,
      note: `nothing evicts from bucket ${access.bucket}: it grows until someone empties it`,
    });
    if (accounts === undefined) {
      stateFact(this, 'note', {
        subject: name,
        note: 'every job that may call it may also write to it; set bazelCache.authenticatedWrites where jobs of strangers run',
      });
    }
  }
}
