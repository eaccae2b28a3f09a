import { EXIT, type ExitCode } from './exit-code.ts';

/** Why a command ends early, in words for the person who gave it. It is printed without a stack trace. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.unknown) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}
