import type { Printer } from '../../console/printer.ts';

const CLEAR = '\r\u001b[K';
const REDRAW_MS = 500;
const LINE_MS = 15_000;

/** The terminal that a line can be written over on, if there is one. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how far long work is, beside its results: a line that is written over on a terminal, one now and then elsewhere. */
export class Progress {
  /** Prints so that the line of progress is not in the way. */
  readonly printer: Printer;
  private readonly line: () => string;
  private readonly terminal: Terminal | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(line: () => string, printer: Printer, terminal: Terminal) {
    this.line = line;
    this.terminal = terminal.isTTY === true ? terminal : undefined;
    const free = (print: (text: string) => void) => (text: string) => {
      this.terminal?.write(CLEAR);
      print(text);
    };
    this.printer = {
      result: free((text) => printer.result(text)),
      problem: free((text) => printer.problem(text)),
    };
    this.timer = setInterval(
      () => this.draw(printer),
      this.terminal === undefined ? LINE_MS : REDRAW_MS,
    );
    this.timer.unref();
  }

  /** Takes the line back. */
  end(): void {
    clearInterval(this.timer);
    this.terminal?.write(CLEAR);
  }

  private draw(printer: Printer): void {
    if (this.terminal === undefined) printer.problem(this.line());
    else this.terminal.write(`${CLEAR}${this.line()}`);
  }
}
