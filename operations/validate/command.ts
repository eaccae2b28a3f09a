import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { publishedStacks } from '../published-stacks.ts';
import { findTofu } from '../tofu/find-tofu.ts';
import { tofuEnvironment } from '../tofu/tofu-environment.ts';
import { withCleaning } from '../tools/interruption.ts';
import { type Place, thisCheckout } from '../tools/place.ts';
import { type Validation, validateStack } from './validate-stack.ts';

/**
 * Lets OpenTofu and the providers judge the synthesized stacks, those that are named or all, on copies.
 *
 * @returns 0 when all are valid, 1 when one could not be judged, 2 when one is not valid
 */
export async function validate(
  args: readonly string[],
  printer: Printer,
  place: Place = thisCheckout(),
): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const stacks = publishedStacks(positionals, place.environment);
  const tofu = await findTofu(place);
  const environment = tofuEnvironment(place.environment);
  const scratch = mkdtempSync(join(tmpdir(), 'flywheel-validate-'));
  const clean = () => rmSync(scratch, { recursive: true, force: true });
  const validations: Validation[] = [];
  await withCleaning(clean, async () => {
    for (const stack of stacks) {
      const validation = await validateStack(stack, { tofu: tofu.path, scratch, environment });
      validations.push(validation);
      if (values.json !== true) print(validation, printer);
    }
  });
  if (values.json === true) {
    const { version, pinned } = tofu;
    printer.result(
      JSON.stringify({ tofu: { version, pinned }, stacks: validations }, undefined, 2),
    );
  }
  return verdictOf(validations);
}

function verdictOf(validations: readonly Validation[]): ExitCode {
  if (validations.some(({ verdict }) => verdict === 'invalid')) return EXIT.bad;
  return validations.some(({ verdict }) => verdict === 'not run') ? EXIT.unknown : EXIT.good;
}

function print(validation: Validation, printer: Printer): void {
  const { stack } = validation;
  if (validation.verdict === 'not run') {
    printer.problem(`${stack}: not run: ${validation.because}`);
    return;
  }
  const { verdict, remarks, ownBuilds } = validation;
  const note = ownBuilds.length > 0 ? `, by own builds of ${ownBuilds.join(' and ')}` : '';
  if (verdict === 'valid') printer.result(`${stack}: valid${note}`);
  else printer.problem(`${stack}: not valid${note}`);
  for (const { severity, at, text } of remarks) {
    printer.problem(`    ${severity}${at === '' ? '' : ` in ${at}`}: ${text}`);
  }
}
