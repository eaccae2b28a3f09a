import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { complaintOf, runTofu } from '../../operations/tofu/run-tofu.ts';
import { collect } from '../authority/collect.ts';
import { judge } from '../authority/judge.ts';
import type { Verdict } from '../authority/verdict.ts';
import { SYSTEM_CLOCK } from '../lying-store/clock.ts';
import type { Reply } from '../lying-store/reply.ts';
import type { ServedStore } from '../lying-store/serve-store.ts';
import type { StackState } from '../stack-state.ts';
import { isState, readState } from '../state/state-document.ts';
import type { StoreKeys } from '../store/store-access.ts';
import { StoreClient, type StoreRequest } from '../store/store-client.ts';
import { Progress } from '../tofu/progress.ts';
import { runThroughGateway } from '../tofu/stack-run.ts';
import type { StackRun } from '../tofu/stack-session.ts';
import { markOf } from '../witness/state-mark.ts';
import { Ledger } from './ledger.ts';
import { MemoryWitness } from './memory-witness.ts';
import { againstIn, DECLARATIONS, type Runner, type Stage } from './ran.ts';
import type { Command } from './recorded-client.ts';
import { REHEARSED, RehearsedStore } from './rehearsed-store.ts';
import { REGION, serve, type TofuGround, WORDS } from './tofu-ground.ts';
import { rightWords, summaryOf } from './tofu-words.ts';

/** What is taken for no end. */
export const STOCK_MS = 30_000;
/** So long ago was the last run. */
const LONG_AGO_MS = 3_600_000;
/** How long the guards wait for one answer here. */
const GUARD_MS = 2_000;

const SILENT: Printer = { result: () => {}, problem: () => {} };

/** A stage on which tofu itself runs, on a store that is served on this machine. */
export class TofuStage implements Stage {
  readonly clock = SYSTEM_CLOCK;
  readonly place: RehearsedStore;
  readonly ledger: Ledger;
  private readonly ground: TofuGround;
  private readonly settings: Settings;
  private readonly folder: string;
  private readonly witness = new MemoryWitness();
  private readonly served: ServedStore;
  private readonly keys: StoreKeys;
  private readonly client: StoreClient;
  private account: ReturnType<Ledger['account']> | undefined;
  private believed: Buffer | undefined;

  private constructor(ground: TofuGround, settings: Settings, opened: Opened) {
    this.ground = ground;
    this.settings = settings;
    this.folder = ground.folder();
    this.place = opened.place;
    this.served = opened.served;
    this.keys = opened.keys;
    const { endpoint } = opened.served;
    const access = { endpoint, bucket: REHEARSED.bucket, region: REGION, pathStyle: true };
    this.client = new StoreClient({ ...access, keys: opened.keys });
    this.ledger = new Ledger(opened.place.held() ?? Buffer.alloc(0));
  }

  static async open(ground: TofuGround, settings: Settings): Promise<TofuStage> {
    let behindMs = LONG_AGO_MS;
    const now = () => Date.now() - behindMs;
    const place = new RehearsedStore(ground.past, { ...SYSTEM_CLOCK, now });
    behindMs = 0;
    let stage: TofuStage | undefined;
    const reply = async (request: StoreRequest) => {
      const answer = await place.store.reply(request);
      stage?.hear(request, answer);
      return answer;
    };
    stage = new TofuStage(ground, settings, { place, ...(await serve({ reply })) });
    const facts = readState(stage.ledger.last);
    if (isState(facts)) await stage.witness.accept(REHEARSED.stack, markOf(facts, 'operator@here'));
    return stage;
  }

  async close(): Promise<void> {
    this.client.close();
    await this.served.stop();
  }

  async check(): Promise<Verdict> {
    const { settings, witness, client: store } = this;
    return judge(
      await collect({
        state: REHEARSED,
        settings,
        store,
        witness,
        firstRun: false,
        requestMs: GUARD_MS,
      }),
    );
  }

