import { randomBytes } from 'node:crypto';
import { errorCodeOf, statusText, textsIn } from '../store/answer-xml.ts';
import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';

const REQUEST_MS = 20_000;
const OK = 200;
const NOT_FOUND = 404;
const SERVER_ERROR = 500;
const NOT_IMPLEMENTED = 501;
const PAGE = '1000';

/** Where proofs write, in the bucket of the state. Nothing else has keys there. */
export const PROBE_PREFIX = '.flywheel-certificate/';

/** How keys of states and of their locks end. */
export const STATE = '.tfstate';
export const LOCK = '.tfstate.tflock';

/** Why a proof could not be tried: says nothing of what it was to prove. */
export class Obstacle extends Error {}

/** Objects of its own in one bucket, under a prefix that nobody else has, and their removal. */
export class Probe {
  readonly bucket: string;
  readonly prefix: string;
  /** The last answer's own words on server and time. */
  seen: { server: string | undefined; skewMs: number | undefined } = {
    server: undefined,
    skewMs: undefined,
  };
  private readonly store: Store;
  private readonly keys = new Set<string>();

  constructor(store: Store, bucket: string) {
    this.store = store;
    this.bucket = bucket;
    this.prefix = `${PROBE_PREFIX}${randomBytes(8).toString('hex')}/`;
  }

  /** A key that has never been used. It ends as that of a state or a lock does, because rules of a bucket may go by that. */
  freshKey(name: string, ending: typeof LOCK | typeof STATE): string {
    return `${this.prefix}${name}-${randomBytes(4).toString('hex')}${ending}`;
  }

  /** Writes as tofu does; what says nothing of the condition, such as that the server is busy, is an obstacle. */
  async put(
    key: string,
    body: Uint8Array | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StoreAnswer> {
    const answer = await this.race(key, body, headers);
    if (answer.status >= SERVER_ERROR && answer.status !== NOT_IMPLEMENTED)
      throw new Obstacle(`a write answers ${statusText(answer)}`);
    return answer;
  }

  /** The same, where some writers may meet a busy server. */
  async race(
    key: string,
    body: Uint8Array | string,
    headers: Readonly<Record<string, string>>,
  ): Promise<StoreAnswer> {
    this.keys.add(key);
    return this.tried({ method: 'PUT', key, body: Buffer.from(body), headers });
  }

  /** Writes what nothing speaks against. */
  async mustPut(key: string, body: Uint8Array | string): Promise<StoreAnswer> {
    const answer = await this.put(key, body);
    if (succeeded(answer)) return answer;
    throw new Obstacle(`a plain write answers ${statusText(answer)}`);
  }

  async get(key: string): Promise<StoreAnswer> {
    return this.tried({ method: 'GET', key });
  }

  async head(key: string): Promise<StoreAnswer> {
    return this.tried({ method: 'HEAD', key });
  }

  /** What lies under a key, or undefined where nothing does. */
  async contentOf(key: string): Promise<Buffer | undefined> {
    const answer = await this.get(key);
    if (answer.status === OK) return answer.body;
    if (answer.status === NOT_FOUND) return undefined;
    throw new Obstacle(`a read answers ${statusText(answer)}`);
  }

  async mustDelete(key: string): Promise<void> {
    const answer = await this.tried({ method: 'DELETE', key });
    if (succeeded(answer)) return;
    throw new Obstacle(`a delete answers ${statusText(answer)}`);
  }

  /** The keys under the prefix, as the store lists them. */
  async listedKeys(): Promise<string[]> {
    const query = { 'list-type': '2', prefix: this.prefix, 'max-keys': PAGE };
    const answer = await this.tried({ method: 'GET', query });
    if (answer.status !== OK) throw new Obstacle(`a listing answers ${statusText(answer)}`);
    return textsIn(answer, 'Key');
  }

  /** Whether the bucket keeps old versions; undefined where this identity may not ask. */
  async keepsVersions(): Promise<boolean | undefined> {
    const answer = await this.send({ method: 'GET', query: { versioning: '' } });
    if (answer.status !== OK) return undefined;
    return textsIn(answer, 'Status')[0] === 'Enabled';
  }

  /**
   * Removes all it has written, old versions too. It never throws.
   *
   * @returns the keys that may still be there
   */
  async cleanUp(): Promise<string[]> {
    const stay: string[] = [];
    for (const key of this.keys) {
      const isGone = await this.isDone({ method: 'DELETE', key });
      if (!isGone) stay.push(key);
    }
    await this.removeVersions().catch(() => undefined);
    return stay;
  }

  /** Asks for anything in the bucket. */
  send(request: StoreRequest): Promise<StoreAnswer> {
    return this.store.send({ bucket: this.bucket, deadlineMs: REQUEST_MS, ...request });
  }

  private async removeVersions(): Promise<void> {
    if ((await this.keepsVersions()) === false) return;
    const query = { versions: '', prefix: this.prefix, 'max-keys': PAGE };
    const answer = await this.send({ method: 'GET', query });
    const keys = textsIn(answer, 'Key');
    const versions = textsIn(answer, 'VersionId');
    for (const [index, versionId] of versions.entries()) {
      const key = keys[index] ?? '';
      if (!key.startsWith(this.prefix)) continue;
      await this.isDone({ method: 'DELETE', key, query: { versionId } });
    }
  }

  private async isDone(request: StoreRequest): Promise<boolean> {
    try {
      const { status } = await this.send(request);
      return (status >= OK && status < 300) || status === NOT_FOUND;
    } catch {
      return false;
    }
  }

  private async tried(request: StoreRequest): Promise<StoreAnswer> {
    const answer = await this.send(request);
    this.note(answer);
    const { status } = answer;
    const code = errorCodeOf(answer);
    if (code === 'RequestTimeTooSkewed')
      throw new Obstacle('the clock of the store and the one here are too far apart');
    if (status === 401 || status === 403)
      throw new Obstacle(`this identity may not (${statusText(answer)})`);
    if (code === 'NoSuchBucket') throw new Obstacle(`there is no bucket ${this.bucket}`);
    return answer;
  }

  private note({ headers }: StoreAnswer): void {
    const at = Date.parse(headers.date ?? '');
    this.seen = {
      server: headers.server ?? this.seen.server,
      skewMs: Number.isNaN(at) ? this.seen.skewMs : at - Date.now(),
    };
  }
}

/** True for an answer that says that it was done. */
export function succeeded({ status }: StoreAnswer): boolean {
  return status >= OK && status < 300;
}
