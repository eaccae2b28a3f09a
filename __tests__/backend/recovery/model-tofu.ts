import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Declaration } from '../../../backend/gateway/gateway-options.ts';
import { GatewaySession } from '../../../backend/gateway/session.ts';
import type { GuardedRun, GuardedTofu } from '../../../backend/recovery/guarded-tofu.ts';
import type { StackState } from '../../../backend/stack-state.ts';
import type { Store, StoreAnswer, StoreRequest } from '../../../backend/store/store-client.ts';
import type { Witness } from '../../../backend/witness/witness.ts';
import type { Json } from '../../support/synthesized.ts';

/** What a model of tofu stands on. */
export interface ModelOptions {
  readonly state: StackState;
  readonly store: Store;
  readonly witness: Witness;
  readonly folder: string;
  /** Ids under which a provider finds something. */
  readonly there?: ReadonlySet<string>;
  /** Addresses of which the plan says that they would be replaced. */
  readonly replaced?: ReadonlySet<string>;
}

/** A state as it is in the store, or a new one. */
interface Held {
  document: Json;
  readonly absent: boolean;
}

/**
 * As much of tofu as a recovery asks for, with the requests that the real one sends, through a real gateway without a network
 * between. The real tofu does the same in the tests on real programs.
 */
export class ModelTofu implements GuardedTofu {
  readonly folder: string;
  readonly runs: string[] = [];
  private readonly options: ModelOptions;

  constructor(options: ModelOptions) {
    this.folder = options.folder;
    this.options = options;
  }

  async run(args: readonly string[], declaration: Declaration): Promise<GuardedRun> {
    this.runs.push(args.filter((arg) => !arg.startsWith('-out')).join(' '));
    const { state, store, witness } = this.options;
    const session = await GatewaySession.open({
      state,
      store,
      witness,
      declaration,
      region: 'us-east-1',
      by: 'ada@laptop',
      compareAndSwap: true,
      guarded: true,
      requestMs: 200,
      pauseMs: 1,
      restartMs: 5,
    });
    const said = await this.words(session, args).catch((error: Error) => ({
      code: 1,
      stdout: '',
      stderr: `Error: ${error.message}`,
    }));
    await session.end();
    return { ...said, findings: session.findings };
  }

  private async words(session: GatewaySession, args: readonly string[]) {
    const [command, ...rest] = args;
    if (command === 'show') return good(readFileSync(rest.at(-1) ?? '', 'utf8'));
    const wire = new Wire(session, this.options.state);
    if (command === 'state' && rest[0] === 'pull') {
      const { document, absent } = await wire.read();
      // Where there is none, the real one prints one that belongs to no history.
      return good(JSON.stringify(absent ? { ...document, lineage: '' } : document));
    }
    return await wire.locked(async () => {
      if (command === 'state') return await push(wire, readFileSync(rest[1] ?? '', 'utf8'));
      if (command === 'plan') return this.plan(await wire.read(), rest);
      return await this.apply(wire, readFileSync(rest.at(-1) ?? '', 'utf8'));
    });
  }

  private plan({ document }: Held, rest: readonly string[]) {
    const { there = new Set(), replaced = new Set() } = this.options;
    const config = this.configuration();
    const known = new Set(addressesIn(document));
    const targets = rest.flatMap((arg) => /^-target=(.*)/.exec(arg)?.[1] ?? []);
    const lost = config.imports.filter(({ id }) => !there.has(id));
    if (lost.length > 0) return { code: 1, stdout: lost.map(notThere).join('\n'), stderr: '' };
    const changes = config.addresses
      .filter((address) => targets.length === 0 || targets.includes(address))
      .map((address) => {
        const importing = config.imports.find(({ to }) => to === address);
        const isThere = importing !== undefined || known.has(address);
        const plain = isThere ? ['no-op'] : ['create'];
        const actions = replaced.has(address) ? ['delete', 'create'] : plain;
        const with_ = importing === undefined ? {} : { importing: { id: importing.id } };
        return { address, mode: 'managed', change: { actions, ...with_ } };
      });
    const out = rest.flatMap((arg) => /^-out=(.*)/.exec(arg)?.[1] ?? [])[0] ?? '';
    writeFileSync(out, JSON.stringify({ resource_changes: changes }));
    return good('{"type":"change_summary"}');
  }

