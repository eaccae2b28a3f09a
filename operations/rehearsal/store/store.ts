import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readSettings } from '../../../config/read-settings.ts';
import type { Settings } from '../../../config/settings.ts';
import { EXIT } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import { errorCode } from '../../../constructs/object-store/ensure-buckets/outcome.mjs';
import { Child } from '../child.ts';
import { requireSpace } from '../disk.ts';
import { requireInstalled } from '../installed.ts';
import { freePorts, requireFreePort } from '../ports.ts';
import { ProgramEnded } from '../program-ended.ts';
import { freshIdentity, type Identity, type StoreBucket, storeBuckets } from './buckets.ts';
import { KINDS, type StoreKind } from './kinds.ts';
import { clientOf, proveIdentities, type StoreAddress } from './provisioning.ts';

const START_MS = 60_000;
const PROBE_MS = 25;
const END_MS = 10_000;
const ATTEMPTS = 3;
/** What a server sets aside, and room for what is stored. */
const NEEDED = {
  noun: 'store',
  mib: 256,
  instead: 'name a folder on another disk with --data',
};
/** A Go server collects harder when it has so much; a small store needs no more. */
const MEMORY_LIMIT = '192MiB';

const ENDED = 'the store was ended';

/** What a store is started with. */
export interface StoreOptions {
  readonly kind: StoreKind;
  /** @default - those that the environment names */
  readonly settings?: Settings;
  /** A loopback address. @default 127.0.0.1 */
  readonly address?: string;
  /** @default - a free one */
  readonly port?: number;
  /** A folder for the objects, which is kept. @default - they go with the store */
  readonly data?: string;
  /** A folder for everything else, which is removed with the store. @default - a new one among temporary files */
  readonly folder?: string;
}

/** A store that answers, has its buckets, and ends with this process. */
export interface RunningStore extends StoreAddress {
  readonly kind: StoreKind;
  readonly root: Identity;
  readonly buckets: readonly StoreBucket[];
  /** What the server prints. */
  readonly log: string;
  /** Process group of the server; undefined while none runs. */
  readonly pid: number | undefined;
  /** Rejects when the server ends by itself. */
  readonly trouble: Promise<never>;
  /** Ends the server and starts it again at the same address, with the same objects and identities. */
  restart(how?: {
    /** Kill it, as a node that fails does. @default false */
    readonly abrupt?: boolean;
  }): Promise<void>;
  /** Ends it and removes all that was not there before. */
  stop(): Promise<void>;
}

/** Starts a store, and returns when it has its buckets and every identity is proved to reach its own and no other. */
export async function startStore(options: StoreOptions): Promise<RunningStore> {
  const store = new Store(options);
  try {
    await store.start();
    return store;
  } catch (error) {
    await store.stop();
    throw error;
  }
}

/** One server with its buckets. It may be stopped at any moment, also while it starts. */
export class Store implements RunningStore {
  readonly kind: StoreKind;
  readonly region: string;
  readonly root: Identity = freshIdentity();
  readonly buckets: readonly StoreBucket[];
  readonly address: string;
  readonly log: string;
  readonly trouble: Promise<never>;
  private readonly wantedPort: number | undefined;
  private readonly folder: string;
  private readonly data: string;
  private readonly keepsData: boolean;
  private readonly stopping = new AbortController();
  private reportTrouble: (why: Failure) => void = () => {};
  private program = '';
  private port = 0;
  private child: Child | undefined;
  private starting: Promise<void> | undefined;

