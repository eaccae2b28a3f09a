import type { IncomingHttpHeaders } from 'node:http';
import { type Signer, sha256, signatureFault } from '../store/signature.ts';
import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { errorAnswer } from './answers.ts';
import { provedChecksums } from './checksums.ts';

/** A request as it came over the wire. */
export interface Arrival {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Whom a gateway lets in, and under which address. */
export interface Door {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly signer: Signer;
}

const METHODS = ['DELETE', 'GET', 'HEAD', 'POST', 'PUT'] as const;
const HASH = /^[0-9a-f]{64}$/;
const BAD_REQUEST = 400;
const FORBIDDEN = 403;

/** A request of somebody who has the keys of this run, whose body is what was signed; or the answer to any other. */
export async function admitted(
  { method: named, target, headers: raw, body }: Arrival,
  { origin, signer }: Door,
): Promise<StoreAnswer | StoreRequest> {
  const method = METHODS.find((each) => each === named);
  if (method === undefined) return errorAnswer(405, 'MethodNotAllowed', 'no such method is known');
  const { pathname: path, search } = splitTarget(target);
  const query = Object.fromEntries(new URLSearchParams(search));
  const headers = Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [name, String(value)]),
  );
  const fault = await signatureFault({ method, origin, path, query, headers }, signer);
  if (fault !== undefined) {
    return errorAnswer(FORBIDDEN, fault, 'only the tofu of this run is answered');
  }
  const refusal = bodyRefusal(headers, body);
  return refusal ?? { method, ...addressOf(path), query, headers, body };
}

/** The hash is part of what was signed, so a body that has it was not changed on the way. */
function bodyRefusal(
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): StoreAnswer | undefined {
  const hash = headers['x-amz-content-sha256'] ?? '';
  if (!HASH.test(hash)) {
    const message = `a body is taken in one piece, with its hash signed, and not as ${hash || 'it is'}`;
    return errorAnswer(BAD_REQUEST, 'InvalidRequest', message);
  }
  if (hash !== sha256(body)) {
    return errorAnswer(BAD_REQUEST, 'XAmzContentSHA256Mismatch', 'the body is not the signed one');
  }
  const { wrong } = provedChecksums(headers, body);
  if (wrong === undefined) return undefined;
  return errorAnswer(BAD_REQUEST, 'BadDigest', `the body is not the one of which ${wrong} is said`);
}

/** Nothing is normalized: the path is signed as it was sent. */
function splitTarget(target: string): { readonly pathname: string; readonly search: string } {
  const at = target.indexOf('?');
  return at < 0
    ? { pathname: target, search: '' }
    : { pathname: target.slice(0, at), search: target.slice(at + 1) };
}

function addressOf(path: string): { readonly bucket: string; readonly key?: string } {
  const [bucket = '', ...segments] = path.slice(1).split('/').map(decoded);
  const key = segments.join('/');
  return key === '' ? { bucket } : { bucket, key };
}

/** What cannot be decoded is named as it stands, and belongs to no stack. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
