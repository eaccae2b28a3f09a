import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure } from '../../../console/failure.ts';
import { complaintOf, jsonIn, runTofu, type TofuResult } from '../../tofu/run-tofu.ts';
import { changesIn, type PlannedChange } from './planned-changes.ts';

/** So long an apply may take on a busy machine: Helm alone waits ten minutes. */
const DEADLINE_MS = 900_000;

/** What one run of tofu took. */
export interface Timing {
  readonly stack: string;
  readonly step: string;
  readonly seconds: number;
}

/** Who looks on while a stack is worked on. */
export interface Watch {
  /** Hears of each run of tofu before it begins. */
  readonly onStep?: (stack: string, step: string) => void;
  /** Ends tofu at once when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** The four words of tofu in the folder of one stack, as an operator. What fails is told in the words of tofu. */
export class StackRun {
  readonly name: string;
  readonly folder: string;
  readonly timings: Timing[] = [];
  private readonly tofu: string;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly watch: Watch;

  constructor(
    name: string,
    folder: string,
    tofu: string,
    environment: NodeJS.ProcessEnv,
    watch: Watch = {},
  ) {
    this.name = name;
    this.folder = resolve(folder);
    this.tofu = tofu;
    this.environment = environment;
    this.watch = watch;
  }

  init(): Promise<TofuResult> {
    return this.succeed('init', ['init', '-input=false']);
  }

  /** Plans, and applies exactly what was planned. */
  async apply(): Promise<{ readonly added: number; readonly changed: number }> {
    const file = resolve(this.folder, 'run.tfplan');
    await this.succeed('plan', ['plan', '-input=false', `-out=${file}`]);
    const { stdout } = await this.succeed('apply', ['apply', '-input=false', file]);
    rmSync(file);
    const [, added, changed] = /(\d+) added, (\d+) changed/.exec(stdout) ?? [];
    return { added: Number(added), changed: Number(changed) };
  }

  async destroy(): Promise<number> {
    const words = ['destroy', '-auto-approve', '-input=false'];
    const { stdout } = await this.succeed('destroy', words);
    return Number(/(\d+) destroyed/.exec(stdout)?.[1]);
  }

  /** @returns 0 when nothing is to be done, 2 when something is */
  async planAgain(): Promise<number | undefined> {
    const words = ['plan', '-input=false', '-detailed-exitcode'];
    const result = await this.run('plan again', words);
    if (result.code !== 0 && result.code !== 2)
      throw new Failure(`${this.name} plan again: ${complaintOf(result)}`);
    return result.code;
  }

  /** What a plan would do. */
  async changes(): Promise<PlannedChange[]> {
    const scratch = mkdtempSync(join(tmpdir(), 'flywheel-plan-'));
    try {
      const file = join(scratch, 'plan');
      await this.succeed('plan', ['plan', '-input=false', `-out=${file}`]);
      const read = await this.succeed('show', ['show', '-json', file]);
      return changesIn(jsonIn(read));
    } finally {
      rmSync(scratch, { recursive: true });
    }
  }

  /** The same stack as another synthesis has made it in a folder, with the state and the providers of this one. */
  variant(folder: string): StackRun {
    for (const part of ['.terraform', '.terraform.lock.hcl']) {
      symlinkSync(join(this.folder, part), join(folder, part));
    }
    return new StackRun(this.name, folder, this.tofu, this.environment, this.watch);
  }

  /** The same stack with its state behind another address. */
  at(environment: NodeJS.ProcessEnv): StackRun {
    const all = { ...this.environment, ...environment };
    return new StackRun(this.name, this.folder, this.tofu, all, this.watch);
  }

  /** Runs tofu, and notes how long it took. */
  async run(step: string, args: readonly string[]): Promise<TofuResult> {
    this.watch.onStep?.(this.name, step);
    const startedAt = performance.now();
    const result = await runTofu({
      tofu: this.tofu,
      folder: this.folder,
      // The commands on the state know no such flag.
      args: args[0] === 'state' ? args : [...args.slice(0, 1), '-no-color', ...args.slice(1)],
      environment: this.environment,
      deadlineMs: DEADLINE_MS,
      signal: this.watch.signal,
    });
    const seconds = (performance.now() - startedAt) / 1000;
    this.timings.push({ stack: this.name, step, seconds });
    return result;
  }

  /** Runs tofu, and fails with its complaint when it does. */
  async succeed(step: string, args: readonly string[]): Promise<TofuResult> {
    const result = await this.run(step, args);
    if (result.code !== 0) throw new Failure(`${this.name} ${step}: ${complaintOf(result)}`);
    return result;
  }
}
