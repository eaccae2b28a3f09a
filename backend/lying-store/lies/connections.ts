import { always, loses, refuses } from '../effects.ts';
import type { Lie } from '../lie.ts';
import { emptyAnswer, errorAnswer, textAnswer } from '../s3-answer.ts';

const REFUSED_MS = 2_000;
const SLOW_MS = 1_000;
const HOUR_MS = 3_600_000;
const BAD_GATEWAY =
  '<html><head><title>502 Bad Gateway</title></head><body><hr><center>nginx</center></body></html>';
const SIGN_IN =
  '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to go on</body></html>';
/** The discard port: nobody is there. */
const ELSEWHERE = 'http://127.0.0.1:9/';

/** Nothing of a request comes through, or nothing of its answer, whatever was asked. */
export const CONNECTIONS: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'refused',
    origin: 'measured: stock OpenTofu needs 13.9 s to give up',
    does: 'does not listen for 2 s',
    on: 'anything',
    span: { lastsMs: REFUSED_MS },
    tell: always(() => ({ ...emptyAnswer(503), transport: { kind: 'refuse', ms: REFUSED_MS } })),
  },
  {
    name: 'reset',
    origin: 'a load balancer without a backend',
    does: 'cuts every connection without an answer, and does nothing',
    on: 'anything',
    tell: always(() => ({ ...emptyAnswer(503), transport: { kind: 'cut', after: 'nothing' } })),
  },
  {
    name: 'reset-once',
    origin: 'a connection that was kept longer than the server kept it',
    does: 'cuts one connection without an answer, and does nothing',
    on: 'anything',
    span: { times: 1 },
    tell: always(() => ({ ...emptyAnswer(503), transport: { kind: 'cut', after: 'nothing' } })),
  },
  {
    name: 'cut-in-the-head',
    origin: 'a store that ends while it answers',
    does: 'cuts every connection in the midst of the head of the answer',
    on: 'anything',
    tell: loses(() => ({ kind: 'cut', after: 'head' })),
  },
  {
    name: 'hangs',
    origin: 'a firewall that drops what it does not like',
    does: 'never answers, and does nothing',
    on: 'anything',
    tell: always(() => ({ ...emptyAnswer(503), transport: { kind: 'hang' } })),
  },
  {
    name: 'slow',
    origin: 'a store at the other end of the world',
    does: 'answers everything a second late',
    on: 'anything',
    tell: always(async ({ clock, honest }) => {
      const answer = await honest();
      await clock.sleep(SLOW_MS);
      return answer;
    }),
  },
  {
    name: 'tls-broken',
    origin: 'a certificate that ran out, or a port on which TLS was turned on',
    does: 'answers with an alert of TLS in place of HTTP',
    on: 'anything',
    tell: always(() => ({ ...emptyAnswer(503), transport: { kind: 'not-http', tls: true } })),
  },
  {
    name: 'no-http',
    origin: 'another program on the port of the store',
    does: 'answers with bytes that are no HTTP',
    on: 'anything',
    tell: always(() => ({ ...emptyAnswer(503), transport: { kind: 'not-http', tls: false } })),
  },
  {
    name: 'clock-skewed',
    origin: 'S3 manual: RequestTimeTooSkewed',
    does: 'says of every request that its time is too far off',
    on: 'anything',
    tell: refuses('RequestTimeTooSkewed'),
  },
  {
    name: 'clock-ahead',
    origin: 'a node without NTP',
    does: 'answers right, with a date that is an hour ahead',
    on: 'anything',
    tell: always(async ({ clock, honest }) => {
      const answer = await honest();
      const date = new Date(clock.now() + HOUR_MS).toUTCString();
      return { ...answer, headers: { ...answer.headers, date } };
    }),
  },
  {
    name: 'signature-refused',
    origin: 'a proxy that rewrites the Host header',
    does: 'says of every signature that it is wrong',
    on: 'anything',
    tell: refuses('SignatureDoesNotMatch'),
  },
  {
    name: 'keys-unknown-at-first',
    origin: 'rustfs issue 3193: identities are not loaded yet after a restart',
    does: 'does not know the keys for the first three requests',
    on: 'anything',
    span: { times: 3 },
    tell: refuses('InvalidAccessKeyId'),
  },
  {
    name: 'token-expired',
    origin: 'temporary keys that ran out in the midst of an apply',
    does: 'says that the keys have run out as soon as a state is written',
    on: 'a read or a write of a state',
    tell: () => {
      let expired = false;
      return ({ request, honest }) => {
        expired ||= request.method === 'PUT';
        return expired ? errorAnswer(request, 'ExpiredToken') : honest();
      };
    },
  },
  {
    name: 'not-ready-yet',
    origin: 'RustFS: 503 with x-rustfs-readiness-pending while it starts',
    does: 'says three times that it is still starting',
    on: 'anything',
    span: { times: 3 },
    tell: always(({ request }) => {
      const answer = errorAnswer(request, 'ServiceUnavailable');
      const pending = { 'retry-after': '5', 'x-rustfs-readiness-pending': 'iam' };
      return { ...answer, headers: { ...answer.headers, ...pending } };
    }),
  },
  {
    name: 'bad-gateway',
    origin: 'an ingress whose backend is gone',
    does: 'answers everything with 502 in HTML',
    on: 'anything',
    tell: always(() => textAnswer(BAD_GATEWAY, 'text/html', 502)),
  },
  {
    name: 'login-page',
    origin: 'a network that wants to be signed in to',
    does: 'answers everything with a page of HTML and 200',
    on: 'anything',
    tell: always(() => textAnswer(SIGN_IN, 'text/html')),
  },
  {
    name: 'redirected',
    origin: 'a proxy that sends everybody to its own address',
    does: 'sends every request on to an address where nobody is',
    on: 'anything',
    tell: always(() => emptyAnswer(307, { location: ELSEWHERE })),
  },
];
