import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '../../../backend/lying-store/clock.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import type { Confirm } from '../../../backend/recovery/confirm.ts';
import { type StackState, stackState } from '../../../backend/stack-state.ts';
import { sha256 } from '../../../backend/store/signature.ts';
import { openWitness, type StateWitness } from '../../../backend/witness/open-witness.ts';
import { readSettings } from '../../../config/read-settings.ts';

const SETTINGS = readSettings('config/tinyland.yaml');
export const LINEAGE = '8d3f6f0a-6f0e-4e3e-9c0f-3d5f1a7f2b11';
export const OTHER_LINEAGE = '11111111-6f0e-4e3e-9c0f-3d5f1a7f2b11';
export const BY = 'ada@laptop';

/** A state with one instance for each address, whose attribute `id` is as given. */
export function stateBytes(
  serial: number,
  ids: Readonly<Record<string, string>> = {},
  lineage = LINEAGE,
): Buffer {
  const resources = Object.entries(ids).map(([address, id]) => {
    const [type, name] = address.split('.');
    const instances = [{ schema_version: 0, attributes: { id }, sensitive_attributes: [] }];
    return { mode: 'managed', type, name, provider: 'provider["example.invalid/x/x"]', instances };
  });
  const state = {
    version: 4,
    terraform_version: '1.12.6',
    serial,
    lineage,
    outputs: {},
    resources,
  };
  return Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`);
}

/** A mark of a state, as the witness keeps it. */
export function markOfBytes(bytes: Buffer) {
  const { serial, lineage } = JSON.parse(bytes.toString('utf8'));
  return { serial, lineage, hash: sha256(bytes), at: '2026-11-20T10:00:00.000Z', by: BY };
}

/** A person without a cluster, a stack, and an honest store. */
export class RecoveryGround {
  readonly folder = mkdtempSync(join(tmpdir(), 'flywheel-recovery-'));
  readonly store = new HonestStore({ bucket: 'tofu-state', clock: new VirtualClock() });
  readonly state: StackState;
  readonly results: string[] = [];
  readonly problems: string[] = [];
  readonly printer = {
    result: (line: string) => void this.results.push(line),
    problem: (line: string) => void this.problems.push(line),
  };
  private readonly environment: NodeJS.ProcessEnv;

  constructor() {
    this.environment = { HOME: this.folder, XDG_STATE_HOME: join(this.folder, 'state') };
    const state = stackState('attic', SETTINGS, this.environment);
    this.state = { ...state, work: join(this.folder, 'work') };
    mkdirSync(this.stackFolder);
  }

  /** Where tofu runs. */
  get stackFolder(): string {
    return join(this.folder, 'attic');
  }

  witness(): Promise<StateWitness> {
    return openWitness(this.state, { settings: SETTINGS, environment: this.environment });
  }

  async put(bytes: Buffer): Promise<void> {
    await this.store.send({ method: 'PUT', key: this.state.key, body: bytes });
  }

  async stored(key = this.state.key): Promise<Buffer | undefined> {
    const { status, body } = await this.store.send({ method: 'GET', key });
    return status === 200 ? body : undefined;
  }

  /** Puts a state into the store, and lets the witness remember it. */
  async keep(bytes: Buffer): Promise<void> {
    await this.put(bytes);
    await (await this.witness()).advance(this.state.stack, markOfBytes(bytes));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A person who types that. */
export function typed(name: string): Confirm {
  return { named: async (stack) => name === stack };
}
