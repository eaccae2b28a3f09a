import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunningGateway } from '../../../backend/gateway/gateway-options.ts';
import { GatewaySession } from '../../../backend/gateway/session.ts';
import { type Journal, openJournal } from '../../../backend/recovery/journal.ts';
import { requireNothingPending } from '../../../backend/recovery/pending.ts';
import type { StackState } from '../../../backend/stack-state.ts';
import type { StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import { afterRun } from '../../../backend/tofu/aftermath.ts';
import { eventsFile } from '../../../backend/tofu/event-tail.ts';
import { Progress } from '../../../backend/tofu/progress.ts';
import type { RunSubject } from '../../../backend/tofu/stack-run.ts';
import type { TofuEnd } from '../../../backend/tofu/tofu-process.ts';
import { keepWhatIsLeft } from '../../../backend/tofu/with-stack.ts';
import type { ExitCode } from '../../../console/exit-code.ts';
import type { Json } from '../../support/synthesized.ts';
import { SETTINGS } from '../authority/authority-fixtures.ts';
import { BY, type RecoveryGround } from '../recovery/recovery-ground.ts';
import type { FaultyStore } from './faulty-store.ts';

/** What the stack declares, in the order in which it is made: things with an identity of their own, and one without. */
export const STACK: Json = {
  resource: {
    aws_s3_bucket: { one: { bucket: 'one' }, two: { bucket: 'two' }, three: { bucket: 'three' } },
    terraform_data: { wait: {} },
  },
};
const ORDER = [
  'aws_s3_bucket.one',
  'aws_s3_bucket.two',
  'terraform_data.wait',
  'aws_s3_bucket.three',
];
/** After so many resources tofu writes the state for the first time. */
const FIRST_WRITE = 2;

/** What is really there, whatever anybody has written down. */
export class Cloud {
  readonly made: { readonly address: string; readonly id: string }[] = [];

  make(address: string): string {
    const [type, name = ''] = address.split('.');
    const id = type === 'terraform_data' ? randomUUID() : name;
    this.made.push({ address, id });
    return id;
  }

  /** The names under which a provider finds something. */
  get there(): ReadonlySet<string> {
    return new Set(this.made.map(({ id }) => id));
  }

  /** What was made more than once, although it has an identity of its own. */
  get twice(): string[] {
    const ids = this.made.map(({ id }) => id);
    return ids.filter((id, index) => ids.indexOf(id) !== index);
  }
}

/** Tofu was killed. */
class Killed extends Error {}

/** How an apply ended for who gave the command. */
export interface Ended {
  /** Undefined where nobody was left to end. */
  readonly exitCode: ExitCode | undefined;
  readonly findings: readonly string[];
}

/** One apply by the driver: its gateway, its journal, and a tofu with the requests and events of the real one. */
export class CrashingApply {
  private readonly ground: RecoveryGround;
  private readonly state: StackState;
  private readonly cloud: Cloud;
  private readonly store: FaultyStore;
  private readonly firstRun: boolean;
  private journal: Journal | undefined;
  private session: GatewaySession | undefined;

  constructor(
    ground: RecoveryGround,
    {
      cloud,
      store,
      firstRun,
    }: { readonly cloud: Cloud; readonly store: FaultyStore; readonly firstRun: boolean },
  ) {
    this.ground = ground;
    // A stack that holds its own store waits longer, and for that the clock of the machine counts.
    this.state = { ...ground.state, holdsOwnStore: false };
    this.cloud = cloud;
    this.store = store;
    this.firstRun = firstRun;
  }

  /** @throws Failure where an earlier run has left something that has to be recovered */
  async run(): Promise<Ended> {
    const { state, ground, store } = this;
    keepWhatIsLeft(state, ground.stackFolder);
    requireNothingPending(state);
    const begun = new Date();
    const witness = await ground.witness();
    const died = new Promise<undefined>((resolve) => {
      store.onDeath = () => resolve(undefined);
    });
    const session = await GatewaySession.open({
      state,
      store,
      witness,
      declaration: { writes: true, firstRun: this.firstRun },
      region: 'us-east-1',
      by: BY,
      compareAndSwap: true,
      guarded: true,
      sleep: async () => {},
    });
    this.session = session;
    mkdirSync(state.work, { recursive: true });
    this.journal = openJournal(state);
    const tofu = this.tofu(died).catch((error: unknown) => {
      if (error instanceof Killed) return undefined;
      throw error;
    });
    const code = await tofu;
    if (store.dead.has('driver')) return this.bury();
    rmSync(eventsFile(state.work), { force: true });
    const end: TofuEnd = { code, stdout: '', stderr: '', interrupted: false, late: false };
    await session.end();
    const after = await afterRun({
      subject: await this.subject(),
      end,
      gateway: runningOf(session),
      journal: this.journal,
      begun,
      shows: 'all',
      fine: [0],
    });
    return { exitCode: after.exitCode, findings: session.findings.map(({ code: each }) => each) };
  }

  /** What a killed driver leaves: a journal without an end, of a process that is no more. */
  private bury(): Ended {
    const { journal } = this;
    if (journal !== undefined) {
      const text = readFileSync(journal.file, 'utf8');
      journal.close('failed');
      writeFileSync(journal.file, text.replace(/"started":"[^"]*"/, '"started":"long ago"'));
    }
    return { exitCode: undefined, findings: [] };
  }

  /** Tofu, as it applies. @returns its exit code */
  private async tofu(died: Promise<undefined>): Promise<number> {
    const wire = new Wire(this.state, async (request) => {
      if (this.store.dead.has('tofu')) throw new Killed();
      const answer = this.store.dead.has('driver')
        ? undefined
        : await Promise.race([this.session?.answer(request), died]);
      // The death may have come together with the answer.
      if (this.store.dead.has('tofu')) throw new Killed();
      return this.store.dead.has('driver') ? undefined : answer;
    });
    if (!(await wire.list())) return 1;
    if (!(await wire.lock())) return 1;
    const document = await wire.read();
    const code = document === undefined ? 1 : await this.make(wire, document);
    return (await wire.unlock()) ? code : 1;
  }

  private async make(wire: Wire, document: Json): Promise<number> {
    const known = new Set(document.resources.map(({ type, name }: Json) => `${type}.${name}`));
    const missing = ORDER.filter((address) => !known.has(address));
    let kept = true;
    for (const [index, address] of missing.entries()) {
      this.tell('apply_start', address);
      const id = this.cloud.make(address);
      document.resources.push(resourceOf(address, id));
      this.tell('apply_complete', address, id);
      if (index + 1 !== FIRST_WRITE) continue;
      kept = await wire.write(document);
      // What could not be written halts it.
      if (!kept) break;
    }
    const wrote = await wire.write(document);
    if (!wrote)
      writeFileSync(join(this.ground.stackFolder, 'errored.tfstate'), wire.text(document));
    return kept && wrote ? 0 : 1;
  }

  /** Into the file first, and by the driver, while it lives, into the journal. */
  private tell(type: string, address: string, id?: string): void {
    const resource = { addr: address, resource_type: address.split('.')[0] };
    const told = id === undefined ? {} : { id_key: 'id', id_value: id };
    const event = { type, hook: { resource, action: 'create', ...told } };
    const file = eventsFile(this.state.work);
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${JSON.stringify(event)}\n`);
    if (!this.store.dead.has('driver')) this.journal?.note(event);
  }

  private async subject(): Promise<RunSubject> {
    const { ground, state, store } = this;
    return {
      state,
      settings: SETTINGS,
      environment: {},
      folder: ground.stackFolder,
      json: STACK,
      jsonHash: '',
      access: undefined,
      store,
      witness: await ground.witness(),
      by: BY,
      tofu: { path: '/nowhere/tofu', version: '1.12.6', pinned: true },
      progress: new Progress(ground.printer, { json: false }),
      data: join(state.work, 'data'),
      encryption: undefined,
      shared: false,
    };
  }
}

/** The requests of an apply. Who asks a gateway that is gone gets no answer. */
class Wire {
  private readonly state: StackState;
  private readonly ask: (request: StoreRequest) => Promise<StoreAnswer | undefined>;
  private readonly id = randomUUID();

  constructor(state: StackState, ask: (request: StoreRequest) => Promise<StoreAnswer | undefined>) {
    this.state = state;
    this.ask = (request) => ask({ bucket: state.bucket, ...request });
  }

  async list(): Promise<boolean> {
    const query = { 'list-type': '2', 'max-keys': '1000', prefix: 'env:/' };
    return (await this.ask({ method: 'GET', query }))?.status === 200;
  }

  async lock(): Promise<boolean> {
    const created = new Date().toISOString();
    const names = [
      ['ID', this.id],
      ['Operation', 'OperationTypeApply'],
      ['Who', BY],
      ['Created', created],
    ];
    const body = Buffer.from(JSON.stringify(Object.fromEntries(names)));
    const headers = { 'if-none-match': '*' };
    const { lockKey: key } = this.state;
    const answer = await this.ask({ method: 'PUT', key, headers, body });
    if (answer?.status === 412) await this.ask({ method: 'GET', key });
    return answer?.status === 200;
  }

  /** @returns nothing where it could not be read */
  async read(): Promise<Json | undefined> {
    const { key } = this.state;
    const head = await this.ask({ method: 'HEAD', key });
    if (head?.status === 404) return emptyState();
    if (head?.status !== 200) return undefined;
    const answer = await this.ask({ method: 'GET', key });
    return answer?.status === 200 ? JSON.parse(answer.body.toString('utf8')) : undefined;
  }

  /** Each state that is written has the serial after the one before it. */
  async write(document: Json): Promise<boolean> {
    document.serial += 1;
    const body = Buffer.from(this.text(document));
    const answer = await this.ask({ method: 'PUT', key: this.state.key, body });
    return answer?.status === 200;
  }

  text(document: Json): string {
    return JSON.stringify(document);
  }

  async unlock(): Promise<boolean> {
    const { lockKey: key } = this.state;
    const held = await this.ask({ method: 'GET', key });
    if (held?.status !== 200 || !held.body.includes(this.id)) return false;
    return (await this.ask({ method: 'DELETE', key }))?.status === 204;
  }
}

function runningOf(session: GatewaySession): RunningGateway {
  return {
    endpoint: '',
    keys: { accessKeyId: '', secretAccessKey: '' },
    findings: session.findings,
    notes: session.notes,
    unkept: session.unkept,
    stop: () => session.end(),
  };
}

function resourceOf(address: string, id: string): Json {
  const [type, name] = address.split('.');
  const instances = [{ schema_version: 0, attributes: { id }, sensitive_attributes: [] }];
  return { mode: 'managed', type, name, provider: 'provider["example.invalid/x/x"]', instances };
}

function emptyState(): Json {
  return {
    version: 4,
    terraform_version: '1.12.6',
    serial: 0,
    lineage: randomUUID(),
    outputs: {},
    resources: [],
  };
}
