import type { Settings } from '../../config/settings.ts';
import type { FoundTofu } from '../../operations/tofu/find-tofu.ts';
import type { Lie } from '../lying-store/lie.ts';
import { outcomeOf } from './cell.ts';
import { RECORDED_COMMANDS, type Row, tofuColumn } from './matrix.ts';
import type { Outcome } from './outcome.ts';
import { TofuGround } from './tofu-ground.ts';
import { STOCK_MS, TofuStage } from './tofu-stage.ts';

/** So many run at once: most of them wait. */
const TOGETHER = 5;

/** Lets stores lie to tofu by itself, and keeps what it does. How long it takes differs each time, and is not kept. */
export async function recordTofu(
  tofu: FoundTofu,
  settings: Settings,
  lies: readonly Lie[],
): Promise<Record<string, Row>> {
  const ground = await TofuGround.prepare(tofu);
  const rows: Record<string, Row> = {};
  const left = [...lies];
  const worker = async () => {
    for (let lie = left.shift(); lie !== undefined; lie = left.shift()) {
      const cells: [string, string][] = [];
      for (const command of RECORDED_COMMANDS) {
        const stage = await TofuStage.open(ground, settings);
        const cell = { lie, command, circumstance: 'behind the guards', who: 'stock' } as const;
        cells.push([tofuColumn(command), tofuText(await outcomeOf(stage, cell))]);
        await stage.close();
      }
      rows[lie.name] = Object.fromEntries(cells);
    }
  };
  try {
    await Promise.all(Array.from({ length: TOGETHER }, worker));
    return rows;
  } finally {
    ground.remove();
  }
}

/** What tofu did, without what differs each time. */
function tofuText(outcome: Outcome): string {
  if (outcome.kind === 'silent') return `SILENT: ${outcome.wrong}`;
  if (outcome.kind === 'harmless') return `harmless: ${outcome.because}`;
  const { by, exitCode } = outcome;
  const ending = exitCode === undefined ? `no end in ${STOCK_MS / 1000} s` : `exit ${exitCode}`;
  return by === 'next run' ? `caught by the next run: ${ending}` : `caught: ${ending}`;
}
