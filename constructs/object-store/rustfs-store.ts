import { Construct } from 'constructs';
import { Endpoint } from '../../values/endpoint.ts';
import type { Image } from '../../values/image.ts';
import type { Resources } from '../../values/resources.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import { canonicalJson } from '../canonical-json.ts';
import { selectorLabels } from '../labels.ts';
import { PublicEntry, type PublicNames } from '../public-entry.ts';
import { Refusal } from '../refusal.ts';
import { publicNameFlows } from '../workload/address-flows.ts';
import {
  type ClusterNetwork,
  type Flow,
  ingressControllerFlow,
  podFlow,
  tcp,
} from '../workload/flows.ts';
import { Workload } from '../workload/workload.ts';
import { BucketJob } from './bucket-job.ts';
import { bucketRules } from './bucket-rules.ts';
import { PORT, REGION, rustFsContainer, rustFsVolumes, UID } from './rustfs-server.ts';
import { type StoreClaims, stateStoreFacts, storeAnnotations } from './rustfs-statements.ts';
import type { BucketAccess, ObjectStore } from './store-access.ts';
import { storeClaimName } from './store-claim.ts';
import { ZfsStorageClass, type ZfsStorageClassProps } from './zfs-storage-class.ts';

/** The name of a Job carries 10 digits, and those of its pods 6 more characters; 63 is the limit of a label. */
const NAME_MAX_CHARACTERS = 38;

/** As the Secret of every root identity is called; there is one store in a namespace. */
const ROOT_SECRET = 'object-store-root';

/** Settings of a {@link RustFsStore}. */
export interface RustFsStoreProps extends StoreClaims {
  /** Name of the workload, its Service and its account; at most 38 characters. */
  readonly name: string;

  readonly image: Image;

  /** The image of Node.js, for the Job that makes the buckets. */
  readonly nodeImage: Image;

  readonly network: ClusterNetwork;
  readonly resources: Resources;

  /** Who may call it, each once; their ports are replaced by its own. */
  readonly callers: readonly Flow[];

  /** The keys of all states, whose locks leave old versions. */
  readonly stateKeys: readonly string[];

  /** Raised after the Secret of a bucket was written anew: the store is taught, and whatever uses it starts anew. */
  readonly credentialsGeneration: number;

  /** The node that holds the volume. @default - the scheduler decides, once */
  readonly node?: string | undefined;

  /** The StorageClass to define for the volume. @default - it exists already */
  readonly storageClass?: Omit<ZfsStorageClassProps, 'node'> | undefined;

  /** A name under which the chunks of Attic can be read inside and outside. @default - it is internal */
  readonly publicEntry?:
    | {
        readonly host: string;
        readonly names: PublicNames;
        readonly maxBodyMiB: number;
        readonly timeoutSec: number;
      }
    | undefined;

  readonly pullSecret?: string | undefined;
}

/**
 * RustFS in the cluster: one server on one volume that one node holds.
 *
 * It survives a restart and nothing more, and says so: in the report, and by annotations that the rules read. What was
 * acknowledged is on the disk, because every bucket is written durably. The claim of its volume belongs to the namespace
 * (see {@link storeClaim}) and outlives it.
 *
 * The root identity is known to the server and to the Job that makes the buckets, and to nothing else.
 */
export class RustFsStore extends Construct implements ObjectStore {
  readonly failureDomain: string;

  /** The address inside the cluster. */
  readonly endpoint: Endpoint<'pod'>;

  /** The pods behind it. */
  readonly workload: Workload;

  /** The Job that makes the buckets. */
  readonly bucketJob: BucketJob;

  private readonly props: RustFsStoreProps;
  private readonly root: SecretRef<'object-store-root'>;
  private readonly flow: Flow;

  constructor(scope: Construct, id: string, props: RustFsStoreProps) {
    super(scope, id);
    this.props = props;
    this.requireName();
    this.requireBuckets();
    const { namespace, name, node } = props;
    this.failureDomain =
      node === undefined ? 'one volume and the node it lies on' : `node ${node} and its volume`;
    this.endpoint = Endpoint.service('http', name, namespace.name, PORT);
    this.root = SecretRef.of('object-store-root', namespace.name, ROOT_SECRET);
    this.workload = this.defineServer();
    this.flow = podFlow(namespace.name, this.workload.selector, PORT);
    this.bucketJob = this.defineBucketJob();
    this.definePublicEntry();
    stateStoreFacts(this, props, this.failureDomain);
  }

