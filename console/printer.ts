/** Where lines for people go: results to the one stream, problems to the other. */
export interface Printer {
  result(line: string): void;
  problem(line: string): void;
}

/** The standard streams of the process. */
export const STANDARD_PRINTER: Printer = {
  result: (line) => void process.stdout.write(`${line}\n`),
  problem: (line) => void process.stderr.write(`${line}\n`),
};
