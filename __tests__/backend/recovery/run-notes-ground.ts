import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RunNotes } from '../../../backend/recovery/run-notes.ts';
import type { LockInfo } from '../../../backend/recovery/store-lock.ts';
import { type StackState, stackState } from '../../../backend/stack-state.ts';
import { type OpenedWitness, openWitness } from '../../../backend/witness/open-witness.ts';
import type { RunNote } from '../../../backend/witness/run-note.ts';
import { readSettings } from '../../../config/read-settings.ts';
import type { TestApiServer } from '../../support/api-server.ts';
import { exampleFile } from '../../support/examples.ts';

const CLUSTER = 'run-notes';
const OBJECT = '/api/v1/namespaces/flywheel-state/configmaps/flywheel-state-witness';
const ENTRY = 'tofu-state.attic.runs';
/** No system gives so high a number. */
const NO_PROCESS = 2 ** 30;

/** One machine of an operator, or of a job: a memory of its own, and one cluster for all. */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'flywheel-run-notes-'));
  readonly environment: NodeJS.ProcessEnv;
  readonly state: StackState;
  readonly told: string[] = [];
  private readonly settings;

  constructor(server: TestApiServer) {
    const file = join(this.folder, 'settings.yaml');
    const text = readFileSync(exampleFile('minimal'), 'utf8');
    writeFileSync(file, text.replace('name: ci', `name: ${CLUSTER}`));
    const kubeconfig = join(this.folder, 'kubeconfig');
    writeFileSync(kubeconfig, server.kubeconfig(CLUSTER));
    this.environment = {
      HOME: this.folder,
      XDG_STATE_HOME: join(this.folder, 'state'),
      FLYWHEEL_CONFIG: file,
      KUBE_CONFIG_PATH: kubeconfig,
    };
    this.settings = readSettings(file);
    this.state = stackState('attic', this.settings, this.environment);
  }

  witness(): Promise<OpenedWitness> {
    const { settings, environment } = this;
    return openWitness(this.state, { settings, environment });
  }

  /** The notes as one run sees them. */
  async run(over: { recovers?: boolean; lock?: LockInfo; witness?: OpenedWitness } = {}) {
    const { board } = over.witness ?? (await this.witness());
    return new RunNotes({
      state: this.state,
      board,
      by: 'ada@laptop',
      recovers: over.recovers ?? false,
      tell: (line) => this.told.push(line),
      lock: async () => over.lock,
    });
  }

  /** What a run comes to that waits for others: nothing, or why it does not go on. */
  async refusal(over: { lock?: LockInfo } = {}): Promise<{ exitCode?: number; message?: string }> {
    const runs = await this.run(over);
    return await runs.requireNothingElsewhere().then(
      () => ({}),
      (error) => error,
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
    rmSync(resolve('.flywheel', CLUSTER), { recursive: true, force: true });
  }
}

/** The notes that lie in the cluster. */
export function posted(server: TestApiServer): RunNote[] {
  const text = server.state.objects.get(OBJECT)?.data?.[ENTRY];
  return text === undefined ? [] : JSON.parse(text).runs;
}

/** Puts something into the entry behind everybody's back. */
export function post(server: TestApiServer, text: string): void {
  const object = server.state.objects.get(OBJECT);
  object.data = { ...object.data, [ENTRY]: text };
}

/** Makes the process of every run one that is gone, and with a name also its machine another one. */
export function kill(server: TestApiServer, host?: string): void {
  const runs = posted(server).map(({ started: _, ...note }) => ({
    ...note,
    pid: NO_PROCESS,
    ...(host === undefined ? {} : { host }),
  }));
  post(server, JSON.stringify({ stack: 'attic', runs }));
}
