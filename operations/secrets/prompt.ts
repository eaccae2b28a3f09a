import { createInterface } from 'node:readline/promises';
import type { ReadStream } from 'node:tty';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';

/** Asks the person at the terminal. */
export interface Prompt {
  /** For a value, which does not appear on the screen; undefined when nothing was typed. */
  secret(question: string): Promise<string | undefined>;
  /** For a text that everybody may see; undefined when nothing was typed. */
  text(question: string): Promise<string | undefined>;
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACES = ['\b', '\u007f'];

/** A prompt on a terminal; questions go to standard error, so that results can be piped. */
export function terminalPrompt(input: ReadStream, output: NodeJS.WritableStream): Prompt {
  return {
    secret: (question) => readHidden(input, output, question),
    text: async (question) => {
      const lines = createInterface({ input, output });
      try {
        return (await lines.question(question)).trim() || undefined;
      } finally {
        lines.close();
      }
    },
  };
}

/** Reads one line with the echo of the terminal off, which is on again whatever happens. */
function readHidden(
  input: ReadStream,
  output: NodeJS.WritableStream,
  question: string,
): Promise<string | undefined> {
  output.write(question);
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (finish: () => void) => {
      input.off('data', read);
      input.setRawMode(false);
      input.pause();
      output.write('\n');
      finish();
    };
    const read = (chunk: Buffer) => {
      const line = typing(typed, chunk.toString('utf8'));
      typed = line.typed;
      if (line.end === 'interrupt') {
        end(() => reject(new Failure('interrupted; nothing was written', EXIT.interrupted)));
      } else if (line.end === 'enter') {
        end(() => resolve(typed === '' ? undefined : typed));
      }
    };
    input.setRawMode(true);
    input.on('data', read);
    input.resume();
  });
}

/** The line after some keys, and whether one of them ended it. */
function typing(
  before: string,
  keys: string,
): { readonly typed: string; readonly end?: 'enter' | 'interrupt' } {
  let typed = before;
  for (const key of keys) {
    if (key === CTRL_C) return { typed, end: 'interrupt' };
    if (['\r', '\n', CTRL_D].includes(key)) return { typed, end: 'enter' };
    typed = BACKSPACES.includes(key) ? typed.slice(0, -1) : typed + key;
  }
  return { typed };
}
