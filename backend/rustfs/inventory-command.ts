import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { table } from '../../console/table.ts';
import {
  collectInventory,
  type Inventory,
  type InventoryEvidence,
  judgeInventory,
} from './candidate-inventory.ts';
import { readBundle, requireEmpty, storeBundle } from './evidence-bundle.ts';

const OPTIONS = {
  save: { type: 'string' },
  judge: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * Says which stores of the cluster could hold the states highly available. It only reads.
 *
 * @returns 0 also when there is none, which is a valid answer; 1 when it could not be found out
 */
export async function inventory(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { save, judge, json = false } = values;
  if (save !== undefined && judge !== undefined)
    throw new Failure(
      '--judge looks at evidence that is stored already: leave --save out',
      EXIT.usage,
    );
  if (save !== undefined) requireEmpty(save);
  const evidence =
    judge === undefined
      ? await collectInventory(readSettings(settingsFile(environment)), environment)
      : readBundle<InventoryEvidence>(judge, 'inventory');
  const judged = judgeInventory(evidence);
  if (save !== undefined) storeBundle(save, { subject: 'inventory', evidence });
  if (json) printer.result(JSON.stringify(judged, undefined, 2));
  else for (const line of lines(judged, evidence)) printer.result(line);
  return judged.exitCode;
}

function lines(
  { candidates, result }: Inventory,
  { at, cluster, stores }: InventoryEvidence,
): string[] {
  if ('notSeen' in stores) return [`${result}: the stores of ${cluster}: ${stores.notSeen}`];
  const rows = candidates.map(({ store, program, standing, because }) => [
    store,
    program,
    standing,
    because,
  ]);
  const header = ['store', 'program', 'standing', 'because'];
  return [
    ...(rows.length === 0 ? [] : table(header, rows)),
    `${result}: ${rows.length === 1 ? '1 store' : `${rows.length} stores`} in ${cluster}, as of ${at}`,
  ];
}
