import { createServer, type Server } from 'node:net';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';

const LAST_PORT = 65_535;

/** Where something listens. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

/** Lets a server listen. The error code says why it cannot, where that is so. */
export function listen(server: Server, host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.removeListener('listening', listening);
      resolve(error.code ?? error.message);
    };
    const listening = () => {
      server.removeListener('error', failed);
      resolve(undefined);
    };
    server.once('error', failed);
    server.once('listening', listening);
    server.listen({ host, port, exclusive: true });
  });
}

/** Lets a server listen on some port of this machine that nobody else can reach. */
export async function listenAnywhere(server: Server): Promise<Address> {
  const address = '127.0.0.1';
  const code = await listen(server, address, 0);
  if (code !== undefined) throw new Failure(`cannot listen on ${address}: ${code}`);
  return { address, port: portOf(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Free ports of a loopback address, all different. Another process may still take one before it is used. */
export async function freePorts(count: number, address = '127.0.0.1'): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(async (server) => {
        const code = await listen(server, address, 0);
        if (code !== undefined) throw new Failure(`cannot listen on ${address}: ${code}`);
        return portOf(server);
      }),
    );
  } finally {
    for (const server of servers) server.close();
  }
}

/** Refuses a port that somebody asked for and somebody else has. */
export async function requireFreePort(port: number, address = '127.0.0.1'): Promise<void> {
  const server = createServer();
  const code = await listen(server, address, port);
  await new Promise((resolve) => server.close(resolve));
  if (code === undefined) return;
  const why = code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be used (${code})`;
  throw new Failure(
    `port ${port} of ${address} ${why}\n    name another one with --port, or leave it out for a free one`,
  );
}

/** The port that an option names. */
export function portOption(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > LAST_PORT) {
    throw new Failure(`--port must be a number from 1 to ${LAST_PORT}, got: ${text}`, EXIT.usage);
  }
  return port;
}
