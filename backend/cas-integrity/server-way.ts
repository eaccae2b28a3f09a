import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type ByteStream, unzstd } from '../../operations/zstd/unzstd.ts';
import { printable } from '../../values/invalid-value.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { type Digest, EMPTY_HASH } from './digest.ts';
import { type Evidence, hashed, twiceWhereCut } from './evidence.ts';
import type { ServerAddress } from './server-address.ts';
import { ask, type StreamedAnswer, wordsOf } from './streamed-answer.ts';
import { undecodable } from './undecodable.ts';
import { ACCOUNT } from './variables.ts';

const MOST_SAID = 200;

/** Whether a server answers at all, and what that means. */
export interface Health {
  /** 200 and 401 are both a server that answers. */
  readonly reachable: boolean;
  /** For people; continues its address. */
  readonly detail: string;
}

const TROUBLES: Readonly<Partial<Record<StoreTrouble['kind'], string>>> = {
  refused: 'refuses connections: the address is wrong, or the server is down',
  unresolved:
    'has a name without an address: only pods know the names of Services, so forward its port',
  timeout:
    'does not answer in time: the network is in the way, or a policy of it lets nobody in from here, so forward its port',
};

/** The cache as builds see it: over HTTP, from the disk of the server or from the bucket behind it. */
export class ServerWay {
  readonly address: ServerAddress;
  private readonly agent: HttpAgent;
  private readonly idleMs: number | undefined;

  /** @param idleMs how long nothing may arrive. Default 30000 */
  constructor(address: ServerAddress, idleMs?: number) {
    this.address = address;
    this.idleMs = idleMs;
    const { protocol } = new URL(address.url);
    this.agent =
      protocol === 'https:'
        ? new HttpsAgent({ keepAlive: true })
        : new HttpAgent({ keepAlive: true });
  }

  /** Asks for the empty blob, which every bazel-remote answers out of hand, even while it is busy. */
  async health(): Promise<Health> {
    try {
      const answer = await this.send('HEAD', EMPTY_HASH);
      await wordsOf(answer);
      return healthOf(answer.status);
    } catch (error) {
      if (!(error instanceof StoreTrouble)) throw error;
      return {
        reachable: false,
        detail: TROUBLES[error.kind] ?? `cannot be asked: ${error.message}`,
      };
    }
  }

  /** What a build would get, hashed as it arrives. */
  look(digest: Digest): Promise<Evidence> {
    return twiceWhereCut(() => this.lookOnce(digest));
  }

  /** Where a blob is asked for. */
  urlOf({ hash }: Pick<Digest, 'hash'>): string {
    return `${this.address.url}/cas/${hash}`;
  }

  /** Gives the connections back. */
  close(): void {
    this.agent.destroy();
  }

  private async lookOnce({ hash }: Digest): Promise<Evidence> {
    try {
      const answer = await this.send('GET', hash);
      return answer.status === 200 ? await bodyEvidence(answer) : await refusal(answer);
    } catch (error) {
      if (error instanceof StoreTrouble) return { seen: 'nothing', because: error.message };
      throw error;
    }
  }

  private send(method: 'GET' | 'HEAD', hash: string): Promise<StreamedAnswer> {
    const { authorization } = this.address;
    return ask({
      method,
      url: new URL(this.urlOf({ hash })),
      headers: {
        // What is asked for in zstd is the object with its header; what is not is what builds get.
        'accept-encoding': 'identity',
        ...(authorization === undefined ? {} : { authorization }),
      },
      agent: this.agent,
      idleMs: this.idleMs,
    });
  }
}

function healthOf(status: number): Health {
  if (status === 200) return { reachable: true, detail: 'answers' };
  if (status === 401) {
    return {
      reachable: true,
      detail: `answers, and wants an account: set ${ACCOUNT} to user:password of its htpasswd file`,
    };
  }
  return {
    reachable: false,
    detail: `answers ${status} for the empty blob, which every bazel-remote has: it is none, or the path is wrong`,
  };
}

/** Whoever stands between may encode what was asked for plain. */
async function bodyEvidence({ headers, body, arrived }: StreamedAnswer): Promise<Evidence> {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return await hashed({ decoded: body, arrived });
  if (encoding === 'zstd') return await hashed({ decoded: decompressed(body, arrived), arrived });
  await wordsOf({ body });
  return { seen: 'nothing', because: `it is answered in the encoding ${printable(encoding)}` };
}

async function* decompressed(body: ByteStream, arrived: () => number): AsyncGenerator<Uint8Array> {
  try {
    yield* unzstd(body);
  } catch (error) {
    throw undecodable(error, arrived(), 'is answered in zstd, and is none');
  }
}

async function refusal(answer: StreamedAnswer): Promise<Evidence> {
  const said = (await wordsOf(answer)).toString('utf8');
  if (answer.status === 404) return { seen: 'absent' };
  if (answer.status === 401 || answer.status === 403) {
    const because = `the server answers ${answer.status}: set ${ACCOUNT} to an account that may read`;
    return { seen: 'nothing', because };
  }
  const words = printable(said.trim().split('\n')[0] ?? '').slice(0, MOST_SAID);
  const because = `the server answers ${answer.status}${words === '' ? '' : ` (${words})`}; it may fail to read its own object, so look in the bucket too`;
  return { seen: 'nothing', because };
}
