import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listenAnywhere } from '../../operations/rehearsal/ports.ts';
import type { Finding } from '../finding.ts';
import type { StoreKeys } from '../store/store-access.ts';
import type { StoreAnswer } from '../store/store-client.ts';
import { admitted, type Door } from './admission.ts';
import { errorAnswer } from './answers.ts';
import type { GatewayOptions, RunningGateway } from './gateway-options.ts';
import { GatewaySession } from './session.ts';

/** More than any state has. What is larger is refused before it is read to the end. */
const BODY_BYTES = 256 * 1024 * 1024;

/**
 * Starts a gateway: an S3 endpoint on this machine for one run of tofu, which answers only what a state authority may answer.
 *
 * @throws Failure when witnesses contradict each other, or when nothing can listen here
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const gateway = new Gateway(await GatewaySession.open(options), options.region);
  await gateway.open();
  return gateway;
}

/** The session behind HTTP. */
class Gateway implements RunningGateway {
  readonly keys: StoreKeys = {
    accessKeyId: `RUN${randomBytes(12).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
  endpoint = '';
  private readonly session: GatewaySession;
  private readonly region: string;
  private readonly server: Server;

  constructor(session: GatewaySession, region: string) {
    this.session = session;
    this.region = region;
    this.server = createServer((incoming, response) => {
      this.serve(incoming, response).catch(() => response.destroy());
    });
    // A connection that ends while tofu thinks would look to it like a store that fails.
    this.server.keepAliveTimeout = 0;
  }

  get findings(): readonly Finding[] {
    return this.session.findings;
  }

  get notes(): readonly string[] {
    return this.session.notes;
  }

  get unkept(): Buffer | undefined {
    return this.session.unkept;
  }

  async open(): Promise<void> {
    const { address, port } = await listenAnywhere(this.server);
    this.endpoint = `http://${address}:${port}`;
  }

  /** What was asked before is answered first, so that nothing is left half known. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    await this.session.end();
    this.server.closeAllConnections();
    await closed;
  }

  private get door(): Door {
    return { origin: this.endpoint, signer: { keys: this.keys, region: this.region } };
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    if (body === undefined) {
      const message = `a body has at most ${BODY_BYTES} bytes`;
      // What is still coming is not read, so the connection cannot go on.
      response.once('finish', () => incoming.destroy());
      return send(response, errorAnswer(413, 'EntityTooLarge', message));
    }
    const { method = '', url: target = '/', headers } = incoming;
    const request = await admitted({ method, target, headers, body }, this.door);
    if (!('status' in request)) return send(response, await this.session.answer(request));
    this.session.note(
      `the gateway has refused a request that tofu cannot have sent: ${request.status}`,
    );
    return send(response, method === 'HEAD' ? { ...request, body: Buffer.alloc(0) } : request);
  }
}

/** @returns nothing for a body that is too large */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > BODY_BYTES) return undefined;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming) {
    size += part.length;
    if (size > BODY_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function send(response: ServerResponse, { status, headers, body }: StoreAnswer): void {
  response.writeHead(status, headers);
  response.end(body);
}
