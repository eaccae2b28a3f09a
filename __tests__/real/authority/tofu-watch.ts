import { setTimeout as pause } from 'node:timers/promises';
import type { DriverStack } from '../driver-stack.ts';
import { findInBytes, type Needles } from '../hidden-text.ts';
import { runningTofu, type SeenProcess } from './driver-process.ts';

/** Looks at every tofu of a stack while it runs. */
export class TofuWatch {
  private readonly told = new Map<number, SeenProcess['told']>();
  private readonly stack: DriverStack;
  private isOver = false;
  private kills = false;
  private readonly done: Promise<void>;

  constructor(stack: DriverStack) {
    this.stack = stack;
    this.done = this.look();
  }

  get seen(): number {
    return this.told.size;
  }

  killNext(): void {
    this.kills = true;
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.done;
  }

  foundIn(what: 'cmdline' | 'environ', needles: Needles): string[] {
    return [...this.told.values()].flatMap((told) => findInBytes(told[what], needles));
  }

  /** The variables of tofu that hold a text, as it is or as JSON has it. */
  variablesWith(text: string): string[] {
    const variables = [...this.told.values()].flatMap(({ environ }) =>
      environ.toString('utf8').split('\u0000'),
    );
    const holding = variables.filter((each) => findInBytes(Buffer.from(each), { text }).length > 0);
    return [...new Set(holding.map((each) => each.split('=')[0] ?? ''))];
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      for (const { pid, told } of runningTofu(this.stack)) {
        // A process that has only just begun shows what its parent had.
        if (told.environ.includes('TF_DATA_DIR')) this.told.set(pid, told);
        if (this.kills && told.cmdline.includes('apply')) process.kill(-pid, 'SIGKILL');
      }
      await pause(5);
    }
  }
}
