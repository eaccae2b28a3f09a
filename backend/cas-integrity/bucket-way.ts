import type { Agent } from 'node:http';
import { errorCodeOf } from '../store/answer-xml.ts';
import { signedHeaders } from '../store/signature.ts';
import { storeAddress, storeAgent } from '../store/store-address.ts';
import { StoreClient } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import type { BucketAccess } from './bucket-access.ts';
import { type ListedObject, listedObjects } from './bucket-listing.ts';
import { type CasblobNotes, decodedCasblob } from './decoded-casblob.ts';
import { keyOf, type Layout } from './digest.ts';
import { type Evidence, hashed, twiceWhereCut } from './evidence.ts';
import { ask, type StreamedAnswer, wordsOf } from './streamed-answer.ts';

const NOTHING = new Uint8Array();

/** The cache as it lies in its bucket. It is only read. */
export class BucketWay {
  readonly access: BucketAccess;
  private readonly lister: StoreClient;
  private readonly agent: Agent;
  private readonly idleMs: number | undefined;

  /** @param idleMs how long nothing may arrive. Default 30000 */
  constructor(access: BucketAccess, idleMs?: number) {
    this.access = access;
    this.idleMs = idleMs;
    this.lister = new StoreClient(access);
    this.agent = storeAgent(access);
  }

  /** Every object of the cache, by its key. */
  objects(): AsyncGenerator<ListedObject> {
    return listedObjects(this.lister, this.access.bucket, this.access.prefix);
  }

  /** What an object decodes to, hashed as it arrives. */
  look(layout: Layout, hash: string): Promise<Evidence> {
    return twiceWhereCut(() => this.lookOnce(layout, hash));
  }

  /** The key of a blob. */
  keyOf(layout: Layout, hash: string): string {
    return keyOf(this.access.prefix, layout, hash);
  }

  /** Gives the connections back. */
  close(): void {
    this.lister.close();
    this.agent.destroy();
  }

  private async lookOnce(layout: Layout, hash: string): Promise<Evidence> {
    try {
      const answer = await this.get(this.keyOf(layout, hash));
      if (answer.status !== 200) return await refusal(answer);
      const { body, arrived } = answer;
      if (layout === 'cas') return await hashed({ decoded: body, arrived });
      const notes: CasblobNotes = {};
      const decoded = decodedCasblob(body, notes);
      return await hashed({ decoded, arrived, claimed: () => notes.claimed });
    } catch (error) {
      if (error instanceof StoreTrouble) return { seen: 'nothing', because: error.message };
      throw error;
    }
  }

  /** As the client of the store asks, only that the body may have any length. */
  private async get(key: string): Promise<StreamedAnswer> {
    const { keys, region } = this.access;
    const { origin, path } = storeAddress(this.access, { key });
    const headers = await signedHeaders(
      { method: 'GET', origin, path, query: {}, headers: { 'accept-encoding': 'identity' } },
      NOTHING,
      { keys, region },
    );
    const url = new URL(`${origin}${path}`);
    return await ask({ method: 'GET', url, headers, agent: this.agent, idleMs: this.idleMs });
  }
}

async function refusal(answer: StreamedAnswer): Promise<Evidence> {
  const code = errorCodeOf({ body: await wordsOf(answer) });
  if (answer.status === 404 && code !== 'NoSuchBucket') return { seen: 'absent' };
  return { seen: 'nothing', because: `the store answers ${answer.status} ${code}`.trim() };
}
