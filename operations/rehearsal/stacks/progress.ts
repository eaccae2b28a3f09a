import type { Printer } from '../../../console/printer.ts';
import type { Terminal } from '../../tools/progress.ts';

const TICK_MS = 1000;
const ERASE_LINE = '\r\u001B[K';

/** Says what is being done: in a line that is written over each second on a terminal, in a line for each step elsewhere. */
export class Progress {
  private readonly printer: Printer;
  private readonly terminal: Terminal;
  private step = '';
  private startedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(printer: Printer, terminal: Terminal) {
    this.printer = printer;
    this.terminal = terminal;
  }

  /** Names the step that begins now; the one before it is over. */
  begin(step: string): void {
    this.end();
    this.step = step;
    this.startedAt = performance.now();
    if (this.terminal.isTTY !== true) {
      // The standard output is for what comes of it.
      this.printer.problem(`${step} …`);
      return;
    }
    this.draw();
    this.timer = setInterval(() => this.draw(), TICK_MS);
  }

  /** Takes the line back, so that another can be printed. */
  end(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.terminal.write(ERASE_LINE);
  }

  private draw(): void {
    const elapsed = Math.round((performance.now() - this.startedAt) / 1000);
    this.terminal.write(`${ERASE_LINE}${this.step} … ${elapsed} s`);
  }
}
