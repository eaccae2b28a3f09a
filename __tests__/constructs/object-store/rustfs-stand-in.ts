import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface User {
  secretKey: string;
  status: string;
  policyName?: string;
  memberOf?: readonly string[];
}

interface Bucket {
  durability: string | null;
  readonly documents: Map<string, string>;
}

interface Answer {
  readonly status: number;
  readonly body?: string;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly caller: string;
}

const ROOT = { accessKeyId: 'ROOTKEY', secretAccessKey: 'root-secret' };
const ABSENT: Record<string, string> = {
  lifecycle: 'NoSuchLifecycleConfiguration',
  publicAccessBlock: 'NoSuchPublicAccessBlockConfiguration',
};

/**
 * A RustFS as far as the bucket Job speaks to it: S3, the administration of its identities, and signatures that are
 * computed anew and compared. It keeps what it is told. Shapes and codes are those of RustFS 1.0.1.
 */
export class RustFsStandIn {
  readonly buckets = new Map<string, Bucket>();
  readonly policies = new Map<string, unknown>();
  readonly users = new Map<string, User>();
  readonly writes: string[] = [];

  /** Buckets that answer but are missing from the list. */
  readonly unlisted = new Set<string>();

  /** Answers with 503 so many times before it is ready. */
  notReady = 0;

  /** What to answer instead, where the test says so. */
  misbehave: (request: Request) => Answer | undefined = () => undefined;

  private readonly server: Server = createServer((request, response) => {
    void this.answer(request).then(({ status, body = '' }) => response.writeHead(status).end(body));
  });

  static readonly root = ROOT;

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** A bucket as an older version or another hand may have left it. */
  addBucket(name: string): Bucket {
    const bucket: Bucket = { durability: null, documents: new Map() };
    this.buckets.set(name, bucket);
    return bucket;
  }

