/** Where lines for people go: results to the one stream, problems to the other. */
export interface Printer {
  result(line: string): void;
  problem(line: string): void;
}

// Whoever reads may have seen enough, as `head` has: what is being done goes on, and its lines go nowhere.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** The same with all lines on the stream of problems: the other one is for a program that reads the result. */
export function besideResults(printer: Printer): Printer {
  const problem = (line: string) => printer.problem(line);
  return { result: problem, problem };
}

/** The standard streams of the process. */
export const STANDARD_PRINTER: Printer = {
  result: (line) => void process.stdout.write(`${line}\n`),
  problem: (line) => void process.stderr.write(`${line}\n`),
};
