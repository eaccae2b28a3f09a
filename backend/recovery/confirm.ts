import { createInterface } from 'node:readline';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';

/** Asks a person whether to go on; nobody goes on by pressing Enter. */
export interface Confirm {
  /** True when the name was typed. When not, a line has said so. */
  named(right: string): Promise<boolean>;
}

/** Where a line is typed. */
export interface Typing {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** So long a pipe is waited for that nobody writes to. */
const PIPE_MS = 10_000;

/**
 * Takes the name from the flag `--confirm`, or else as it is typed at the terminal or comes through a pipe.
 *
 * @param given what `--confirm` says
 * @param what is named
 */
export function confirmBy(
  given: string | undefined,
  printer: Printer,
  typing: Typing = { input: process.stdin, output: process.stderr },
  what: 'cluster' | 'stack' = 'stack',
): Confirm {
  return {
    named: async (right) => {
      const name = given ?? (await lineOf(typing, `type the name of the ${what} (${right}): `));
      if (name === right) return true;
      const said = name === undefined || name === '' ? 'no name was given' : `${name} was given`;
      printer.problem(`not confirmed: ${said}, and the ${what} is ${right}; nothing was changed`);
      return false;
    },
  };
}

/** Asks a person once: who has typed the name is not asked again. */
export function askedOnce(confirm: Confirm): Confirm {
  let wasNamed = false;
  return {
    named: async (stack) => {
      wasNamed ||= await confirm.named(stack);
      return wasNamed;
    },
  };
}

function lineOf({ input, output }: Typing, question: string): Promise<string | undefined> {
  const terminal = input.isTTY === true;
  const lines = createInterface({ input, terminal, ...(terminal ? { output } : {}) });
  return new Promise((resolve, reject) => {
    const patience = terminal ? undefined : setTimeout(() => lines.close(), PIPE_MS);
    // Whatever came first counts: what comes later finds the promise settled.
    lines.once('SIGINT', () => {
      reject(new Failure('interrupted; nothing was changed', EXIT.interrupted));
      lines.close();
    });
    lines.once('close', () => {
      clearTimeout(patience);
      resolve(undefined);
    });
    lines.once('line', (line) => {
      resolve(line.trim());
      lines.close();
    });
    if (terminal) {
      lines.setPrompt(question);
      lines.prompt();
    }
  });
}
