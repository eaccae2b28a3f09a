import { createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { type KubeConfig, PortForward } from '@kubernetes/client-node';
import { inTime, quietHandler } from './pod-connection.ts';

const OPEN_MS = 10_000;

/** A port of a pod, as one of this machine. */
export interface Forward {
  /** On 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

/** A port of a pod. */
export interface ForwardTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/**
 * Makes a port of a pod reachable on loopback, for as long as it is not closed.
 *
 * @param target says for each connection anew where it goes, because pods are replaced
 */
export async function forward(
  config: KubeConfig,
  target: () => Promise<ForwardTarget>,
): Promise<Forward> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Whoever asked sees the connection cut, which says what there is to say.
    socket.on('error', () => socket.destroy());
    target()
      .then((found) => connect(config, found, socket))
      .catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function connect(
  config: KubeConfig,
  { namespace, pod, port }: ForwardTarget,
  socket: Socket,
): Promise<void> {
  const complaints = new PassThrough();
  // What the node cannot connect to is told there, and nothing else is.
  complaints.on('data', () => socket.destroy());
  const opening = new PortForward(config, true, quietHandler(config)).portForward(
    namespace,
    pod,
    [port],
    socket,
    complaints,
    socket,
  );
  const opened = await inTime(opening, OPEN_MS, `the way to pod ${pod}`);
  const tunnel = typeof opened === 'function' ? opened() : opened;
  if (tunnel === null || socket.destroyed) return void tunnel?.close();
  tunnel.addEventListener('close', () => socket.destroy());
  tunnel.addEventListener('error', () => socket.destroy());
  socket.once('close', () => tunnel.close());
}
