import { apply } from '../../../backend/tofu/commands/apply.ts';
import { Failure } from '../../../console/failure.ts';
import { STANDARD_PRINTER } from '../../../console/printer.ts';

// The driver as a program of its own, so that a test can kill it: applies the saved plan of the stack that is named.

apply(process.argv.slice(2), STANDARD_PRINTER).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  },
);
