import { errorCodeOf, statusText } from '../store/answer-xml.ts';
import type { StoreAnswer } from '../store/store-client.ts';
import { StoreTrouble, type TroubleKind } from '../store/store-trouble.ts';
import type { FindingCode } from './findings/finding-of.ts';
import type { Reply } from './upstream.ts';

/** What is wrong with a reply of the store. */
export interface Fault {
  readonly kind: 'fault';
  readonly code: FindingCode;
  /** In words. */
  readonly seen: string;
}

const TROUBLE: Readonly<Record<TroubleKind, FindingCode>> = {
  cut: 'store-cuts',
  refused: 'store-unreachable',
  timeout: 'store-hangs',
  tls: 'store-tls',
  'too-large': 'store-cuts',
  unresolved: 'store-unreachable',
};

/** What answers mean by their code, whatever their status. */
const CODES: Readonly<Record<string, FindingCode>> = {
  ExpiredToken: 'store-refuses',
  InvalidToken: 'store-refuses',
  NoSuchBucket: 'bucket-missing',
  RequestTimeTooSkewed: 'store-clock',
};

/** What answers mean by their status, and the first that fits is taken. */
const STATUSES: readonly (readonly [RegExp, FindingCode])[] = [
  [/^30[1278]$/, 'store-redirects'],
  [/^40[13]$/, 'store-refuses'],
  [/./, 'store-fails'],
];

/** True for an answer that there is no such object. What lacks the code of S3 may come from anything on the way. */
export function isAbsent(reply: Reply): reply is StoreAnswer {
  return isStatus(reply, 404) && errorCodeOf(reply) === 'NoSuchKey';
}

/** True for an answer with that status. */
export function isStatus(reply: Reply, ...statuses: readonly number[]): reply is StoreAnswer {
  return !(reply instanceof StoreTrouble) && statuses.includes(reply.status);
}

/** What a reply that is of no use means. */
export function faultOf(reply: Reply): Fault {
  const seen = wordsOf(reply);
  if (reply instanceof StoreTrouble) return { kind: 'fault', code: TROUBLE[reply.kind], seen };
  const known = CODES[errorCodeOf(reply)];
  const [, code] = STATUSES.find(([pattern]) => pattern.test(String(reply.status))) ?? [];
  return { kind: 'fault', code: known ?? code ?? 'store-fails', seen };
}

/** A reply in short: `403 AccessDenied`, or what broke. */
export function wordsOf(reply: Reply): string {
  return reply instanceof StoreTrouble ? reply.message : statusText(reply);
}
