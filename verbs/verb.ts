import type { Printer } from '../console/printer.ts';

/** Runs a command and returns its exit code. */
type Command = (args: readonly string[], printer: Printer) => number | Promise<number>;

/** A command by its name. */
export interface Verb {
  /** The words that name it. */
  readonly name: string;
  /** What may follow them. */
  readonly usage: string;
  readonly summary: string;
  /** Loads what the verb needs, and nothing else does. Synthesis has a bundle of its own and never comes here. */
  readonly load?: () => Promise<Command>;
}
