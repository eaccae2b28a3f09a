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

/** The standard streams of the process. */
export const STANDARD_PRINTER: Printer = {
  result: (line) => void process.stdout.write(`${line}\n`),
  problem: (line) => void process.stderr.write(`${line}\n`),
};
