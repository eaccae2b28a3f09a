import { Agent, request } from 'node:https';

/** What every object of Kubernetes has, as far as it is read here. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: unknown;
  };
}

/** An object that the harness creates, and the path it is created at. */
export interface DeclaredObject {
  readonly path: string;
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly [field: string]: unknown };
    readonly [field: string]: unknown;
  };
}

/** A list as the API server gives it. */
export interface KubeList<T> {
  readonly metadata: { readonly resourceVersion?: string };
  readonly items: T[];
}

/** Where an API server is, and who asks. */
export interface ApiAccess {
  readonly server: string;
  /** Certificate that the server must present, or be signed by. */
  readonly certificate: string;
  readonly token: string;
}

/** How the parts of a patch are joined with what is there. */
export type PatchKind = 'merge' | 'strategic-merge' | 'json';

const TIMEOUT_MS = 10_000;

/** What the API server refused, with the code it gave. */
export class ApiRefusal extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, message: string) {
    super(`${method} ${path}: ${status} ${message}`);
    this.name = 'ApiRefusal';
    this.status = status;
  }
}

/** The few requests to an API server that the harness makes, over one trusted connection. It reads no kubeconfig. */
export class Api {
  readonly access: ApiAccess;
  private readonly agent: Agent;

  constructor(access: ApiAccess) {
    this.access = access;
    this.agent = new Agent({ keepAlive: true, ca: access.certificate, maxSockets: 8 });
  }

  get<T = KubeObject>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  /** @returns undefined where there is no such object */
  async find<T = KubeObject>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof ApiRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  create(path: string, object: object): Promise<KubeObject> {
    return this.send('POST', path, object);
  }

  /** Creates an object unless one of that name is there. */
  async ensure(path: string, object: object): Promise<void> {
    try {
      await this.create(path, object);
    } catch (error) {
      if (error instanceof ApiRefusal && error.status === 409) return;
      throw error;
    }
  }

  patch(path: string, change: object, kind: PatchKind = 'merge'): Promise<KubeObject> {
    return this.send('PATCH', path, change, `application/${kind}-patch+json`);
  }

  remove(path: string): Promise<KubeObject> {
    return this.send('DELETE', path);
  }

  /** The text of a path that answers with no object, such as `/readyz`. */
  text(path: string): Promise<string> {
    return this.exchange('GET', path, undefined, 'text/plain');
  }

  close(): void {
    this.agent.destroy();
  }

  private async send<T = KubeObject>(
    method: string,
    path: string,
    body?: object,
    contentType = 'application/json',
  ): Promise<T> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    return JSON.parse(await this.exchange(method, path, sent, contentType)) as T;
  }

  private exchange(
    method: string,
    path: string,
    body: string | undefined,
    contentType: string,
  ): Promise<string> {
    const { server, token } = this.access;
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/plain',
      ...(body === undefined
        ? {}
        : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const url = new URL(path, server);
      const sent = request(url, { method, headers, agent: this.agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(text);
          else reject(new ApiRefusal(method, path, status, messageOf(text)));
        });
      });
      sent.setTimeout(TIMEOUT_MS, () =>
        sent.destroy(new Error(`${method} ${path}: no answer within ${TIMEOUT_MS / 1000} s`)),
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

/** What a Status says, or the text as it is. */
function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text);
  } catch {
    return text.slice(0, 400);
  }
}
