import type { Printer } from '../../../console/printer.ts';

/** Keeps what is printed, with durations left out. */
export class RecordingPrinter implements Printer {
  readonly results: string[] = [];
  readonly problems: string[] = [];

  result(line: string): void {
    this.results.push(line.replace(/\d+ s$/, 'N s'));
  }

  problem(line: string): void {
    this.problems.push(line);
  }
}
