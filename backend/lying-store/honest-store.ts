import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { Bucket } from './bucket.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { bucketListing, objectListing, versioningAnswer, versionListing } from './listing.ts';
import { objectReply } from './object-requests.ts';
import type { Asked, Reply, Replying } from './reply.ts';
import { emptyAnswer, errorAnswer, xmlAnswer } from './s3-answer.ts';

/** What an honest store begins with. */
export interface HonestOptions {
  /** The bucket of requests that name none; it is there from the beginning. */
  readonly bucket: string;
  /** Whether that bucket keeps old versions. @default true */
  readonly versioned?: boolean;
  /** Other buckets that are there from the beginning, without old versions. @default - none */
  readonly others?: readonly string[];
  /** @default us-east-1 */
  readonly region?: string;
  /** @default - the time of the machine */
  readonly clock?: Clock;
}

const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * A store as a state authority has to be, in this process: S3 with several buckets, old versions, conditional requests and
 * listings. Every request is done whole before the next, so what it answers is always the truth.
 */
export class HonestStore implements Store, Replying {
  readonly region: string;
  readonly clock: Clock;
  /** The bucket of requests that name none. */
  readonly defaultBucket: string;
  private readonly buckets = new Map<string, Bucket>();

  constructor({ bucket, versioned = true, others = [], region, clock }: HonestOptions) {
    this.clock = clock ?? SYSTEM_CLOCK;
    this.region = region ?? 'us-east-1';
    this.defaultBucket = bucket;
    this.make(bucket, versioned);
    for (const other of others) this.make(other, false);
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    return this.answer(request);
  }

  async reply(request: StoreRequest): Promise<Reply> {
    return this.answer(request);
  }

  /** What {@link send} answers, at once. */
  answer(request: StoreRequest): Reply {
    return this.dated(this.judge(this.complete(request)));
  }

  /** An answer with the time, where it does not have one. */
  dated(answer: Reply): Reply {
    return { ...answer, headers: { date: this.now().toUTCString(), ...answer.headers } };
  }

  /** A request with the bucket that it means. */
  complete(request: StoreRequest): Asked {
    return { ...request, bucket: request.bucket ?? this.defaultBucket };
  }

  /** What is really there, past all that answers say. */
  bucketNamed(name: string): Bucket | undefined {
    return this.buckets.get(name);
  }

  /** Puts a body under a key, as a writer would who asks nobody. */
  plant(bucket: string, key: string, body: Uint8Array): void {
    this.buckets.get(bucket)?.put(key, Buffer.from(body), {}, this.now());
  }

  /** Takes away what a key holds. */
  uproot(bucket: string, key: string): void {
    this.buckets.get(bucket)?.remove(key, this.now());
  }

  private judge(asked: Asked): Reply {
    if (asked.bucket === '') {
      return asked.method === 'GET'
        ? bucketListing(this.all())
        : errorAnswer(asked, 'MethodNotAllowed');
    }
    const bucket = this.buckets.get(asked.bucket);
    if (asked.key === undefined) return this.bucketReply(asked, bucket);
    if (bucket === undefined) return errorAnswer(asked, 'NoSuchBucket');
    return objectReply({ bucket, request: asked, key: asked.key, at: this.now() });
  }

  private bucketReply(asked: Asked, bucket: Bucket | undefined): Reply {
    const { method, query = {} } = asked;
    const subject = Object.keys(query);
    if (method === 'PUT' && subject.length === 0) return this.create(asked, bucket);
    if (bucket === undefined) return errorAnswer(asked, 'NoSuchBucket');
    if (method === 'HEAD') return emptyAnswer(200, { 'x-amz-bucket-region': this.region });
    if (method === 'GET') return this.subjectReply(asked, bucket);
    if (method === 'PUT' && subject.includes('versioning')) return setVersioning(asked, bucket);
    if (method === 'DELETE' && subject.length === 0) return this.removeBucket(asked, bucket);
    return errorAnswer(asked, 'NotImplemented', `${method} of a bucket is not known here.`);
  }

  private subjectReply(asked: Asked, bucket: Bucket): Reply {
    const { query = {} } = asked;
    if (query['list-type'] === '2') return objectListing(bucket, asked);
    if ('versions' in query) return versionListing(bucket, asked);
    if ('versioning' in query) return versioningAnswer(bucket.versioning);
    if ('location' in query) {
      return xmlAnswer(`<LocationConstraint>${this.region}</LocationConstraint>`);
    }
    return errorAnswer(asked, 'NotImplemented', 'Only the second version of the listing is known.');
  }

  private create(asked: Asked, bucket: Bucket | undefined): Reply {
    if (bucket !== undefined) return errorAnswer(asked, 'BucketAlreadyOwnedByYou');
    if (!NAME.test(asked.bucket)) return errorAnswer(asked, 'InvalidBucketName');
    this.make(asked.bucket, false);
    return emptyAnswer(200, { location: `/${asked.bucket}` });
  }

  private removeBucket(asked: Asked, bucket: Bucket): Reply {
    if (bucket.keysEver().length > 0) return errorAnswer(asked, 'BucketNotEmpty');
    this.buckets.delete(asked.bucket);
    return emptyAnswer(204);
  }

  private make(name: string, versioned: boolean): void {
    this.buckets.set(name, new Bucket(name, this.now(), versioned));
  }

  private all(): Bucket[] {
    return [...this.buckets.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}

function setVersioning(asked: Asked, bucket: Bucket): Reply {
  const text = Buffer.from(asked.body ?? []).toString();
  const status = /<Status>\s*(Enabled|Suspended)\s*<\/Status>/.exec(text)?.[1];
  if (status !== 'Enabled' && status !== 'Suspended') {
    return errorAnswer(asked, 'InvalidArgument', 'Status must be Enabled or Suspended.');
  }
  bucket.versioning = status;
  return emptyAnswer(200);
}
