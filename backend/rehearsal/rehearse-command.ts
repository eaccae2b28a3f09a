import { parseArgs } from 'node:util';
import { readSettings } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { type Place, thisCheckout } from '../../operations/tools/place.ts';
import { lieNamed } from '../lying-store/lies.ts';
import type { ToldCell } from './cell.ts';
import { COMMANDS } from './recorded-client.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { rehearsalLines } from './rehearsal-text.ts';

const OPTIONS = { command: { type: 'string' }, json: { type: 'boolean' } } as const;

/**
 * Lets a store lie to tofu by itself and to tofu behind guards and gateway, and prints both side by side.
 *
 * @param place where tofu is looked for; without one, its recorded requests are played
 * @returns 0 when nothing false was believed behind the gateway, 2 when something was
 */
export async function rehearseLie(
  args: readonly string[],
  printer: Printer,
  place: Place = thisCheckout(),
): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) {
    throw new Failure('name one lie\n    flywheel store serve --list shows all', EXIT.usage);
  }
  const lie = lieNamed(name);
  const command = COMMANDS.find((each) => each === (values.command ?? 'apply'));
  if (command === undefined) {
    throw new Failure(
      `--command must be one of ${COMMANDS.join(', ')}, got: ${values.command}`,
      EXIT.usage,
    );
  }
  const rehearsal = await rehearse(lie, command, { settings: readSettings(), place });
  if (values.json === true) printer.result(JSON.stringify(reportOf(rehearsal), undefined, 2));
  else for (const line of rehearsalLines(rehearsal)) printer.result(line);
  const ours = [
    rehearsal.flywheel,
    rehearsal.gateway,
    ...rehearsal.crowded.map(({ flywheel }) => ({ outcome: flywheel })),
  ];
  return ours.some((told) => told?.outcome.kind === 'silent') ? EXIT.bad : EXIT.good;
}

function reportOf(rehearsal: Rehearsal) {
  const { lie, command, tofu, because, stock, flywheel, gateway, crowded } = rehearsal;
  return {
    lie: lie.name,
    does: lie.does,
    origin: lie.origin,
    command,
    by: tofu === undefined ? { recorded: because } : { tofu },
    stock: sideOf(stock),
    flywheel: sideOf(flywheel),
    ...(gateway === undefined ? {} : { behindTheGuards: sideOf(gateway) }),
    crowded,
  };
}

function sideOf({ outcome, runs }: ToldCell) {
  return {
    outcome,
    runs: runs.map(({ exitCode, ms, says, findings, verdict }) => ({
      exitCode,
      ms,
      says,
      findings,
      verdict,
    })),
  };
}
