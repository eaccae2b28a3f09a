import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { authoritiesFile } from '../../settings/backend-access.ts';
import { materialized } from '../../settings/materialize.ts';
import { makeBareFolder } from '../bare-folder.ts';
import { initialize } from '../initialize.ts';
import { driverOptions } from '../options.ts';
import { onStack } from './on-stack.ts';

/**
 * `tofu-init`: installs the locked providers, proves that the declared store can be reached, and makes the folder of the stack
 * ready for a bare tofu with keys of the person.
 *
 * @returns 0 when both are ready
 */
export async function init(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { stack, json, firstRun } = driverOptions(args, ['json', 'first-run']);
  return await onStack(
    { recipe: 'tofu-init', stack, printer, environment, json },
    async (session) => {
      const code = await initialize(session, { firstRun, anew: true });
      if (code !== EXIT.good) return code;
      const { access, settings, folder, data, progress } = session;
      if (access === undefined) {
        progress.printer.result(
          `${stack} is ready; a bare tofu does not reach a state on this machine`,
        );
        return EXIT.good;
      }
      const backend = materialized(access, authoritiesFile(settings, environment));
      const file = makeBareFolder(folder, data, backend);
      progress.printer.result(`${stack} is ready: ${access.endpoint}, bucket ${access.bucket}`);
      progress.printer.result(
        `a bare tofu in ${folder} reaches the same, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of yours and without a guard; its backend file is ${file}`,
      );
      return EXIT.good;
    },
  );
}
