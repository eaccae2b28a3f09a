import { EXIT, type ExitCode, gravest } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { collect } from '../authority/collect.ts';
import { judge } from '../authority/judge.ts';
import type { Verdict } from '../authority/verdict.ts';
import { GatewaySession } from '../gateway/session.ts';
import { type Clock, VirtualClock } from '../lying-store/clock.ts';
import { lockOf } from '../recovery/store-lock.ts';
import { isState, readState } from '../state/state-document.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { markOf } from '../witness/state-mark.ts';
import { Ledger } from './ledger.ts';
import { MemoryWitness } from './memory-witness.ts';
import {
  againstIn,
  DECLARATIONS,
  type Proved,
  type Ran,
  type RunHow,
  type Runner,
  type Stage,
} from './ran.ts';
import { type ClientEnd, type Command, RecordedClient } from './recorded-client.ts';
import { type PastRun, REHEARSED, RehearsedStore } from './rehearsed-store.ts';
import { lockOf as lockBytes, stateOf } from './state-story.ts';

/** So long ago was the last run. */
const LONG_AGO_MS = 3_600_000;
const PAST: readonly PastRun[] = [1, 2].map((serial) => ({
  lock: lockBytes(`run-${serial}`, 'OperationTypeApply', `${REHEARSED.bucket}/${REHEARSED.key}`),
  state: stateOf(serial, `value ${serial}`),
}));

/** A stage in this process: requests are played as they were recorded, and time passes at once. */
export class RecordedStage implements Stage {
  readonly clock: Clock = new VirtualClock();
  readonly place = new RehearsedStore(PAST, this.clock);
  readonly ledger: Ledger;
  private readonly witness = new MemoryWitness();
  private readonly settings: Proved;

  private constructor(settings: Proved, last: Buffer) {
    this.settings = settings;
    this.ledger = new Ledger(last);
  }

  static async open(settings: Proved): Promise<RecordedStage> {
    const last = PAST.at(-1)?.state ?? Buffer.alloc(0);
    const stage = new RecordedStage(settings, last);
    const facts = readState(last);
    if (isState(facts)) await stage.witness.accept(REHEARSED.stack, markOf(facts, 'operator@here'));
    await stage.clock.sleep(LONG_AGO_MS);
    return stage;
  }

  /** Proves the store, and nothing else. */
  async check(): Promise<Verdict> {
    const { settings, witness } = this;
    const { store } = this.place;
    const subject = { state: REHEARSED, settings, store, witness, firstRun: false };
    return judge(await collect(subject));
  }

  /** Tofu by itself. */
  readonly stock: Runner = async (command, { id, meanwhile }) => {
    const account = this.ledger.account();
    const began = this.clock.now();
    const end = await this.play(command, { id, account, meanwhile, store: this.place.store });
    const ms = this.clock.now() - began - end.workedMs;
    const told = { by: 'tofu', code: end.says, keptOut: end.locked, findings: [] } as const;
    return { ...endOf(end), ...told, wrong: account.wrong, ms };
  };

  /** Tofu behind the guards and the gateway. */
  readonly flywheel: Runner = async (command, { id, guarded, meanwhile }) => {
    const account = this.ledger.account();
    const began = this.clock.now();
    if (guarded && command !== 'init') {
      const verdict = await this.check();
      const { exitCode } = verdict;
      if (exitCode !== EXIT.good && exitCode !== EXIT.degraded) {
        const ms = this.clock.now() - began;
        const found = { code: againstIn(verdict), exitCode, verdict, findings: [] };
        return { ended: 'stopped', by: 'deep check', keptOut: false, wrong: [], ms, ...found };
      }
    }
    const session = await this.session(command);
    const send: RecordedStore['send'] = (request) => session.answer(request);
    const end = await this.play(command, { id, account, meanwhile, store: { send } });
    const ms = this.clock.now() - began - end.workedMs;
    const exitCode = await this.exitCodeOf(end, session, id);
    const ended = exitCode === EXIT.good ? 'well' : 'stopped';
    const { findings } = session;
    const keptOut = end.locked && findings.length === 0;
    const code = findings[0]?.code ?? (keptOut ? 'lock-held' : end.says);
    return { ended, by: 'gateway', code, exitCode, ms, keptOut, findings, wrong: account.wrong };
  };

  private session(command: Command): Promise<GatewaySession> {
    return GatewaySession.open({
      state: REHEARSED,
      region: this.place.truth.region,
      declaration: DECLARATIONS[command],
      store: this.place.store,
      witness: this.witness,
      by: 'operator@here',
      compareAndSwap: true,
      guarded: true,
      sleep: (ms) => this.clock.sleep(ms),
      now: () => this.clock.now(),
    });
  }

  private async play(
    command: Command,
    { id, account, meanwhile, store }: Playing,
  ): Promise<ClientEnd> {
    return await RecordedClient.run(command, {
      store,
      state: REHEARSED,
      clock: this.clock,
      id,
      onRead: account.onRead,
      onKept: account.onKept,
      ...(meanwhile === undefined ? {} : { meanwhile }),
    });
  }

  /** As the driver counts: the gravest of what tofu said, what the store did, and what is left. */
  private async exitCodeOf(end: ClientEnd, session: GatewaySession, id: string): Promise<ExitCode> {
    const waits = session.unkept !== undefined || (end.code !== 0 && (await this.leaves(id)));
    return gravest([
      end.code === 0 ? EXIT.good : EXIT.unknown,
      ...session.findings.map(({ exitCode }) => exitCode),
      ...(waits ? [EXIT.pending] : []),
    ]);
  }

  private async leaves(id: string): Promise<boolean> {
    try {
      return (await lockOf(this.place.store, REHEARSED))?.id === id;
    } catch (error) {
      if (error instanceof StoreTrouble || error instanceof Failure) return false;
      throw error;
    }
  }
}

interface Playing extends Pick<RunHow, 'id'> {
  readonly account: ReturnType<Ledger['account']>;
  readonly meanwhile: RunHow['meanwhile'];
  readonly store: RecordedStore;
}

type RecordedStore = Parameters<typeof RecordedClient.run>[1]['store'];

function endOf({ code }: ClientEnd): Pick<Ran, 'ended' | 'exitCode'> {
  if (code === undefined) return { ended: 'hung', exitCode: undefined };
  return { ended: code === 0 ? 'well' : 'stopped', exitCode: code };
}
