import { createHmac, timingSafeEqual } from 'node:crypto';
import {
  asNumber,
  asObject,
  asText,
  asTexts,
  at,
  type JsonObject,
} from '../../policy/model/json.ts';

/** The claim under which Attic looks for rights. */
const ATTIC_CLAIM = 'https://jwt.attic.rs/v1';
const DAY_SEC = 86_400;
/** Long enough to be changed four times a year, and no longer: Attic cannot take a token back. */
export const PUSH_TOKEN_DAYS = 90;
/** Clocks differ; a token from the future is refused. */
const SKEW_SEC = 60;

/** What a push token is for, and what the server demands of it. */
export interface PushRight {
  readonly cache: string;
  readonly issuer: string | undefined;
  readonly audiences: readonly string[];
}

/**
 * Signs a token that may read and push one cache.
 *
 * @param key base64, as the server reads it
 * @param nowSec seconds since 1970
 */
export function mintPushToken(key: string, right: PushRight, nowSec: number): string {
  const claims = {
    sub: `push-${right.cache}`,
    nbf: nowSec - SKEW_SEC,
    exp: nowSec + PUSH_TOKEN_DAYS * DAY_SEC,
    ...(right.issuer === undefined ? {} : { iss: right.issuer }),
    ...(right.audiences.length === 0 ? {} : { aud: right.audiences }),
    [ATTIC_CLAIM]: { caches: { [right.cache]: { r: 1, w: 1 } } },
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${signature(key, signed).toString('base64url')}`;
}

/**
 * What is wrong with a token, or nothing.
 *
 * @param key the key of the server, or undefined where it is not known; then the signature is not judged
 */
export function tokenProblem(
  token: string,
  right: PushRight,
  key: string | undefined,
  nowSec: number,
): string | undefined {
  const [head = '', body = '', mark = '', ...rest] = token.split('.');
  const claims = decode(body);
  if (claims === undefined || at(decode(head), 'alg') !== 'HS256' || rest.length > 0) {
    return 'is no JSON web token signed with HS256';
  }
  if (key !== undefined && !isSigned(key, `${head}.${body}`, mark)) {
    return 'is signed with another key than the one in the cluster: Attic refuses it';
  }
  return expiryProblem(claims, nowSec) ?? rightProblem(claims, right);
}

/** Days until a token ends; undefined where it is no token. */
export function daysLeft(token: string, nowSec: number): number | undefined {
  const end = asNumber(decode(token.split('.')[1] ?? '')?.exp);
  return end === undefined ? undefined : Math.floor((end - nowSec) / DAY_SEC);
}

function expiryProblem(claims: JsonObject, nowSec: number): string | undefined {
  const end = asNumber(claims.exp);
  if (end === undefined) return 'never ends, and Attic cannot take a token back';
  return end <= nowSec ? `ended ${new Date(end * 1000).toISOString().slice(0, 10)}` : undefined;
}

function rightProblem(claims: JsonObject, right: PushRight): string | undefined {
  const caches = asObject(at(claims, ATTIC_CLAIM, 'caches'));
  const rights = asObject(caches[right.cache] ?? caches['*']);
  const missing = ['r', 'w'].filter((each) => rights[each] !== 1 && rights[each] !== true);
  if (missing.length > 0)
    return `gives no right to ${missing.map(nameOfRight).join(' and ')} ${right.cache}`;
  if (right.issuer !== undefined && claims.iss !== right.issuer) {
    return 'names another issuer than attic.tokens.issuer';
  }
  const given = [asText(claims.aud) ?? [], asTexts(claims.aud)].flat();
  const demanded = right.audiences;
  return demanded.length === 0 || demanded.some((audience) => given.includes(audience))
    ? undefined
    : 'names none of attic.tokens.audiences';
}

function nameOfRight(letter: string): string {
  return letter === 'r' ? 'read' : 'push';
}

function signature(key: string, signed: string): Buffer {
  return createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest();
}

function isSigned(key: string, signed: string, mark: string): boolean {
  const right = signature(key, signed);
  const given = Buffer.from(mark, 'base64url');
  return given.length === right.length && timingSafeEqual(given, right);
}

function decode(part: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}
