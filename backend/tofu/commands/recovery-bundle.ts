import { existsSync, readFileSync } from 'node:fs';
import { readSettings, settingsFile } from '../../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { writeDurably } from '../../recovery/durable.ts';
import { type StackState, stackState } from '../../stack-state.ts';
import { driverOptions } from '../options.ts';
import { bundlePassphrase, opened, restore, sealed, waitingFiles } from '../recovery-bundle.ts';

/**
 * `tofu-recovery-pack`: puts what waits to be recovered into one encrypted file, for a machine that is about to go, such as that
 * of a job.
 *
 * @returns 0, also when nothing waits; then there is no file
 */
export function packRecovery(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): ExitCode {
  const { state, file } = subjectOf(args, environment);
  const files = waitingFiles(state);
  const count = Object.keys(files).length;
  if (count === 0) {
    printer.result(`nothing of ${state.stack} waits to be recovered`);
    return EXIT.good;
  }
  writeDurably(file, sealed(state.stack, files, bundlePassphrase(environment)));
  printer.result(
    `${file} holds ${count} files of ${state.stack}, encrypted\n    just tofu-recovery-unpack ${state.stack} ${file} puts them back, and then just tofu-state-recover ${state.stack}`,
  );
  return EXIT.good;
}

/**
 * `tofu-recovery-unpack`: puts back what was packed on another machine, so that it can be recovered here.
 *
 * @returns 0 when it is there
 */
export function unpackRecovery(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): ExitCode {
  const { state, file } = subjectOf(args, environment);
  if (!existsSync(file)) throw new Failure(`there is no ${file}`, EXIT.usage);
  const files = opened(state.stack, readFileSync(file), bundlePassphrase(environment));
  for (const place of restore(state, files)) printer.result(place);
  return EXIT.good;
}

function subjectOf(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): { readonly state: StackState; readonly file: string } {
  const { stack, words } = driverOptions(args, [], 1);
  const [file] = words;
  if (file === undefined) throw new Failure('name the file of the bundle', EXIT.usage);
  const settings = readSettings(settingsFile(environment));
  return { state: stackState(stack, settings, environment), file };
}
