import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Reply, Transport } from './reply.ts';

/** An answer on its way to a client. */
interface Delivery {
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly reply: Reply;
  /** Lets the server listen no longer, for so long. */
  deafen(ms: number): void;
}

/** A fatal alert of TLS 1.2: internal error. */
const TLS_ALERT = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50]);
const NO_HTTP = Buffer.from('\u0000\u0001 no HTTP at all\r\n\r\n');

/** Sends an answer, with what happens to it on its way. */
export async function deliver(delivery: Delivery): Promise<void> {
  const { response, reply } = delivery;
  if (reply.transport === undefined) {
    response.writeHead(reply.status, { ...reply.headers });
    response.end(reply.body);
    return;
  }
  await distort(delivery, reply.transport);
}

async function distort(delivery: Delivery, transport: Transport): Promise<void> {
  const { socket, reply, deafen } = delivery;
  switch (transport.kind) {
    case 'hang':
      // The client waits as long as it likes.
      return;
    case 'not-http':
      socket.end(transport.tls ? TLS_ALERT : NO_HTTP);
      return;
    case 'refuse':
      socket.resetAndDestroy();
      deafen(transport.ms);
      return;
    case 'length': {
      const headers = { ...reply.headers, 'content-length': String(transport.declared) };
      socket.end(Buffer.concat([headOf({ ...reply, headers }), reply.body]));
      return;
    }
    case 'cut':
      cut(delivery, transport.after);
      return;
    case 'drip':
      await drip(delivery, transport);
  }
}

function cut({ socket, reply }: Delivery, after: number | 'head' | 'nothing'): void {
  if (after === 'nothing') {
    socket.resetAndDestroy();
    return;
  }
  const head = headOf(reply);
  const sent =
    after === 'head'
      ? head.subarray(0, Math.floor(head.length / 2))
      : Buffer.concat([head, reply.body.subarray(0, after)]);
  socket.write(sent, () => socket.destroy());
}

async function drip(
  { response, reply }: Delivery,
  { pieceBytes, pauseMs }: Extract<Transport, { kind: 'drip' }>,
): Promise<void> {
  response.writeHead(reply.status, { ...reply.headers });
  response.flushHeaders();
  for (let at = 0; at < reply.body.length && !response.destroyed; at += pieceBytes) {
    await pause(pauseMs, undefined, { ref: false });
    response.write(reply.body.subarray(at, at + pieceBytes));
  }
  response.end();
}

function headOf({ status, headers }: Reply): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${[`HTTP/1.1 ${status} -`, ...lines].join('\r\n')}\r\n\r\n`);
}
