import { createServer, request, type Server } from 'node:http';
import type { Control, SupervisedFolder } from './folder.ts';
import type { Address } from './ports.ts';
import { randomToken } from './random-token.ts';

const ANSWER_MS = 2_000;

/** What a supervisor says of itself. */
export interface Standing {
  readonly pid: number;
  /** Process groups by the name of their program. */
  readonly parts: Readonly<Record<string, number>>;
}

/** What a supervisor does when it is asked. */
export interface ControlHandlers {
  standing(): Standing;
  stop(): void;
}

/** The door of a supervisor: whether it lives is found out by asking, never by a process number, which may be another's by now. */
export class ControlServer<Place extends Address> {
  readonly control: Control;
  /** What was found when it began to listen. */
  readonly place: Place;
  private readonly server: Server;

  private constructor(server: Server, token: string, place: Place) {
    this.server = server;
    this.place = place;
    this.control = { address: place.address, port: place.port, token };
  }

  /** @param listen lets the server listen where the supervisor wants it */
  static async open<Place extends Address>(
    handlers: ControlHandlers,
    listen: (server: Server) => Promise<Place>,
  ): Promise<ControlServer<Place>> {
    const token = randomToken();
    const server = createServer((asked, answer) => {
      const isKnown = asked.headers.authorization === `Bearer ${token}`;
      const isStop = asked.method === 'POST' && asked.url === '/stop';
      answer.writeHead(isKnown ? 200 : 401, { connection: 'close' });
      answer.end(isKnown ? JSON.stringify(handlers.standing()) : '');
      if (isKnown && isStop) handlers.stop();
    });
    return new ControlServer(server, token, await listen(server));
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** @returns what the supervisor of a folder says, or undefined when there is none any more */
export function askStanding(folder: SupervisedFolder): Promise<Standing | undefined> {
  return ask(folder, 'GET', '/standing');
}

/** Asks the supervisor of a folder to end. */
export function askToStop(folder: SupervisedFolder): Promise<Standing | undefined> {
  return ask(folder, 'POST', '/stop');
}

function ask(
  folder: SupervisedFolder,
  method: string,
  path: string,
): Promise<Standing | undefined> {
  const control = folder.read()?.control;
  if (control === undefined) return Promise.resolve(undefined);
  const { address, port, token } = control;
  return new Promise((resolve) => {
    const sent = request(
      { host: address, port, method, path, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve(response.statusCode === 200 ? JSON.parse(text) : undefined),
        );
      },
    );
    sent.setTimeout(ANSWER_MS, () => sent.destroy());
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
}
