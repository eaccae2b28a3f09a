/** A terminal on which one line is written again and again. */
export interface Terminal {
  readonly columns: number;
  write(text: string): void;
}

const REDRAW_MS = 200;
const CLEAR = '\r\u001b[K';
const MIB = 2 ** 20;
const LEAST_COLUMNS = 20;

/** Shows on a terminal how far the reading of bodies is; nothing where there is none. */
export class ProgressLine {
  private readonly terminal: Terminal | undefined;
  private readonly total: number;
  private readonly since = performance.now();
  private readonly timer: NodeJS.Timeout | undefined;
  private bytes = 0;
  private paths = 0;

  constructor(total: number, terminal: Terminal | undefined) {
    this.total = total;
    this.terminal = terminal;
    this.timer = terminal && setInterval(() => this.draw(), REDRAW_MS);
  }

  arrived(bytes: number): void {
    this.bytes += bytes;
  }

  pathDone(): void {
    this.paths += 1;
    this.draw();
  }

  /** Takes the line away. */
  end(): void {
    clearInterval(this.timer);
    this.terminal?.write(CLEAR);
  }

  private draw(): void {
    if (this.terminal === undefined) return;
    const seconds = Math.round((performance.now() - this.since) / 1000);
    const read = (this.bytes / MIB).toFixed(1);
    const line = `${this.paths} of ${this.total} paths, ${read} MiB read, ${seconds} s`;
    const width = Math.max(this.terminal.columns - 1, LEAST_COLUMNS);
    this.terminal.write(`${CLEAR}${line.slice(0, width)}`);
  }
}
