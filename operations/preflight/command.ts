import { readSettings, settingsFile } from '../../config/read-settings.ts';
import type { ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { printChecks, verdictOf } from '../kubernetes/check.ts';
import { HttpsClient } from '../kubernetes/https-client.ts';
import { findCluster } from '../kubernetes/kube-access.ts';
import { lookArguments } from '../stack-argument.ts';
import { synthesizedStacks } from '../synthesized-stacks.ts';
import { preflight } from './preflight.ts';

/**
 * Proves that a stack can be applied to the declared cluster, check by check, and changes nothing.
 *
 * @returns 0 when all is good, 1 when something is not known, 2 when something is wrong
 */
export async function runPreflight(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name, json } = lookArguments(args, 'that is to be applied');
  const settings = readSettings(settingsFile(environment));
  const { asked: stack } = synthesizedStacks(name, environment);
  const access = findCluster(environment);
  const client = new HttpsClient(access);
  const checks = await preflight({ settings, stack, access, client, environment });
  if (json) printer.result(JSON.stringify({ stack: name, checks }, undefined, 2));
  else printChecks(checks, printer);
  return verdictOf(checks);
}
