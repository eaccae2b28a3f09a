import type { Printer } from '../../console/printer.ts';
import { asNumber, asText, at } from '../../policy/model/json.ts';
import type { Finding } from '../finding.ts';
import type { TofuEvent } from './event-tail.ts';

/** A terminal on which one line is written again and again. */
export interface Terminal {
  readonly columns: number;
  write(text: string): void;
}

/** How progress is shown. */
export interface ProgressHow {
  /** Events as lines of JSON, and nothing else among the results. */
  readonly json: boolean;
  /** Lines of progress are kept apart from results, which are for programs. @default false */
  readonly aside?: boolean;
  /** @default - none: a line for each phase */
  readonly terminal?: Terminal | undefined;
}

const NO_CHANGES = 'no changes';
const REDRAW_MS = 200;
const CLEAR = '\r\u001b[K';
const FINISHED = ['apply_complete', 'apply_errored'];

/** Shows how far a run is: its phase, the resources that are done, the time, the last request to the store. */
export class Progress {
  /** Prints so that the line of progress is not in the way. */
  readonly printer: Printer;
  /** Tells machines of something; nothing where lines are for people. */
  readonly report: (event: object) => void;
  private readonly how: ProgressHow;
  private readonly notes = new Set<string>();
  private name = '';
  private since = 0;
  private request = '';
  private planned = 0;
  private done = 0;
  private started = 0;
  private summary = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(printer: Printer, how: ProgressHow) {
    this.how = how;
    const { json, terminal } = how;
    const free = (print: (line: string) => void) => (line: string) => {
      terminal?.write(CLEAR);
      print(line);
      this.draw();
    };
    this.printer = {
      // What is said to people is no JSON: it has the other stream.
      result: free((line) => (json ? printer.problem(line) : printer.result(line))),
      problem: free((line) => printer.problem(line)),
    };
    this.report = (event) => {
      if (json) printer.result(JSON.stringify(event));
    };
  }

  /** Results are lines of JSON. */
  get isForMachines(): boolean {
    return this.how.json;
  }

  /** Runs a part of the work as a phase. */
  async phase<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.begin(name);
    try {
      return await work();
    } finally {
      this.end();
    }
  }

  /** A request to the store begins. */
  sends(request: string): void {
    this.request = request;
    this.draw();
  }

  /** Tofu says what it does. */
  takes(event: TofuEvent): void {
    const type = asText(at(event, 'type')) ?? '';
    if (type === 'change_summary') {
      const changes = at(event, 'changes');
      const counts = ['add', 'change', 'remove'].map((key) => asNumber(at(changes, key)) ?? 0);
      if (at(changes, 'operation') === 'plan') this.planned = counts.reduce((sum, n) => sum + n, 0);
      const [add, change, remove] = counts;
      const isEmpty = counts.every((count) => count === 0);
      this.summary = isEmpty
        ? NO_CHANGES
        : `${add} to add, ${change} to change, ${remove} to destroy`;
    }
    if (type === 'apply_start') this.started += 1;
    if (FINISHED.includes(type)) this.done += 1;
    this.report({ type: 'tofu', event });
    this.draw();
  }

  /** What tofu said of its changes, such as `2 to add, 0 to change, 0 to destroy`. */
  get says(): string {
    return this.summary === '' ? NO_CHANGES : this.summary;
  }

  /** Something that a person has to know; it is said once. */
  note(text: string): void {
    if (this.notes.has(text)) return;
    this.notes.add(text);
    this.report({ type: 'note', text });
    this.printer.problem(text);
  }

  /** Tofu has begun to change something in this phase. */
  get hasBegun(): boolean {
    return this.started > 0;
  }

  /** The store did something wrong. */
  found(finding: Finding): void {
    this.report({ type: 'finding', finding });
  }

  private begin(name: string): void {
    this.name = name;
    this.since = performance.now();
    this.done = 0;
    this.started = 0;
    this.summary = '';
    this.request = '';
    this.report({ type: 'phase', phase: name });
    if (this.how.terminal === undefined) return;
    this.timer = setInterval(() => this.draw(), REDRAW_MS);
    this.draw();
  }

  private end(): void {
    clearInterval(this.timer);
    this.how.terminal?.write(CLEAR);
    const line = this.line();
    this.report({
      type: 'phase-end',
      phase: this.name,
      seconds: this.seconds(),
      request: this.request,
    });
    this.name = '';
    const { json, aside, terminal } = this.how;
    if (json || terminal !== undefined) return;
    if (aside === true) this.printer.problem(line);
    else this.printer.result(line);
  }

  private draw(): void {
    const { terminal } = this.how;
    if (terminal === undefined || this.name === '') return;
    terminal.write(`${CLEAR}${this.line().slice(0, Math.max(terminal.columns - 1, 20))}`);
  }

  private line(): string {
    const total =
      this.planned > 0 ? `${this.done} of ${this.planned} resources` : `${this.done} resources`;
    return [
      this.name,
      ...(this.done > 0 ? [total] : []),
      `${this.seconds()} s`,
      ...(this.request === '' ? [] : [`last request to the store: ${this.request}`]),
    ].join(', ');
  }

  private seconds(): number {
    return Math.round((performance.now() - this.since) / 100) / 10;
  }
}
