import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { backendBlock } from '../../backend/backend-block.ts';
import type { StoreAccess, StoreKeys } from '../../backend/store/store-access.ts';
import { StoreClient } from '../../backend/store/store-client.ts';
import type { ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import { randomToken } from '../../operations/rehearsal/random-token.ts';
import { exampleFile } from '../support/examples.ts';

/** A command of the driver. */
export type Command = (
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv,
) => Promise<ExitCode>;

/** What a command came to, and what it said. */
export interface Said {
  readonly code: ExitCode;
  readonly results: string;
  readonly problems: string;
}

/** A store as a test knows it. */
export interface TestedStore {
  readonly endpoint: string;
  readonly keys: StoreKeys;
}

const BUCKET = 'tofu-state';
const REGION = 'us-east-1';

/** Resources that tofu brings itself: their names, and what they hold. */
export function resources(values: Readonly<Record<string, object | string>>) {
  const all = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? { input: value } : value,
  ]);
  return { terraform_data: Object.fromEntries(all) };
}

/** A provisioner that says that it has begun, and goes on when it may. */
export function waiting(folder: string) {
  const command = `touch ${join(folder, 'held')}; until [ -e ${join(folder, 'free')} ]; do sleep 0.05; done`;
  return { input: 'waits', provisioner: { 'local-exec': { command } } };
}

/** One checkout of a stack: synthesized as far as the driver looks at it, with settings and a home of its own. */
export class DriverStack {
  readonly stack: string;
  /** Holds everything of the person. */
  readonly home: string;
  /** Of the synthesized stack. */
  readonly folder: string;
  /** Of the checkout for the stack: plan and data. */
  readonly work: string;
  readonly environment: NodeJS.ProcessEnv;
  private readonly store: TestedStore;
  private readonly cluster: string;

  constructor(store: TestedStore, stack = 'arc-runners') {
    this.stack = stack;
    this.store = store;
    this.home = mkdtempSync(join(tmpdir(), 'flywheel-driver-'));
    this.cluster = `driver-${randomToken()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '')}`.slice(0, 30);
    this.folder = join(this.home, 'out', 'stacks', stack);
    this.work = resolve('.flywheel', this.cluster, stack);
    mkdirSync(this.folder, { recursive: true });
    const settings = join(this.home, 'settings.yaml');
    const text = readFileSync(exampleFile('minimal'), 'utf8');
    writeFileSync(settings, text.replace('name: ci', `name: ${this.cluster}`));
    const { endpoint, keys } = store;
    this.environment = {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: this.home,
      XDG_STATE_HOME: join(this.home, 'memory'),
      FLYWHEEL_CONFIG: settings,
      CDKTF_OUTDIR: join(this.home, 'out'),
      TOFU_BACKEND_S3_ENDPOINT: endpoint,
      TOFU_BACKEND_S3_ACCESS_KEY_ID: keys.accessKeyId,
      TOFU_BACKEND_S3_SECRET_ACCESS_KEY: keys.secretAccessKey,
    };
  }

  /** Where the state lies. */
  get key(): string {
    return `${this.stack}/terraform.tfstate`;
  }

  /** Synthesizes the stack, as far as the driver looks at it. */
  write(resource: object, more: object = {}): void {
    const backend = backendBlock({ bucket: BUCKET, key: this.key, region: REGION });
    const terraform = { backend, required_version: '>= 1.12.0, < 2.0.0' };
    writeFileSync(join(this.folder, STACK_FILE), JSON.stringify({ terraform, resource, ...more }));
  }

  /** Runs a command on the stack; what a person would read of a refusal is among its problems. */
  async run(
    command: Command,
    args: readonly string[] = [],
    more: NodeJS.ProcessEnv = {},
  ): Promise<Said> {
    const results: string[] = [];
    const problems: string[] = [];
    const printer: Printer = {
      result: (line) => results.push(line),
      problem: (line) => problems.push(line),
    };
    const said = (code: ExitCode) => ({
      code,
      results: results.join('\n'),
      problems: problems.join('\n'),
    });
    try {
      return said(await command([this.stack, ...args], printer, { ...this.environment, ...more }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push(error.message);
      return said(error.exitCode);
    }
  }

  /** What the store holds under a key; undefined where there is nothing. */
  async object(key = this.key): Promise<Buffer | undefined> {
    const client = this.client();
    const { status, body } = await client.send({ method: 'GET', key });
    client.close();
    return status === 200 ? body : undefined;
  }

  /** Puts something into the store behind everybody's back. */
  async put(key: string, body: string): Promise<void> {
    const client = this.client();
    await client.send({ method: 'PUT', key, body: Buffer.from(body) });
    client.close();
  }

  /** Removes from the store what the stack has left there. */
  async forget(): Promise<void> {
    const client = this.client();
    for (const key of [this.key, `${this.key}.tflock`]) {
      await client.send({ method: 'DELETE', key }).catch(() => {});
    }
    client.close();
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
    rmSync(resolve('.flywheel', this.cluster), { recursive: true, force: true });
  }

  private client(): StoreClient {
    const { endpoint, keys } = this.store;
    const access: StoreAccess = { endpoint, bucket: BUCKET, region: REGION, pathStyle: true, keys };
    return new StoreClient(access);
  }
}
