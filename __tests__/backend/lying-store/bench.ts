import { etagOf } from '../../../backend/lying-store/bucket.ts';
import { VirtualClock } from '../../../backend/lying-store/clock.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import type { Lie } from '../../../backend/lying-store/lie.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { StoreTrouble } from '../../../backend/store/store-trouble.ts';

const BUCKET = 'tofu-state';
const KEY = 'attic/terraform.tfstate';
const OTHER_KEY = 'other/terraform.tfstate';
const LOCK = `${KEY}.tflock`;
const LINEAGE = '0b7a3f1c-1111-4222-8333-444455556666';

/** A state as tofu writes one. */
function stateOf(serial: number): Buffer {
  const resources = [
    {
      mode: 'managed',
      type: 'terraform_data',
      name: 'probe',
      instances: [{ attributes: { id: '5d6018bb-9b2f-d144-0603-d6dc316bf410' } }],
    },
  ];
  const state = { version: 4, serial, lineage: LINEAGE, outputs: {}, resources };
  return Buffer.from(`${JSON.stringify(state)}\n`);
}

function lockOf(id: string): Buffer {
  return Buffer.from(JSON.stringify({ ID: id, Who: 'a@b', Path: `${BUCKET}/${KEY}` }));
}

/** A store with three states of a stack, that can be asked by words, and answers in words. */
export class Bench {
  readonly clock = new VirtualClock();
  readonly truth = new HonestStore({ bucket: BUCKET, others: ['attic'], clock: this.clock });
  readonly store: LyingStore;
  private asked: Store;
  private deadlineMs = 30_000;

  private constructor(seed: number) {
    this.store = new LyingStore(this.truth, { seed });
    this.asked = this.store;
  }

  static async withThreeStates(seed = 1): Promise<Bench> {
    const bench = new Bench(seed);
    for (const serial of [1, 2, 3]) {
      await bench.ask(`LOCK run-${serial}`);
      await bench.ask(`PUT ${serial}`);
      await bench.ask('UNLOCK');
    }
    bench.truth.plant(BUCKET, OTHER_KEY, stateOf(1));
    await bench.clock.sleep(60_000);
    return bench;
  }

  /** A store with its buckets and nothing in them. */
  static empty(): Bench {
    return new Bench(1);
  }

  lie(...lies: readonly Lie[]): void {
    this.store.lie(lies);
  }

  /** Asks a client of the store from now on, for so long each time. */
  askOver(client: Store, deadlineMs: number): void {
    this.asked = client;
    this.deadlineMs = deadlineMs;
  }

  async askAll(words: readonly string[]): Promise<string[]> {
    const answers: string[] = [];
    for (const word of words) answers.push(await this.ask(word));
    return answers;
  }

  /** Asks, and says what came. */
  async ask(word: string): Promise<string> {
    const [verb = '', ...rest] = word.split(' ');
    if (verb === 'WAIT') {
      await this.clock.sleep(Number(rest[0]));
      return '';
    }
    if (verb === 'RACE') {
      const both = await Promise.all([this.ask('LOCK left'), this.ask('LOCK right')]);
      return both.sort().join(' and ');
    }
    const answer = await this.say(this.requestOf(word));
    // Of a lock only its holder matters.
    return verb.endsWith('LOCK') ? answer.replace(' other etag', '') : answer;
  }

  /** What a read of the state gives. */
  async body(): Promise<string> {
    return (await this.store.send({ method: 'GET', key: KEY })).body.toString('utf8');
  }

  /** Makes the store hold what it held first, past all lies. */
  async restore(): Promise<void> {
    this.truth.plant(BUCKET, LOCK, lockOf('run-3'));
    const extra = this.truth.bucketNamed(BUCKET)?.keys() ?? [];
    for (const key of extra.filter((each) => each !== KEY)) this.truth.uproot(BUCKET, key);
    for (const serial of [2, 3]) this.truth.plant(BUCKET, KEY, stateOf(serial));
    this.truth.plant(BUCKET, OTHER_KEY, stateOf(1));
    await this.clock.sleep(60_000);
  }

