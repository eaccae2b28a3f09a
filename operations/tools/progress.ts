import type { Printer } from '../../console/printer.ts';

const TICK_MS = 1000;

/** The terminal that a line can be written over on, if there is one. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Work that is shown while it lasts. */
export interface Shown {
  /** Ends it: takes the line back, and says what came of it and how long it took. */
  end(outcome: string): void;
}

/** Shows what is worked on: a line that is written over each second on a terminal, a line at either end elsewhere. */
export function show(what: string, printer: Printer, terminal: Terminal): Shown {
  const start = performance.now();
  const elapsed = () => `${Math.round((performance.now() - start) / 1000)} s`;
  if (terminal.isTTY !== true) {
    printer.result(`${what}: building`);
    return { end: (outcome) => printer.result(`${what}: ${outcome} ${elapsed()}`) };
  }
  const draw = () => void terminal.write(`\r\u001B[K${what}: building, ${elapsed()}`);
  draw();
  const timer = setInterval(draw, TICK_MS);
  return {
    end: (outcome) => {
      clearInterval(timer);
      terminal.write('\r\u001B[K');
      printer.result(`${what}: ${outcome} ${elapsed()}`);
    },
  };
}
