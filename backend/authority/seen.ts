import { unknown } from '../../operations/kubernetes/check.ts';
import type { Answer, Evidence, Exchange, Step } from './evidence.ts';
import { type Judgement, notRun } from './verdict.ts';

/** An answer that says something of the store, or why there is none. */
export type Seen =
  | { readonly answer: Answer; readonly request: string; readonly because?: undefined }
  | {
      readonly answer?: undefined;
      readonly because: string;
      readonly fix?: string;
      /** False where it was not even asked, which is not this check's fault. @default true */
      readonly asked?: boolean;
    };

const OF_IDENTITY: Readonly<Record<string, readonly [because: string, fix: string]>> = {
  InvalidAccessKeyId: ['the store does not know this access key', 'correct the keys of the store'],
  SignatureDoesNotMatch: ['the secret key is wrong', 'correct the keys of the store'],
  RequestTimeTooSkewed: [
    'the clock here and the one of the store are too far apart',
    'set the clock that is wrong',
  ],
  ExpiredToken: ['the keys have expired', 'get new ones'],
  InvalidToken: ['the session token is wrong', 'correct the keys of the store'],
};
const INSUFFICIENT_STORAGE = 507;

/** What a step came to, as far as it says something: a refusal of the person or a passing trouble says nothing of the store. */
export function seen({ steps, stopped }: Evidence, step: Step): Seen {
  const exchange = steps[step];
  if (exchange === undefined) {
    const because = stopped === undefined ? 'it was not asked' : 'nothing was asked any more';
    return { because, asked: stopped === undefined };
  }
  const { answer, trouble, request } = exchange;
  if (answer === undefined) {
    return { because: `${request}: ${trouble?.message ?? 'no answer was kept'}${tried(exchange)}` };
  }
  const [because, fix] = OF_IDENTITY[answer.code] ?? [];
  if (because !== undefined) return { because: `${request}: ${because}`, fix };
  if (saysNothing(answer))
    return { because: `${request} answers ${statusText(answer)}${tried(exchange)}` };
  return { answer, request };
}

function saysNothing({ status }: Answer): boolean {
  if (status === INSUFFICIENT_STORAGE) return false;
  return status === 401 || status === 403 || status >= 500 || (status >= 300 && status < 400);
}

function tried({ tries }: Exchange): string {
  return tries > 1 ? `, ${tries} times` : '';
}

/** A check over a step that says nothing. */
export function notKnown(name: string, found: Exclude<Seen, { answer: Answer }>): Judgement {
  const { because, fix, asked = true } = found;
  return asked ? unknown(name, because, fix) : notRun(name, because);
}

/** An answer in short: `404 NoSuchBucket`. */
export function statusText({ status, code }: Answer): string {
  return `${status} ${code}`.trim();
}

/** The tag of a version without what stores put around it. */
export function tagOf({ etag = '' }: { readonly etag?: string }): string {
  return etag.replace(/^W\//, '').replaceAll('"', '');
}

/** What to do about a store that has shown itself to be wrong: first keep what was seen, then look, and restart last. */
export function incidentFix({ stack, bucket, storeInCluster }: Evidence): string {
  const keep = `keep the evidence: just tofu-state-authority-deep-check ${stack} --save DIR`;
  return storeInCluster
    ? `${keep}; then just rustfs-bucket-index-rca --bucket ${bucket}, and no restart before it has run`
    : `${keep}; then ask whoever runs the store`;
}
