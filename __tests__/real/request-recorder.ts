import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A request as it went over the wire, without its body. */
export interface RecordedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The header If-None-Match. */
  readonly ifNoneMatch?: string;
}

const HEAD = /(GET|HEAD|PUT|POST|DELETE) (\/\S*) HTTP\/1\.1\r\n([\s\S]*?)\r\n\r\n/g;

/** Stands before a server and hands on every byte as it is, so that signatures stay true; keeps which requests there were. */
export class RequestRecorder {
  readonly requests: RecordedRequest[] = [];
  readonly endpoint: string;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.server = server;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async before(target: string): Promise<RequestRecorder> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const recorder = new RequestRecorder(server);
    server.on('connection', (client) => recorder.join(client, connect(Number(port), hostname)));
    return recorder;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, upstream: Socket): void {
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    let sent = '';
    client.on('data', (bytes) => {
      sent = this.record(sent + bytes.toString('latin1'));
    });
    client.pipe(upstream);
    upstream.pipe(client);
  }

  /** Keeps the requests whose heads are whole, and returns what may be the beginning of another. */
  private record(text: string): string {
    let end = 0;
    for (const match of text.matchAll(HEAD)) {
      const [whole, method = '', path = '', headers = ''] = match;
      const ifNoneMatch = /^if-none-match: *(.*)$/im.exec(headers)?.[1]?.trim();
      this.requests.push({ method, path, ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }) });
      end = match.index + whole.length;
    }
    return text.slice(end);
  }
}