  private requestOf(word: string): StoreRequest {
    const [verb = '', first = '', , over] = word.split(' ');
    const list = (query: Readonly<Record<string, string>>): StoreRequest => ({
      method: 'GET',
      query,
    });
    const ifMatch = over === undefined ? undefined : this.etagOf(Number(over));
    const requests: Readonly<Record<string, () => StoreRequest>> = {
      GET: () => ({ method: 'GET', key: KEY }),
      HEAD: () => ({ method: 'HEAD', key: KEY }),
      PUT: () => ({
        method: 'PUT',
        key: KEY,
        body: stateOf(Number(first)),
        ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }),
      }),
      LOCK: () => ({
        method: 'PUT',
        key: LOCK,
        headers: { 'if-none-match': '*' },
        body: lockOf(first),
      }),
      'READ-LOCK': () => ({ method: 'GET', key: LOCK }),
      UNLOCK: () => ({ method: 'DELETE', key: LOCK }),
      LIST: () => list({ 'list-type': '2' }),
      VERSIONS: () => list({ versions: '' }),
      VERSIONING: () => list({ versioning: '' }),
      BUCKETS: () => ({ method: 'GET', bucket: '' }),
      'HEAD-BUCKET': () => ({ method: 'HEAD' }),
    };
    const make = requests[verb];
    if (make === undefined) throw new Error(`no such word: ${word}`);
    return make();
  }

  private etagOf(serial: number): string {
    const versions = this.truth.bucketNamed(BUCKET)?.versionsOf(KEY) ?? [];
    return versions.find(({ body }) => body?.equals(stateOf(serial)))?.etag ?? 'none';
  }

  private async say(request: StoreRequest): Promise<string> {
    const before = this.clock.now();
    try {
      const answer = await this.asked.send({ ...request, deadlineMs: this.deadlineMs });
      const late = this.clock.now() - before;
      return `${answer.status} ${said(answer, this.clock.now())}${late > 0 ? ` after ${late} ms` : ''}`
        .replace('  ', ' ')
        .trim();
    } catch (error) {
      if (error instanceof StoreTrouble) return error.kind;
      throw error;
    }
  }
}

/** What an answer holds, in a few words. */
function said({ headers, body }: StoreAnswer, now: number): string {
  const text = body.toString('utf8');
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
  if (code !== undefined) return `${code}${extras(headers, now)}`;
  if (text === '') return `${sizeOf(headers)}${extras(headers, now)}`.trim();
  return `${contents(text, body)}${extras(headers, now)}`;
}

function contents(text: string, body: Buffer): string {
  const names = [...text.matchAll(/<(?:Key|Name)>([^<]*)</g)].map(([, name]) => name);
  if (text.includes('<ListAllMyBuckets')) return `buckets ${names.join(' ')}`;
  if (text.includes('<VersioningConfiguration')) {
    return `versioning ${/<Status>(\w+)/.exec(text)?.[1] ?? 'none'}`;
  }
  if (text.includes('<ListVersionsResult')) {
    return `versions ${(text.match(/<Version>/g) ?? []).length}`;
  }
  if (text.includes('<ListBucketResult')) {
    const more = text.includes('<IsTruncated>true') ? ' and more' : '';
    return `lists ${names.slice(1).join(' ') || 'nothing'}${more}`;
  }
  if (/^<!?\w+/.test(text)) return /<title>(.*?)</i.exec(text)?.[1] ?? 'markup';
  return stateText(text, body);
}

function stateText(text: string, body: Buffer): string {
  try {
    const { version, serial, lineage, resources, ID: id } = JSON.parse(text);
    if (id !== undefined) return `lock ${id}`;
    const differs = lineage === LINEAGE ? [] : ['other lineage'];
    const others = version === 4 ? [] : [`version ${version}`];
    const holds = resources.length === 0 ? ['empty'] : [];
    const whole = body.equals(stateOf(serial)) ? [] : ['changed'];
    return [`serial ${serial}`, ...others, ...differs, ...holds, ...whole].join(', ');
  } catch {
    return `${body.length} bytes, no JSON`;
  }
}

/** A size that a head tells without its body; what was written is acknowledged without one. */
function sizeOf({ 'content-length': length, ...headers }: StoreAnswer['headers']): string {
  return length === '0' && !('accept-ranges' in headers) ? '' : `${length ?? 'no'} bytes`;
}

const ETAGS = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(
  (serial) => [etagOf(stateOf(serial)), serial] as const,
);
const SERIAL_OF = new Map(ETAGS);

function extras(
  { etag, date = '', location, ...headers }: StoreAnswer['headers'],
  now: number,
): string {
  const serial = SERIAL_OF.get(etag ?? '');
  const tagged = serial === undefined ? 'other etag' : `etag of ${serial}`;
  const isObject = 'accept-ranges' in headers && headers['content-length'] !== undefined;
  return [
    etag === undefined ? (isObject ? ' no etag' : '') : ` ${tagged}`,
    isAhead(date, now) ? ' an hour ahead' : '',
    location === undefined ? '' : ` to ${location}`,
    headers['x-rustfs-readiness-pending'] === undefined ? '' : ' pending',
  ].join('');
}

function isAhead(date: string, now: number): boolean {
  return Date.parse(date) - now > 3_000_000;
}
