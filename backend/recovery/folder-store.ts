import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { escapedXml } from '../store/answer-xml.ts';
import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { createDurably, syncFolder, writeDurably } from './durable.ts';

/**
 * A folder that answers like a store, for the state of a stack that is about to take its own store away. It is used by one
 * process after the other: two at once exclude each other by the lock file, which is made as an object that is not there yet.
 */
export class FolderStore implements Store {
  private readonly folder: string;
  private readonly bucket: string;

  /**
   * @param folder need not be there yet
   * @param bucket the only one that it has
   */
  constructor(folder: string, bucket: string) {
    this.folder = folder;
    this.bucket = bucket;
  }

  async send(request: StoreRequest): Promise<StoreAnswer> {
    const { method, key, bucket = this.bucket } = request;
    if (bucket === '') return this.listBuckets(request);
    if (bucket !== this.bucket) return failure(404, 'NoSuchBucket', method);
    if (key === undefined) return this.answerOfBucket(request);
    const file = this.fileOf(key);
    const bytes = existsSync(file) ? readFileSync(file) : undefined;
    if (method === 'PUT') return this.put(file, bytes, request);
    if (method === 'DELETE') return remove(file, bytes);
    if (bytes === undefined) return failure(404, 'NoSuchKey', method);
    const headers = { etag: etagOf(bytes), 'content-length': `${bytes.length}` };
    const body = method === 'HEAD' ? Buffer.alloc(0) : bytes;
    return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body };
  }

  private put(file: string, before: Buffer | undefined, request: StoreRequest): StoreAnswer {
    const { headers = {}, body = Buffer.alloc(0) } = request;
    const match = headers['if-match'];
    if (match !== undefined && before === undefined) return failure(404, 'NoSuchKey', 'PUT');
    const stale = match !== undefined && before !== undefined && etagOf(before) !== match;
    const kept = !stale && this.keep(file, body, headers['if-none-match'] === '*');
    if (!kept) return failure(412, 'PreconditionFailed', 'PUT');
    return { status: 200, headers: { etag: etagOf(body) }, body: Buffer.alloc(0) };
  }

  private keep(file: string, body: Uint8Array, onlyNew: boolean): boolean {
    if (onlyNew) return createDurably(file, body);
    writeDurably(file, body);
    return true;
  }

  private listBuckets({ method }: StoreRequest): StoreAnswer {
    if (method !== 'GET') return failure(501, 'NotImplemented', method);
    const bucket = `<Bucket><Name>${escapedXml(this.bucket)}</Name></Bucket>`;
    return xml(
      200,
      `<ListAllMyBucketsResult><Buckets>${bucket}</Buckets></ListAllMyBucketsResult>`,
    );
  }

  private answerOfBucket({ method, query = {} }: StoreRequest): StoreAnswer {
    if (method === 'HEAD') return { status: 200, headers: {}, body: Buffer.alloc(0) };
    if (method === 'GET' && query.versioning !== undefined) {
      return xml(200, '<VersioningConfiguration/>');
    }
    if (method !== 'GET' || query['list-type'] !== '2') {
      return failure(501, 'NotImplemented', method);
    }
    const prefix = query.prefix ?? '';
    const names = existsSync(this.folder) ? readdirSync(this.folder).map(decodeURIComponent) : [];
    const rows = names
      .filter((name) => name.startsWith(prefix) && !name.endsWith('.half'))
      .sort()
      .map((name) => `<Contents><Key>${escapedXml(name)}</Key></Contents>`);
    const listing = `<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>${rows.length}</KeyCount>${rows.join('')}</ListBucketResult>`;
    return xml(200, listing);
  }

  private fileOf(key: string): string {
    return join(this.folder, encodeURIComponent(key));
  }
}

function remove(file: string, bytes: Buffer | undefined): StoreAnswer {
  if (bytes !== undefined) {
    rmSync(file);
    syncFolder(dirname(file));
  }
  return { status: 204, headers: {}, body: Buffer.alloc(0) };
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function failure(status: number, code: string, method: string): StoreAnswer {
  const answer = xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  return method === 'HEAD' ? { ...answer, body: Buffer.alloc(0) } : answer;
}

function xml(status: number, text: string): StoreAnswer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
  return { status, headers: { 'content-type': 'application/xml' }, body };
}