  private async answer(incoming: IncomingMessage): Promise<Answer> {
    const body = await textOf(incoming);
    if (this.notReady > 0) {
      this.notReady -= 1;
      return error(503, 'ServiceUnavailable');
    }
    const refusal = this.verify(incoming, body);
    if (typeof refusal !== 'string') return refusal;
    const url = new URL(incoming.url ?? '/', 'http://store');
    const request: Request = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      body,
      caller: refusal,
    };
    const odd = this.misbehave(request);
    if (odd !== undefined) return odd;
    const answer = this.route(request);
    if (request.method === 'PUT' && answer.status < 300)
      this.writes.push(
        `${url.pathname}${[...url.searchParams.keys()].slice(0, 1).map((key) => `?${key}`)}`,
      );
    return answer;
  }

  /** The access key of the caller, or the answer to one whose signature is wrong. */
  private verify(incoming: IncomingMessage, body: string): string | Answer {
    const header =
      /Credential=([^/]+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request, SignedHeaders=(\S+), Signature=(\w{64})/.exec(
        incoming.headers.authorization ?? '',
      );
    if (header === null) return error(403, 'AccessDenied');
    const [, key = '', day = '', region = '', names = '', signature] = header;
    const user = this.users.get(key);
    const secret = key === ROOT.accessKeyId ? ROOT.secretAccessKey : user?.secretKey;
    if (secret === undefined || (user !== undefined && user.status !== 'enabled'))
      return error(403, 'InvalidAccessKeyId');
    if (incoming.headers['x-amz-content-sha256'] !== sha256(body)) return error(400, 'BadDigest');
    const [path = '', query = ''] = (incoming.url ?? '').split('?');
    const headers = names.split(';').map((name) => `${name}:${incoming.headers[name]}`);
    const canonical = [incoming.method, path, query, ...headers, '', names, sha256(body)].join(
      '\n',
    );
    const scope = `${day}/${region}/s3/aws4_request`;
    const toSign = ['AWS4-HMAC-SHA256', incoming.headers['x-amz-date'], scope, sha256(canonical)];
    const signingKey = scope
      .split('/')
      .reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`);
    const expected = hmac(signingKey, toSign.join('\n')).toString('hex');
    return expected === signature ? key : error(403, 'SignatureDoesNotMatch');
  }

  private route(request: Request): Answer {
    const admin = /^\/rustfs\/admin\/v3\/(.+)$/.exec(request.path)?.[1];
    if (admin !== undefined) {
      return request.caller === ROOT.accessKeyId
        ? this.administer(admin, request)
        : error(403, 'AccessDenied');
    }
    const name = request.path.slice(1);
    if (name === '') return this.listBuckets();
    return this.mayList(request.caller, name)
      ? this.bucket(name, request)
      : error(403, 'AccessDenied');
  }

  private listBuckets(): Answer {
    const names = [...this.buckets.keys()].filter((name) => !this.unlisted.has(name));
    const list = names.map((name) => `<Bucket><Name>${name}</Name></Bucket>`).join('');
    return ok(
      `<?xml version="1.0"?><ListAllMyBucketsResult><Buckets>${list}</Buckets></ListAllMyBucketsResult>`,
    );
  }

  private mayList(caller: string, bucket: string): boolean {
    if (caller === ROOT.accessKeyId) return true;
    const policy = this.policies.get(this.users.get(caller)?.policyName ?? '');
    const text = JSON.stringify(policy ?? '');
    return text.includes('"s3:ListBucket"') && text.includes(`"arn:aws:s3:::${bucket}"`);
  }

  private bucket(name: string, { method, query, body }: Request): Answer {
    const [subresource = ''] = query.keys();
    if (method === 'PUT' && subresource === '') {
      this.addBucket(name);
      return ok();
    }
    const bucket = this.buckets.get(name);
    if (bucket === undefined) return error(404, 'NoSuchBucket');
    if (method === 'HEAD' || subresource === 'list-type') return ok('<ListBucketResult/>');
    if (method === 'PUT') {
      bucket.documents.set(subresource, body);
      return ok();
    }
    const document = bucket.documents.get(subresource);
    if (document !== undefined) return ok(document);
    const absent = ABSENT[subresource];
    return absent === undefined ? ok('<VersioningConfiguration/>') : error(404, absent);
  }

  private administer(path: string, { method, query, body }: Request): Answer {
    const durable = this.buckets.get(/^bucket-durability\/(.+)$/.exec(path)?.[1] ?? '');
    if (durable !== undefined) {
      if (method === 'PUT') durable.durability = JSON.parse(body).mode;
      return ok(JSON.stringify({ mode: durable.durability }));
    }
    const work = this.administration[path];
    return work === undefined
      ? error(404, 'NoSuchBucket')
      : work((name) => query.get(name) ?? '', body);
  }

  private readonly administration: Record<
    string,
    (parameter: (name: string) => string, body: string) => Answer
  > = {
    'info-canned-policy': (parameter) => {
      const name = parameter('name');
      const policy = this.policies.get(name);
      if (policy === undefined) return error(404, 'NoSuchResource');
      return ok(JSON.stringify({ policy_name: name, policy }));
    },
    'add-canned-policy': (parameter, body) => {
      this.policies.set(parameter('name'), JSON.parse(body));
      return ok();
    },
    'user-info': (parameter) => {
      const user = this.users.get(parameter('accessKey'));
      return user === undefined ? error(404, 'NoSuchResource') : ok(JSON.stringify(shown(user)));
    },
    'add-user': (parameter, body) => {
      const key = parameter('accessKey');
      this.users.set(key, { ...this.users.get(key), ...JSON.parse(body) });
      return ok();
    },
    'set-user-or-group-policy': (parameter) => {
      const user = this.users.get(parameter('userOrGroup'));
      if (user === undefined) return error(400, 'InvalidArgument');
      user.policyName = parameter('policyName');
      return ok();
    },
    'list-users': () => {
      const users = [...this.users].map(([key, user]) => [key, shown(user)]);
      return ok(JSON.stringify(Object.fromEntries(users)));
    },
  };
}

/** A user as RustFS tells of it: what there is not is left out, and the secret is never told. */
function shown({ status, policyName, memberOf }: User) {
  return { policyName, status, memberOf, updatedAt: '2026-11-21T12:00:00Z' };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function ok(body = ''): Answer {
  return { status: 200, body };
}

function error(status: number, code: string): Answer {
  return {
    status,
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>what ${code} means</Message></Error>`,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
