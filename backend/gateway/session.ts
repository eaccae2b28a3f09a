import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Finding } from '../finding.ts';
import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { routeOf } from './routes.ts';
import { Refusal, Run } from './run.ts';

/** Answers the requests of one run of tofu, without a network between. */
export class GatewaySession {
  private readonly run: Run;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(run: Run) {
    this.run = run;
  }

  /**
   * Asks the witness, and is ready for requests.
   *
   * @throws Failure when witnesses contradict each other
   */
  static async open(options: GatewayOptions): Promise<GatewaySession> {
    const { stack } = options.state;
    const memory = await options.witness.recall(stack);
    if (memory.kind === 'contradiction') {
      throw new Failure(
        `the witnesses of ${stack} tell of two histories: ${memory.because}\n    look at both with just tofu-state-witness ${stack}, then say which one is true: just tofu-state-accept ${stack} --serial N --lineage L`,
        EXIT.bad,
      );
    }
    return new GatewaySession(new Run(options, memory));
  }

  /** What the store did wrong so far. */
  get findings(): readonly Finding[] {
    return this.run.findings;
  }

  /** What a person has to know although nothing is wrong. */
  get notes(): readonly string[] {
    return this.run.notes;
  }

  /** The last state that was to be written and is not proved to be kept. */
  get unkept(): Buffer | undefined {
    return this.run.unkept;
  }

  /** Answers a request when those before it are answered. Never throws. */
  answer(request: StoreRequest): Promise<StoreAnswer> {
    const answer = this.last.then(() => this.answered(request));
    this.last = answer;
    return answer;
  }

  /** Keeps something that a person has to know. */
  note(text: string): void {
    this.run.note(text);
  }

  /** Nothing is tried again from now on; returns when the last request is answered. */
  async end(): Promise<void> {
    this.run.upstream.end();
    await this.last;
  }

  private async answered(request: StoreRequest): Promise<StoreAnswer> {
    const answer = await this.attempt(request).catch((error: unknown) => {
      if (error instanceof Refusal) return error.answer;
      const why = error instanceof Error ? error.message : String(error);
      return this.run.refusal('gateway-failed', request, why).answer;
    });
    return request.method === 'HEAD' ? { ...answer, body: Buffer.alloc(0) } : answer;
  }

  private async attempt(request: StoreRequest): Promise<StoreAnswer> {
    const route = routeOf(request, this.run.options.state);
    if (typeof route === 'string') throw this.run.refusal('request-refused', request, route);
    return await route(this.run, request);
  }
}