  access(bucket: string): BucketAccess {
    const request = this.props.buckets.find(({ name }) => name === bucket);
    if (request === undefined) {
      const names = this.props.buckets.map(({ name }) => name).join(', ');
      throw new Refusal(this, 'bucket', bucket, `be one of its buckets: ${names}`);
    }
    const { publicEntry, network } = this.props;
    const common = {
      bucket,
      region: REGION,
      credentials: this.credentials(bucket),
      restartOn: { 'bucket-credentials': String(this.props.credentialsGeneration) },
      dependsOn: [this.bucketJob.task.job],
    };
    return publicEntry !== undefined && request.purpose === 'attic'
      ? {
          ...common,
          endpoint: Endpoint.parse('pod', `https://${publicEntry.host}`),
          flows: publicNameFlows(network),
        }
      : { ...common, endpoint: this.endpoint, flows: [this.flow] };
  }

  private requireName(): void {
    const { name } = this.props;
    if (name.length > NAME_MAX_CHARACTERS) {
      throw new Refusal(
        this,
        'name',
        name,
        `have at most ${NAME_MAX_CHARACTERS} characters`,
        'the names of its Job and pods are longer',
      );
    }
  }

  private requireBuckets(): void {
    const names = new Set<string>();
    const purposes = new Set<string>();
    for (const { name, purpose } of this.props.buckets) {
      if (names.has(name) || purposes.has(purpose)) {
        throw new Refusal(this, 'buckets', name, 'name each bucket and each purpose once');
      }
      names.add(name);
      purposes.add(purpose);
    }
  }

  private credentials(bucket: string): SecretRef<'s3-credentials'> {
    return SecretRef.of('s3-credentials', this.props.namespace.name, `${bucket}-s3`);
  }

  private defineServer(): Workload {
    const { props } = this;
    const storageClass =
      props.storageClass === undefined
        ? []
        : [
            new ZfsStorageClass(this, 'storage-class', { ...props.storageClass, node: props.node })
              .storageClass,
          ];
    const peers = new Map(props.callers.map(({ peer }) => [canonicalJson(peer), peer]));
    const callers = [...peers.values()].map((peer) => ({ peer, ports: tcp(PORT) }));
    const jobLabels = selectorLabels({ name: this.jobName, instance: this.jobName });
    const jobFlow = podFlow(props.namespace.name, jobLabels, PORT);
    const entryFlow =
      props.publicEntry === undefined ? [] : [ingressControllerFlow(props.network, PORT)];
    return new Workload(this, 'server', {
      namespace: props.namespace,
      name: props.name,
      labels: { component: 'object-store', partOf: props.namespace.name },
      annotations: storeAnnotations(props, this.failureDomain),
      network: props.network,
      replicas: 1,
      recreate: true,
      waitForRollout: props.holdsState ?? false,
      uid: UID,
      terminationGraceSec: 60,
      pullSecret: props.pullSecret,
      ...(props.node === undefined
        ? {}
        : { nodeSelector: { 'kubernetes.io/hostname': props.node } }),
      containers: [rustFsContainer(props)],
      volumes: rustFsVolumes(storeClaimName(props.name), this.root),
      service: [{ name: 's3', port: PORT, targetPort: PORT }],
      flows: { from: [...callers, jobFlow, ...entryFlow], to: [] },
      dependsOn: storageClass,
    });
  }

  private get jobName(): string {
    return `${this.props.name}-buckets`;
  }

  private defineBucketJob(): BucketJob {
    const { props } = this;
    const { service, controller } = this.workload;
    return new BucketJob(this, 'buckets', {
      namespace: props.namespace,
      name: this.jobName,
      partOf: props.namespace.name,
      image: props.nodeImage,
      network: props.network,
      endpoint: this.endpoint,
      region: REGION,
      root: this.root,
      buckets: props.buckets.map((request) => ({
        request,
        rules: bucketRules(request, { room: 'one volume', stateKeys: props.stateKeys }),
        credentials: this.credentials(request.name),
      })),
      credentialsGeneration: props.credentialsGeneration,
      flow: this.flow,
      pullSecret: props.pullSecret,
      dependsOn: [controller, ...(service === undefined ? [] : [service])],
    });
  }

  /** Only the chunks are reachable from outside: neither the state nor the server's own administration. */
  private definePublicEntry(): void {
    const { publicEntry, namespace, name, buckets, network } = this.props;
    if (publicEntry === undefined) return;
    new PublicEntry(this, 'entry', {
      ...publicEntry,
      namespace,
      network,
      name,
      labels: this.workload.selector,
      service: { name, port: PORT },
      paths: buckets
        .filter(({ purpose }) => purpose === 'attic')
        .map((bucket) => `/${bucket.name}`),
    });
  }
}
