import { Failure } from '../../console/failure.ts';
import type { Child } from './child.ts';
import { lastLines } from './disk.ts';

const SHOWN_LINES = 4;
const READ_LINES = 50;
const PORT_TAKEN = /(address|port is) already in use/i;

/** A program has ended although nobody asked it to. */
export class ProgramEnded extends Failure {
  /** Somebody else took its port after it was found free. */
  readonly portTaken: boolean;

  constructor({ name, log }: Pick<Child, 'name' | 'log'>) {
    const lines = lastLines(log, READ_LINES);
    const shown = lines.slice(-SHOWN_LINES).map((line) => `    ${line}`);
    super([`${name} has ended; it said last:`, ...shown].join('\n'));
    this.portTaken = lines.some((line) => PORT_TAKEN.test(line));
  }
}
