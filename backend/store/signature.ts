import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { StoreKeys } from './store-access.ts';

/** A request as it is signed. */
export interface SignableRequest {
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Percent-encoded, with its leading slash. */
  readonly path: string;
  /** Decoded names and values; a name alone has an empty value. */
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who is to have signed a request, and for where. */
export interface Signer {
  readonly keys: StoreKeys;
  readonly region: string;
}

/** What is wrong with the signature of a request, in the code that S3 gives it. */
export type SignatureFault =
  | 'AccessDenied'
  | 'InvalidAccessKeyId'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** As S3 has it. */
const SKEW_MS = 15 * 60_000;

/** The SHA-256 of what a request or an object holds, in hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The headers of a request with its signature (AWS Signature Version 4).
 *
 * @param body what is sent, whose hash is signed with it
 */
export async function signedHeaders(
  request: SignableRequest,
  body: Uint8Array,
  signer: Signer,
): Promise<Record<string, string>> {
  const headers = { ...request.headers, 'x-amz-content-sha256': sha256(body) };
  const signed = await sign({ ...request, headers }, signer, new Date());
  return { ...signed };
}

/**
 * What is wrong with the signature of a request that came in; undefined when it is right.
 *
 * That the body is what was signed is not looked at: its hash has to be compared with `x-amz-content-sha256`.
 */
export async function signatureFault(
  request: SignableRequest,
  signer: Signer,
  now: Date = new Date(),
): Promise<SignatureFault | undefined> {
  const [, accessKeyId, day, region, names, signature] =
    AUTHORIZATION.exec(request.headers.authorization ?? '') ?? [];
  const at = dateOf(request.headers['x-amz-date']);
  if (!names || !signature || at === undefined) return 'AccessDenied';
  if (accessKeyId !== signer.keys.accessKeyId) return 'InvalidAccessKeyId';
  if (Math.abs(now.getTime() - at.getTime()) > SKEW_MS) return 'RequestTimeTooSkewed';
  const headers = Object.fromEntries(
    names.split(';').map((name) => [name, request.headers[name] ?? '']),
  );
  if (!isBound(headers, day) || region !== signer.region) return 'SignatureDoesNotMatch';
  const signed = await sign({ ...request, headers }, signer, at);
  const expected = AUTHORIZATION.exec(signed.authorization ?? '')?.[5] ?? '';
  return isEqual(expected, signature) ? undefined : 'SignatureDoesNotMatch';
}

/** The signature must cover what makes a request this one: for whom it is, when, and what it holds. */
function isBound(headers: Readonly<Record<string, string>>, day: string | undefined): boolean {
  const covered = ['host', 'x-amz-date', 'x-amz-content-sha256'].every((name) => name in headers);
  return covered && headers['x-amz-date']?.startsWith(day ?? '-') === true;
}

async function sign(request: SignableRequest, { keys, region }: Signer, signingDate: Date) {
  const { protocol, hostname, port, host } = new URL(request.origin);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials: keys,
    sha256: Sha256,
    // S3 signs the path as it stands in the request.
    uriEscapePath: false,
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    new HttpRequest({
      method: request.method,
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: request.path,
      query: { ...request.query },
      headers: { host, ...request.headers },
    }),
    { signingDate, signableHeaders: new Set(Object.keys(request.headers)) },
  );
  return headers;
}

function dateOf(text: string | undefined): Date | undefined {
  const [, ...parts] = DATE.exec(text ?? '') ?? [];
  const [year = '', month, day, hour, minute, second] = parts;
  if (year === '') return undefined;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

/** The hash that the signer asks for, by the one that Node has. */
class Sha256 {
  private readonly hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}
