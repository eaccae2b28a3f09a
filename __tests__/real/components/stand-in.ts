import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
export interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
}

/** A server behind the one that is tested; it counts what it is sent and keeps none of it. */
export class StandIn {
  readonly asked: Asked[] = [];
  /** Bytes of the request that is arriving. */
  arriving = 0;
  private readonly server: Server;

  constructor(answer: (request: IncomingMessage, response: ServerResponse) => void) {
    this.server = createServer((incoming, response) => {
      this.arriving = 0;
      incoming.on('data', (chunk: Buffer) => {
        this.arriving += chunk.length;
      });
      incoming.on('end', () => {
        const { method, url, headers } = incoming;
        this.asked.push({ method, url, headers, bytes: this.arriving });
        answer(incoming, response);
      });
    });
  }

  /** Listens on loopback, and says where: `127.0.0.1:port`. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The request that came last. */
  get last(): Asked {
    const last = this.asked.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
