import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import { type Endpoint, isClusterName } from '../../values/endpoint.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import { stateFact } from '../facts.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { Refusal } from '../refusal.ts';
import { endpointFlow } from '../workload/address-flows.ts';
import { type ClusterNetwork, internetFlow } from '../workload/flows.ts';
import type { BucketRequest } from './bucket-request.ts';
import { bucketRules, UNDO_DAYS } from './bucket-rules.ts';
import { ManagedBucket } from './managed-bucket.ts';
import type { BucketAccess, ObjectStore } from './store-access.ts';
import { r2Store } from './store-address.ts';

const HTTPS_PORT = 443;

/** Which store it is. Each answers another part of the S3 API. */
export type ExternalStoreKind =
  | { readonly kind: 'aws'; readonly region: string; readonly kmsKeyId?: string | undefined }
  | {
      readonly kind: 'compatible';
      readonly region: string;
      readonly endpoint: Endpoint<'pod'>;
      readonly kmsKeyId?: string | undefined;
    }
  | { readonly kind: 'r2'; readonly accountId: string; readonly jurisdiction?: string | undefined };

/** Settings of an {@link ExternalStore}. */
export interface ExternalStoreProps {
  /** The namespace of the pods that use it, where their Secrets are. */
  readonly namespace: ManagedNamespace;

  readonly store: ExternalStoreKind;
  readonly network: ClusterNetwork;
  readonly buckets: readonly BucketRequest[];

  /** The keys of all states, whose locks leave old versions. */
  readonly stateKeys: readonly string[];

  /** Make the buckets with this provider. @default - they exist already and nothing here changes them */
  readonly manage?:
    | {
        readonly provider: TerraformProvider;
        /** No plan may delete a bucket; a destroy forgets it. */
        readonly protect: boolean;
      }
    | undefined;
}

/**
 * A store that someone else runs: AWS S3, Cloudflare R2, or another that speaks S3.
 *
 * Its buckets are made as far as the store and the AWS provider understand each other. AWS gets everything. R2 has
 * neither versions nor access blocks, encrypts by itself and drops abandoned uploads after seven days by itself. Of any
 * other store nothing is known, and the provider waits for ever on lifecycle rules that do not come back to the letter,
 * so there the bucket is made, and encrypted where a key is named.
 *
 * @see https://developers.cloudflare.com/r2/api/s3/api/
 * @see https://github.com/hashicorp/terraform-provider-aws/issues/43333
 */
export class ExternalStore extends Construct implements ObjectStore {
  readonly failureDomain: string;

  private readonly props: ExternalStoreProps;
  private readonly managed: ReadonlyMap<string, ManagedBucket>;

  constructor(scope: Construct, id: string, props: ExternalStoreProps) {
    super(scope, id);
    this.props = props;
    this.failureDomain = failureDomain(props.store);
    this.requireReachable();
    this.managed =
      props.manage === undefined ? new Map() : this.defineBuckets(props.buckets, props.manage);
    this.stateFacts();
  }

  access(bucket: string): BucketAccess {
    const { buckets, namespace, store, network } = this.props;
    if (!buckets.some(({ name }) => name === bucket)) {
      const names = buckets.map(({ name }) => name).join(', ');
      throw new Refusal(this, 'bucket', bucket, `be one of its buckets: ${names}`);
    }
    return {
      bucket,
      region: store.kind === 'r2' ? 'auto' : store.region,
      endpoint: endpointOf(store),
      credentials: SecretRef.of('s3-credentials-external', namespace.name, `${bucket}-s3`),
      flows: [
        store.kind === 'compatible'
          ? endpointFlow(store.endpoint)
          : internetFlow(network, HTTPS_PORT),
      ],
      dependsOn: this.managed.get(bucket)?.resources ?? [],
    };
  }

  private requireReachable(): void {
    const { store, manage } = this.props;
    if (store.kind !== 'compatible' || manage === undefined) return;
    if (isClusterName(store.endpoint.host)) {
      throw new Refusal(
        this,
        'endpoint',
        String(store.endpoint),
        'be reachable for whoever applies the stack',
        'a cluster name resolves only in pods: make the buckets by hand and set manage to false',
      );
    }
  }

  private defineBuckets(
    buckets: readonly BucketRequest[],
    { provider, protect }: NonNullable<ExternalStoreProps['manage']>,
  ): ReadonlyMap<string, ManagedBucket> {
    const { store, stateKeys } = this.props;
    const room = 'unbounded';
    const managed = buckets.map((request): [string, ManagedBucket] => [
      request.name,
      new ManagedBucket(this, `bucket-${request.name}`, {
        name: request.name,
        provider,
        protect,
        rules: store.kind === 'aws' ? bucketRules(request, { room, stateKeys }) : undefined,
        encryption: encryption(store),
      }),
    ]);
    return new Map(managed);
  }

  private stateFacts(): void {
    const { store, namespace, manage, buckets } = this.props;
    const undo = store.kind === 'aws' && manage !== undefined;
    stateFact(this, 'component', {
      component: 'object store',
      namespace: namespace.name,
      replicas: 'run elsewhere',
      failureDomain: this.failureDomain,
      backup: undo ? `none; deletions can be undone for ${UNDO_DAYS} days` : 'none',
      highlyAvailable: store.kind !== 'compatible',
    });
    if (manage?.protect === true) {
      const commands = [...this.managed.values()].map(({ adoption }) => adoption);
      stateFact(this, 'note', {
        subject: 'object store',
        note: `"tofu destroy" leaves the buckets as they are and forgets them. It ends with an error all the same, unless it is given -suppress-forget-errors. Adopt them before the next apply, which would fail on a bucket that is there: ${commands.join('; ')}`,
      });
    }
    if (manage === undefined) {
      stateFact(this, 'note', {
        subject: 'object store',
        note: `the buckets ${buckets.map(({ name }) => name).join(', ')} are made and kept by hand`,
      });
    }
  }
}

function endpointOf(store: ExternalStoreKind): Endpoint<'pod'> | undefined {
  if (store.kind === 'r2') return r2Store(store.accountId, store.jurisdiction);
  return store.kind === 'compatible' ? store.endpoint : undefined;
}

function failureDomain(store: ExternalStoreKind): string {
  switch (store.kind) {
    case 'aws':
      return `AWS region ${store.region}`;
    case 'r2':
      return 'Cloudflare R2';
    case 'compatible':
      return `the store at ${store.endpoint.host}, of which nothing is known`;
  }
}

function encryption(store: ExternalStoreKind): { kmsKeyId: string | undefined } | undefined {
  if (store.kind === 'r2') return undefined;
  const { kind, kmsKeyId } = store;
  return kind === 'aws' || kmsKeyId !== undefined ? { kmsKeyId } : undefined;
}