  private async apply(wire: Wire, plan: string) {
    const held = await wire.read();
    for (const { address, change } of JSON.parse(plan).resource_changes as Json[]) {
      if (change.importing === undefined) continue;
      held.document.resources.push(resourceAt(address, change.importing.id));
    }
    await wire.write(held);
    return good('');
  }

  private configuration() {
    const files = readdirSync(this.folder).filter((name) => name.endsWith('.tf.json'));
    const parts = files.map(
      (name): Json => JSON.parse(readFileSync(join(this.folder, name), 'utf8')),
    );
    return {
      imports: parts.flatMap((part): { to: string; id: string }[] => part.import ?? []),
      addresses: parts.flatMap((part) =>
        Object.entries(part.resource ?? {}).flatMap(([type, all]) =>
          Object.keys(all as object).map((name) => `${type}.${name}`),
        ),
      ),
    };
  }
}

/** The requests of tofu, in their order. */
class Wire {
  private readonly session: GatewaySession;
  private readonly state: StackState;

  constructor(session: GatewaySession, state: StackState) {
    this.session = session;
    this.state = state;
  }

  async read(): Promise<Held> {
    const head = await this.ask({ method: 'HEAD', key: this.state.key });
    if (head.status === 404) return { document: newState(), absent: true };
    const { status, body } = await this.ask({ method: 'GET', key: this.state.key });
    if (head.status !== 200 || status !== 200)
      throw new Error(`reading: ${head.status}, ${status}`);
    return { document: JSON.parse(body.toString('utf8')), absent: false };
  }

  async write({ document }: Held): Promise<void> {
    const body = Buffer.from(JSON.stringify({ ...document, serial: document.serial + 1 }));
    const answer = await this.ask({ method: 'PUT', key: this.state.key, body });
    if (answer.status !== 200) throw new Error(`writing: ${answer.status}`);
  }

  async locked<T>(work: () => Promise<T>): Promise<T> {
    const { lockKey: key } = this.state;
    const info = { ID: randomUUID(), Operation: 'OperationTypeApply', Info: '', Who: 'ada@laptop' };
    const body = Buffer.from(JSON.stringify({ ...info, Created: new Date().toISOString() }));
    const taken = await this.ask({ method: 'PUT', key, body, headers: { 'if-none-match': '*' } });
    if (taken.status !== 200) throw new Error('Error acquiring the state lock');
    try {
      return await work();
    } finally {
      await this.ask({ method: 'GET', key });
      await this.ask({ method: 'DELETE', key });
    }
  }

  private ask(request: StoreRequest): Promise<StoreAnswer> {
    return this.session.answer({ ...request, bucket: this.state.bucket });
  }
}

async function push(wire: Wire, text: string) {
  const pushed: Json = JSON.parse(text);
  const { document, absent } = await wire.read();
  if (!absent && document.lineage !== pushed.lineage) throw new Error('unmatched lineage');
  if (!absent && document.serial > pushed.serial) throw new Error('a newer serial is there');
  await wire.write({ document: pushed, absent });
  return good('');
}

/** A resource of a state with an id. */
function resourceAt(address: string, id: string): Json {
  const [type, name] = address.split('.');
  const instances = [{ schema_version: 0, attributes: { id }, sensitive_attributes: [] }];
  return { mode: 'managed', type, name, provider: 'provider["example.invalid/x/x"]', instances };
}

function newState(): Json {
  const lineage = randomUUID();
  return {
    version: 4,
    terraform_version: '1.12.6',
    serial: 0,
    lineage,
    outputs: {},
    resources: [],
  };
}

function addressesIn(document: Json): string[] {
  return document.resources.map(({ type, name }: Json) => `${type}.${name}`);
}

function notThere({ to }: { to: string }): string {
  const detail = `While attempting to import an existing object to "${to}", the provider detected that no object exists with the given id.`;
  const diagnostic = {
    severity: 'error',
    summary: 'Cannot import non-existent remote object',
    detail,
  };
  return JSON.stringify({ type: 'diagnostic', diagnostic });
}

function good(stdout: string): { code: number; stdout: string; stderr: string } {
  return { code: 0, stdout, stderr: '' };
}

/** True when tofu was left nothing beside the JSON of the stack. */
export function isTidy(folder: string): boolean {
  return !existsSync(join(folder, 'flywheel-adopt.tf.json'));
}
