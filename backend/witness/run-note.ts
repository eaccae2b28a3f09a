import { z } from 'zod';

/** What a run has left that waits to be recovered. */
export interface Waiting {
  readonly kind: 'journal' | 'lock' | 'state';
  /** For people: `a state that could not be written, serial 12`. */
  readonly what: string;
  /** A file on the machine of the run, or for a lock its id in the store. */
  readonly where: string;
}

/** What a run that may write a state leaves where others see it, until it has ended and nothing waits. */
export interface RunNote {
  /** A random id. */
  readonly run: string;
  /** What it does: `apply`. */
  readonly what: string;
  /** A user and a machine, or a job of a pipeline. */
  readonly by: string;
  /** When it began, in ISO 8601. */
  readonly at: string;
  readonly host: string;
  readonly pid: number;
  /** When that process began, as its system counts; together with its number it is no other process. */
  readonly started?: string | undefined;
  /** The folder of the person on that machine where what waits lies. */
  readonly memory: string;
  /** Empty as long as the run has not said how it ended. */
  readonly waits: readonly Waiting[];
}

const schema = z.object({
  stack: z.string(),
  runs: z.array(
    z.object({
      run: z.string().regex(/^[\w-]{1,64}$/),
      what: z.string(),
      by: z.string(),
      at: z.iso.datetime(),
      host: z.string(),
      pid: z.int(),
      started: z.string().optional(),
      memory: z.string(),
      waits: z.array(
        z.object({
          kind: z.enum(['journal', 'lock', 'state']),
          what: z.string(),
          where: z.string(),
        }),
      ),
    }),
  ),
});

/** The notes of a stack as the text that is kept; null for none. */
export function notesText(stack: string, runs: readonly RunNote[]): string | null {
  return runs.length === 0 ? null : `${JSON.stringify({ stack, runs }, undefined, 2)}\n`;
}

/** Reads notes; undefined when the text holds none, or those of another stack. */
export function readNotes(stack: string, text: string | undefined): RunNote[] | undefined {
  if (text === undefined) return [];
  const { success, data } = schema.safeParse(jsonOf(text));
  return success && data.stack === stack ? data.runs : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