  constructor(options: StoreOptions) {
    const settings = options.settings ?? readSettings();
    this.kind = options.kind;
    this.region = settings.state.region;
    this.buckets = storeBuckets(settings, KINDS[options.kind].noVersions === undefined);
    this.address = options.address ?? '127.0.0.1';
    requireLoopback(this.address);
    this.wantedPort = options.port;
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'flywheel-store-'));
    this.keepsData = options.data !== undefined;
    this.data = options.data === undefined ? join(this.folder, 'data') : resolve(options.data);
    this.log = join(this.folder, 'server.log');
    this.trouble = new Promise((_, reject) => {
      this.reportTrouble = reject;
    });
    // Whoever waits for it hears of it; while nobody does, it is no unhandled rejection.
    this.trouble.catch(() => {});
  }

  get endpoint(): string {
    return `http://${this.address}:${this.port}`;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): Promise<void> {
    this.starting = this.begin();
    return this.starting;
  }

  restart({ abrupt = false }: { readonly abrupt?: boolean } = {}): Promise<void> {
    this.starting = this.endServer(abrupt).then(() => this.startServer());
    return this.starting;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.reportTrouble(new Failure(ENDED));
    await this.endServer(!this.keepsData);
    // What was under way finds the server gone. Only then does nothing write into the folder any more.
    await this.starting?.catch(() => {});
    await this.endServer(!this.keepsData);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }

  private async begin(): Promise<void> {
    this.program = (await requireInstalled('store', [this.kind]))[this.kind];
    requireSpace(this.data, NEEDED);
    if (this.wantedPort !== undefined) await requireFreePort(this.wantedPort, this.address);
    for (let attempt = 1; !(await this.startOnSomePort(attempt)); attempt += 1);
    const { kind, endpoint, region, root, buckets, folder } = this;
    const { signal } = this.stopping;
    const provisioning = { endpoint, region, root, buckets, folder, signal };
    await this.unlessTrouble(KINDS[kind].provision(provisioning));
    await this.unlessTrouble(proveIdentities(provisioning));
  }

  private async endServer(abrupt: boolean): Promise<void> {
    const child = this.child;
    // Whoever looks on sees that this end is no trouble.
    this.child = undefined;
    await (abrupt ? child?.stop() : child?.end(END_MS));
  }

  /** @returns false when somebody was faster in taking the port, and another can be tried */
  private async startOnSomePort(attempt: number): Promise<boolean> {
    const [free = 0] = await freePorts(1, this.address);
    this.port = this.wantedPort ?? free;
    try {
      await this.startServer();
      return true;
    } catch (error) {
      const retry = error instanceof ProgramEnded && error.portTaken && attempt < ATTEMPTS;
      if (!retry || this.wantedPort !== undefined) throw error;
      return false;
    }
  }

  /** Starts the server, and waits until it answers to its root identity. */
  private async startServer(): Promise<void> {
    if (this.stopping.signal.aborted) throw new Failure(ENDED);
    const { folder, data, address, port, region, root } = this;
    const { args, environment, folders } = KINDS[this.kind].start({
      folder,
      data,
      address,
      port,
      region,
      root,
    });
    for (const each of folders) makeFolder(each);
    const child = await Child.start({
      name: this.kind,
      program: this.program,
      args,
      folder,
      log: this.log,
      environment: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        HOME: folder,
        TMPDIR: folder,
        GOMEMLIMIT: MEMORY_LIMIT,
        ...environment,
      },
    });
    this.child = child;
    const ended = child.gone.then(() => {
      throw new ProgramEnded(child);
    });
    await Promise.race([ended, this.answers()]);
    ended.catch((why) => {
      if (this.child === child) this.reportTrouble(why);
    });
  }

  private async answers(): Promise<void> {
    const send = clientOf(this, this.root);
    const end = Date.now() + START_MS;
    let obstacle = '';
    while (Date.now() < end && !this.stopping.signal.aborted) {
      const answer = await send('GET', KINDS[this.kind].readyPath).catch((error) => {
        obstacle = error.cause?.code ?? error.name;
      });
      if (answer?.status === 200) return;
      if (answer !== undefined) obstacle = `${answer.status} ${errorCode(answer)}`.trim();
      if (answer !== undefined && answer.status < 500) break;
      await pause(PROBE_MS);
    }
    throw new Failure(
      `${this.kind} at ${this.endpoint} does not answer to its root identity: ${obstacle}\n    its log is ${this.log}`,
    );
  }

  private unlessTrouble<T>(work: Promise<T>): Promise<T> {
    return Promise.race([this.trouble, work]);
  }
}

function requireLoopback(address: string): void {
  if (isIPv4(address) && address.startsWith('127.')) return;
  throw new Failure(
    `--address must be a loopback address, got: ${address}\n    nothing of a rehearsal can be reached from elsewhere: try --address 127.0.0.1`,
    EXIT.usage,
  );
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error;
    throw new Failure(
      `${path} is a file, and a store needs a folder there\n    name another folder with --data, or leave it out`,
      EXIT.usage,
    );
  }
}
