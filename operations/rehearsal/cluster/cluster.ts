import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../../../config/settings.ts';
import { Failure } from '../../../console/failure.ts';
import { Child } from '../child.ts';
import { ProgramEnded } from '../program-ended.ts';
import { Api } from './api.ts';
import {
  certificateOf,
  type Tokens,
  writeKubeconfigs,
  writeServerCredentials,
} from './credentials.ts';
import { declaredObjects, nodesOf } from './declared-objects.ts';
import { Informers, type World } from './informers.ts';
import type { ProgramPaths } from './installed.ts';
import { argumentsOf, environmentOf, PARTS, type PartName, type Surroundings } from './parts.ts';
import { writePodAccess } from './pod-access.ts';
import { gatePods } from './pod-gate.ts';
import { serveClaims } from './provisioner.ts';
import { eachApart, Rounds } from './rounds.ts';
import { stagesFile } from './stages.ts';
import { StandInRunner } from './stand-ins.ts';

const START_MS = 90_000;
const PROBE_MS = 100;
const ENDED_EARLY = 'the cluster was ended while it was starting';

/** What a cluster is made from. */
export interface ClusterOptions extends Surroundings {
  readonly settings: Settings;
  readonly programs: ProgramPaths;
  /** Problems that the controllers of the harness meet while the cluster runs. */
  readonly report: (problem: string) => void;
}

/** The programs of one cluster and the controllers of the harness beside them. */
export class Cluster {
  readonly server: string;
  private readonly options: ClusterOptions;
  private readonly children: Child[] = [];
  private readonly ended: Promise<never>;
  private endWith: (why: Failure) => void = () => {};
  private tokens: Tokens | undefined;
  private api: Api | undefined;
  private informers: Informers | undefined;
  private rounds: Rounds | undefined;
  private stopping = false;

  constructor(options: ClusterOptions) {
    this.options = options;
    this.server = `https://127.0.0.1:${options.ports.api}`;
    this.ended = new Promise((_, reject) => {
      this.endWith = reject;
    });
    // Whoever waits for it hears of it; while nobody does, it is no unhandled rejection.
    this.ended.catch(() => {});
  }

  /** Rejects when a part ends by itself. */
  get trouble(): Promise<never> {
    return this.ended;
  }

  /** Process groups by the name of their program. */
  get parts(): Record<string, number> {
    return Object.fromEntries(this.children.map(({ name, pid }) => [name, pid]));
  }

  get adminToken(): string {
    return this.tokens?.admin ?? '';
  }

  /**
   * Starts everything, in an order in which nothing has to be tried twice.
   *
   * @returns the UID of kube-system. Only the API server that was just started knows the token it is asked with.
   */
  async start(): Promise<string> {
    const { folder, settings } = this.options;
    for (const leftover of ['etcd', 'certificates']) {
      rmSync(folder.file(leftover), { recursive: true, force: true });
    }
    this.tokens = writeServerCredentials(folder);
    const access = this.options.podAccess ? `---\n${writePodAccess(folder)}` : '';
    folder.write('stages.yaml', stagesFile() + access);
    await this.startPart('etcd');
    await this.startPart('kube-apiserver');
    const api = await this.connect(this.tokens);
    writeKubeconfigs(folder, {
      context: settings.cluster.name,
      server: this.server,
      tokens: this.tokens,
    });
    await Promise.all(PARTS.slice(2).map((part) => this.startPart(part)));
    const uid = await this.until('the namespace kube-system', async () => {
      const found = await api.find('/api/v1/namespaces/kube-system');
      return found?.metadata?.uid;
    });
    await this.declare(api, settings);
    const world = await this.startControllers(api);
    await this.until('nodes and service accounts', () =>
      Promise.resolve(isReady(world, nodesOf(settings).length) || undefined),
    );
    return uid;
  }

  /** Ends everything. What was not started yet is not started any more. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.endWith(new Failure(ENDED_EARLY));
    await this.rounds?.stop();
    await this.informers?.stop();
    this.api?.close();
    await Promise.all(this.children.map((child) => child.stop()));
  }

  private async startPart(part: PartName): Promise<void> {
    const { folder, programs } = this.options;
    if (this.stopping) return;
    const child = await Child.start({
      name: part,
      program: programs[part],
      args: argumentsOf(part, this.options),
      folder: folder.path,
      log: folder.log(part),
      environment: environmentOf(part, folder),
    });
    this.children.push(child);
    if (this.stopping) await child.stop();
    void child.gone.then(() => {
      if (!this.stopping) this.endWith(new ProgramEnded(child));
    });
  }

  private async connect({ admin }: Tokens): Promise<Api> {
    const { folder } = this.options;
    const certificate = await this.until('the certificate of the API server', () =>
      Promise.resolve(certificateOf(folder) || undefined),
    );
    const api = new Api({ server: this.server, certificate, token: admin });
    this.api = api;
    await this.until('the API server', async () => {
      const answer = await api.text('/readyz');
      return answer === 'ok' || undefined;
    });
    return api;
  }

  private async declare(api: Api, settings: Settings): Promise<void> {
    for (const { path, object } of declaredObjects(settings)) {
      // The type of an object may have been created a moment ago.
      await this.until(`${object.kind} ${object.metadata.name}`, async () => {
        await api.ensure(path, object);
        return true;
      });
    }
  }

  private async startControllers(api: Api): Promise<World> {
    const informers = new Informers(api, () => this.rounds?.ask());
    this.informers = informers;
    const world = await informers.world();
    const standIns = new StandInRunner(api, informers, world);
    await standIns.start();
    if (this.stopping) throw new Failure(ENDED_EARLY);
    const controllers = [
      () => serveClaims(api, world),
      () => gatePods(api, world),
      () => standIns.act(),
    ];
    this.rounds = new Rounds(
      () => eachApart(controllers, (control) => control()),
      this.options.report,
    );
    this.rounds.ask();
    return world;
  }

  /** Asks until there is an answer; what is thrown on the way is told when time is over. */
  private async until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    const end = Date.now() + START_MS;
    let last: unknown;
    while (Date.now() < end) {
      try {
        const answer = await Promise.race([this.trouble, Promise.resolve().then(probe)]);
        if (answer !== undefined) return answer;
      } catch (error) {
        if (error instanceof Failure) throw error;
        last = error;
      }
      await pause(PROBE_MS);
    }
    const why = last instanceof Error ? `: ${last.message}` : '';
    throw new Failure(
      `waited ${START_MS / 1000} s for ${what}${why}\n    the machine may be too busy; the log is ${this.options.folder.log('kube-apiserver')}`,
    );
  }
}

function isReady(world: World, nodes: number): boolean {
  const ready = world.nodes
    .list()
    .filter(({ status }) =>
      (status?.conditions ?? []).some(
        (condition) => condition.type === 'Ready' && condition.status === 'True',
      ),
    );
  return ready.length === nodes && world.serviceAccounts.get('default', 'default') !== undefined;
}
