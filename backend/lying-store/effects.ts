import { etagOf } from './bucket.ts';
import type { Call, Effect, Lie } from './lie.ts';
import { objectAnswer } from './object-requests.ts';
import type { Asked, Reply, Transport } from './reply.ts';
import { type ErrorCode, emptyAnswer, errorAnswer } from './s3-answer.ts';

/** An effect that remembers nothing. */
export function always(effect: Effect): Lie['tell'] {
  return () => effect;
}

/** Answers with an error, and does nothing. */
export function refuses(code: ErrorCode): Lie['tell'] {
  return always(({ request }) => errorAnswer(request, code));
}

/** Answers the truth, and lets something happen to it on its way. */
export function loses(transportOf: (answer: Reply) => Transport): Lie['tell'] {
  return always(async ({ honest }) => {
    const answer = await honest();
    return { ...answer, transport: transportOf(answer) };
  });
}

/**
 * Reads give another body, with the length and the ETag that belong to it.
 *
 * @param change gives nothing where there is nothing to lie with
 */
export function retells(change: (body: Buffer, call: Call) => Buffer | undefined): Lie['tell'] {
  return always(async (call) => {
    const honest = await call.honest();
    const body = changed(honest, call, change);
    return body === undefined ? honest : readAs(call, body);
  });
}

/** Reads give another body under the ETag of the true one. */
export function corrupts(change: (body: Buffer, call: Call) => Buffer | undefined): Lie['tell'] {
  return always(async (call) => {
    const honest = await call.honest();
    const body = changed(honest, call, change);
    if (body === undefined) return honest;
    const headers = { ...honest.headers, 'content-length': String(body.length) };
    return { ...honest, headers, body: call.request.method === 'HEAD' ? honest.body : body };
  });
}

/** The answer to a read of a body that need not be the one that is kept. */
export function readAs({ request, bucket, key, clock }: Call, body: Buffer): Reply {
  const modified = bucket?.current(key)?.modified ?? new Date(clock.now());
  const headers = { 'content-type': 'application/json' };
  return objectAnswer(request, { body, etag: etagOf(body), modified, headers });
}

/** Writes keep another body; who writes is told of the one that was sent. */
export function keeps(change: (body: Buffer, call: Call) => Buffer): Lie['tell'] {
  return always(async (call) => {
    const body = bodyOf(call.request);
    const answer = await call.honest(writeOf(call.request, change(body, call)));
    return answer.status === 200 ? toldKept(answer, body) : answer;
  });
}

/** Says of a write that it was kept, and keeps nothing. */
export function drops(): Lie['tell'] {
  return always(({ request }) => toldKept(emptyAnswer(200), bodyOf(request)));
}

/** The answer that belongs to a body which was kept. */
export function toldKept(answer: Reply, body: Uint8Array): Reply {
  return { ...answer, headers: { ...answer.headers, etag: etagOf(body) } };
}

export function bodyOf({ body = Buffer.alloc(0) }: Asked): Buffer {
  return Buffer.from(body);
}

/** A write of another body, whose checksums therefore are left out. */
export function writeOf(
  request: Asked,
  body: Buffer,
  key: string | undefined = request.key,
): Asked {
  const headers = Object.entries(request.headers ?? {}).filter(
    ([name]) => !/^(content-md5|content-length|x-amz-checksum-|x-amz-sdk-checksum)/.test(name),
  );
  return {
    ...request,
    ...(key === undefined ? {} : { key }),
    headers: Object.fromEntries(headers),
    body,
  };
}

/** The same request without its conditions. */
export function unconditional(request: Asked): Asked {
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => !name.startsWith('if-'));
  return { ...request, headers: Object.fromEntries(headers) };
}

/** The first half of a body, and never all of it. */
export function halfOf(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

function changed(
  honest: Reply,
  call: Call,
  change: (body: Buffer, call: Call) => Buffer | undefined,
): Buffer | undefined {
  if (honest.status !== 200) return undefined;
  const body = call.request.method === 'HEAD' ? call.bucket?.current(call.key)?.body : honest.body;
  return body === undefined ? undefined : change(body, call);
}