  /** What it believes is seen on the wire: it has asked nobody else. */
  readonly stock: Runner = async (command) => {
    const account = this.ledger.account();
    this.account = account;
    const began = Date.now();
    const result = await runTofu({
      tofu: this.ground.tofu.path,
      folder: this.folder,
      args: WORDS[command],
      environment: this.ground.environment(this.served, this.keys),
      deadlineMs: STOCK_MS,
    });
    this.account = undefined;
    const { code } = result;
    const ended = code === undefined ? 'hung' : code === 0 ? 'well' : 'stopped';
    return {
      ended,
      by: 'tofu',
      code: code === 0 ? '' : complaintOf(result),
      exitCode: code,
      ms: Date.now() - began,
      keptOut: false,
      says: summaryOf(result.stdout),
      findings: [],
      wrong: account.wrong,
    };
  };

  readonly flywheel: Runner = async (command, { guarded }) => {
    const began = Date.now();
    if (guarded && command !== 'init') {
      const verdict = await this.check();
      const { exitCode } = verdict;
      if (exitCode !== EXIT.good && exitCode !== EXIT.degraded) {
        const ms = Date.now() - began;
        const found = { code: againstIn(verdict), exitCode, verdict, findings: [] };
        return { ended: 'stopped', by: 'deep check', keptOut: false, wrong: [], ms, ...found };
      }
    }
    const before = this.ledger.last;
    const run = await this.throughGateway(command);
    const ms = Date.now() - began;
    const isWell = run.exitCode === EXIT.good;
    if (isWell && DECLARATIONS[command].writes === true) this.ledger.last = this.successor(before);
    return {
      ended: isWell ? 'well' : 'stopped',
      by: 'gateway',
      code: run.findings[0]?.code ?? (isWell ? '' : complaintOf(run)),
      exitCode: run.exitCode,
      ms,
      keptOut: false,
      says: summaryOf(run.stdout),
      findings: run.findings,
      wrong:
        isWell && !rightWords(command, before).test(run.stdout)
          ? ['did something else than on the truth']
          : [],
    };
  };

  private async throughGateway(command: Command): Promise<StackRun> {
    const { folder, settings, keys, client: store, witness, ground } = this;
    const state: StackState = {
      ...REHEARSED,
      memory: join(folder, 'memory'),
      work: join(folder, 'work'),
    };
    return await runThroughGateway(
      {
        state,
        settings: { ...settings, state: { ...settings.state, region: REGION } },
        environment: ground.environment(this.served, keys),
        folder,
        json: ground.json,
        jsonHash: '',
        access: {
          endpoint: this.served.endpoint,
          bucket: state.bucket,
          region: REGION,
          pathStyle: true,
          keys,
        },
        store,
        witness,
        by: 'operator@here',
        tofu: ground.tofu,
        progress: new Progress(SILENT, { json: false }),
        data: join(folder, '.terraform'),
        shared: false,
        encryption: undefined,
      },
      WORDS[command],
      { declaration: DECLARATIONS[command], guarded: true, compareAndSwap: true },
    );
  }

  /** The next state of the same history, if that is what the store holds now; else what was there before. */
  private successor(before: Buffer): Buffer {
    const now = this.place.held();
    const [was, is] = [readState(before), now && readState(now)];
    const follows =
      is !== undefined &&
      isState(was) &&
      isState(is) &&
      is.lineage === was.lineage &&
      is.serial > was.serial;
    return follows && now !== undefined ? now : Buffer.alloc(0);
  }

  /** What tofu is told, as far as it arrives. */
  private hear({ method, key, body: sent = new Uint8Array() }: StoreRequest, answer: Reply): void {
    const { status, body, transport } = answer;
    const arrives = transport === undefined || transport.kind === 'drip';
    if (this.account === undefined || key !== REHEARSED.key || !arrives) return;
    if (method === 'PUT' && status === 200) this.account.onKept(Buffer.from(sent), this.believed);
    if (method !== 'PUT' && status === 404) this.tell(undefined);
    if (method === 'GET' && status === 200) this.tell(body.length === 0 ? undefined : body);
  }

  private tell(believed: Buffer | undefined): void {
    this.believed = believed;
    this.account?.onRead(believed);
  }
}

interface Opened {
  readonly place: RehearsedStore;
  readonly served: ServedStore;
  readonly keys: StoreKeys;
}
