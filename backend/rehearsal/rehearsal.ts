import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import { findTofu } from '../../operations/tofu/find-tofu.ts';
import type { Place } from '../../operations/tools/place.ts';
import type { Lie } from '../lying-store/lie.ts';
import { type Cell, type Circumstance, outcomeOf, type ToldCell, tell } from './cell.ts';
import type { Outcome } from './outcome.ts';
import type { Who } from './ran.ts';
import type { Command } from './recorded-client.ts';
import { RecordedStage } from './recorded-stage.ts';
import { TofuGround } from './tofu-ground.ts';
import { TofuStage } from './tofu-stage.ts';

/** One lie, told to tofu by itself and to tofu behind guards and gateway. */
export interface Rehearsal {
  readonly lie: Lie;
  readonly command: Command;
  /** The version of tofu; undefined for the recorded client. */
  readonly tofu: string | undefined;
  /** Why it is not tofu itself. */
  readonly because: string;
  readonly stock: ToldCell;
  /** Lied to from the beginning. */
  readonly flywheel: ToldCell;
  /** Lied to when the guards have passed; undefined where they were not to blame for the end of it. */
  readonly gateway: ToldCell | undefined;
  /** What happens with somebody else, where that is worse for tofu by itself; of the recorded client. */
  readonly crowded: readonly Crowded[];
}

interface Crowded {
  readonly circumstance: Circumstance;
  readonly stock: Outcome;
  readonly flywheel: Outcome;
}

type Teller = (cell: Omit<Cell, 'lie'>) => Promise<ToldCell>;

/** Rehearses a lie, with tofu itself where there is one that can be used. */
export async function rehearse(
  lie: Lie,
  command: Command,
  { settings, place }: { readonly settings: Settings; readonly place: Place },
): Promise<Rehearsal> {
  const ground = await groundOf(place);
  const isReal = ground instanceof TofuGround;
  const teller: Teller = async (cell) => {
    if (!isReal) return await tell(await RecordedStage.open(settings), { lie, ...cell });
    const stage = await TofuStage.open(ground, settings);
    try {
      return await tell(stage, { lie, ...cell });
    } finally {
      await stage.close();
    }
  };
  try {
    const told = await sides(teller, command);
    const crowded = await crowdedBy(lie, settings);
    const tofu = isReal ? ground.tofu.version : undefined;
    return { lie, command, tofu, because: isReal ? '' : ground.because, ...told, crowded };
  } finally {
    if (isReal) ground.remove();
  }
}

async function groundOf(place: Place): Promise<TofuGround | { readonly because: string }> {
  try {
    return await TofuGround.prepare(await findTofu(place));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { because: error.message.split('\n')[0] ?? '' };
  }
}

/** Both sides have stores and folders of their own, so neither waits for the other. */
async function sides(teller: Teller, command: Command) {
  const [stock, ours] = await Promise.all([
    teller({ command, who: 'stock', circumstance: 'behind the guards' }),
    behindGuards(teller, command),
  ]);
  return { stock, ...ours };
}

async function behindGuards(teller: Teller, command: Command) {
  const cell = { command, who: 'flywheel' } as const;
  const flywheel = await teller({ ...cell, circumstance: 'from the beginning' });
  const { outcome } = flywheel;
  const isGuarded = outcome.kind === 'caught' && outcome.by === 'deep check';
  const gateway = isGuarded
    ? await teller({ ...cell, circumstance: 'behind the guards' })
    : undefined;
  return { flywheel, gateway };
}

async function crowdedBy(lie: Lie, settings: Settings): Promise<Crowded[]> {
  const outcome = async (who: Who, circumstance: Circumstance) =>
    await outcomeOf(await RecordedStage.open(settings), {
      lie,
      command: 'apply',
      circumstance,
      who,
    });
  if ((await outcome('stock', 'behind the guards')).kind === 'silent') return [];
  const found: Crowded[] = [];
  for (const circumstance of ['beside another', 'racing another'] as const) {
    const stock = await outcome('stock', circumstance);
    if (stock.kind !== 'silent') continue;
    found.push({ circumstance, stock, flywheel: await outcome('flywheel', circumstance) });
  }
  return found;
}
