import { setTimeout as pause } from 'node:timers/promises';
import { isState, readState, type StateFacts } from '../state/state-document.ts';
import { errorCodeOf, textsIn } from '../store/answer-xml.ts';
import { sha256 } from '../store/signature.ts';
import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import type { Answer, Evidence, Exchange, Step } from './evidence.ts';

/** What is read out of the body of an answer before it is forgotten. */
export type Reading = 'buckets' | 'holder' | 'listing' | 'nothing' | 'state';

/** After these nothing else is asked: every request would come to the same, and may wait as long. */
const HOPELESS: readonly string[] = ['refused', 'timeout', 'tls', 'unresolved'];
/** A passing trouble of a store is none of a state: clients try again as well. */
const MAX_REPEATS = 1;
const PASSING: readonly number[] = [500, 502, 503, 504];
const CONFLICT = 409;
const REPEAT_PAUSE_MS = 50;

/** Asks a store step by step, and keeps of each answer what can be judged. */
export class Interview {
  readonly steps: Evidence['steps'] = {};
  /** Why nothing else is asked. */
  stopped: string | undefined;
  readonly bucket: string;
  private readonly store: Store;
  private readonly requestMs: number;
  private readonly readings = new Map<string, Partial<Answer>>();
  private repeats = 0;

  constructor({ store, bucket, requestMs }: InterviewOptions) {
    this.store = store;
    this.bucket = bucket;
    this.requestMs = requestMs;
  }

  /** Sends one request; undefined where nothing is asked any more. It never throws. */
  async ask(
    step: Step,
    request: StoreRequest,
    reading: Reading = 'nothing',
  ): Promise<Answer | undefined> {
    if (this.stopped !== undefined) return undefined;
    const exchange = await this.exchange(request, reading);
    this.steps[step] = exchange;
    if (exchange.trouble !== undefined && HOPELESS.includes(exchange.trouble.kind)) {
      this.stopped = `${exchange.request}: ${exchange.trouble.message}`;
    }
    return exchange.answer;
  }

  /** Removes an object, whatever happened before; false when it may still be there. */
  async remove(key: string): Promise<boolean> {
    const { answer } = await this.once({ method: 'DELETE', key }, 'nothing');
    return answer !== undefined && isDone(answer);
  }

  private async exchange(request: StoreRequest, reading: Reading): Promise<Exchange> {
    const first = await this.once(request, reading);
    if (!mayRepeat(request, first) || this.repeats >= MAX_REPEATS) return first;
    this.repeats += 1;
    await pause(REPEAT_PAUSE_MS);
    return { ...(await this.once(request, reading)), tries: 2 };
  }

  private async once(request: StoreRequest, reading: Reading): Promise<Exchange> {
    const { bucket = this.bucket, key, body } = request;
    const path = [bucket, ...(key === undefined ? [] : [key])].join('/');
    const began = Date.now();
    const told = {
      request: `${request.method} ${path === '' ? '/' : path}`,
      tries: 1,
      ...(body === undefined ? {} : { sent: sha256(body) }),
    };
    try {
      const answer = await this.store.send({
        ...request,
        bucket,
        deadlineMs: this.requestMs,
      });
      return { ...told, ms: Date.now() - began, answer: this.factsOf(answer, reading) };
    } catch (error) {
      if (!(error instanceof StoreTrouble)) throw error;
      const { kind, message } = error;
      return { ...told, ms: Date.now() - began, trouble: { kind, message } };
    }
  }

  private factsOf(answer: StoreAnswer, reading: Reading): Answer {
    const { status, headers, body } = answer;
    const length = headers['content-length'];
    const hash = sha256(body);
    return {
      status,
      code: body.includes('<Error') ? errorCodeOf(answer) : '',
      ...(headers.etag === undefined ? {} : { etag: headers.etag }),
      ...(/^\d+$/.test(length ?? '') ? { length: Number(length) } : {}),
      size: body.length,
      hash,
      ...(status === 200 ? this.readingOf(answer, hash, reading) : {}),
    };
  }

  /** A state is read twice, and a hundred megabytes are parsed once. */
  private readingOf(answer: StoreAnswer, hash: string, reading: Reading): Partial<Answer> {
    const place = `${reading} ${hash}`;
    const known = this.readings.get(place) ?? READERS[reading](answer);
    this.readings.set(place, known);
    return known;
  }
}

/** How a store is asked. */
export interface InterviewOptions {
  readonly store: Store;
  readonly bucket: string;
  /** How long one request may take, in milliseconds. */
  readonly requestMs: number;
}

/** True for an answer that says that it was done. An error in the body outweighs the status before it. */
export function isDone({ status, code }: Answer): boolean {
  return status >= 200 && status < 300 && code === '';
}

/** What was not done, or may be done twice. A condition is not asked again of a store that may have done it. */
function mayRepeat({ headers = {} }: StoreRequest, { answer, trouble }: Exchange): boolean {
  const status = answer?.status ?? 0;
  if (status === CONFLICT) return true;
  return (
    headers['if-none-match'] === undefined && (trouble?.kind === 'cut' || PASSING.includes(status))
  );
}

const READERS: Readonly<Record<Reading, (answer: StoreAnswer) => Partial<Answer>>> = {
  nothing: () => ({}),
  buckets: (answer) =>
    text(answer).includes('<ListAllMyBucketsResult') ? { names: textsIn(answer, 'Name') } : {},
  state: ({ body }) => {
    const read = readState(body);
    return { state: isState(read) ? clearParts(read) : read };
  },
  holder: ({ body }) => {
    const holder = holderIn(body);
    return holder === undefined ? {} : { holder };
  },
  listing: (answer) => {
    const [sizes, etags] = [textsIn(answer, 'Size'), textsIn(answer, 'ETag')];
    const isCut = textsIn(answer, 'IsTruncated')[0] === 'true';
    const entries = textsIn(answer, 'Key').map((key, index) => {
      const size = sizes[index];
      const etag = etags[index] ?? '';
      return { key, etag, ...(size === undefined ? {} : { size: Number(size) }) };
    });
    const isWhole = text(answer).includes('<ListBucketResult');
    return isWhole
      ? { entries, truncated: isCut && textsIn(answer, 'NextContinuationToken').length === 0 }
      : {};
  },
};

function text({ body }: StoreAnswer): string {
  return body.toString('utf8');
}

function clearParts({ instances, ...facts }: StateFacts) {
  return instances === undefined ? facts : { ...facts, instances };
}

/** Who holds a lock, as tofu writes it. */
function holderIn(bytes: Buffer): Answer['holder'] {
  try {
    const { ID, Who, Operation, Created } = JSON.parse(bytes.toString('utf8'));
    const texts = [ID, Who, Operation, Created];
    if (!texts.every((text) => typeof text === 'string') || ID === '') return undefined;
    return { id: ID, who: Who, operation: Operation, created: Created };
  } catch {
    return undefined;
  }
}
