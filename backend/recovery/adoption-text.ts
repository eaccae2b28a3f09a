import type { ImportPlan, PlannedStep } from './import-plan.ts';
import type { Look, Orphan } from './orphan.ts';

/** Every step of an adoption as lines for people, and what it leaves alone, with the reason. */
export function adoptionLines({ orphans, unfinished }: Look, plan: ImportPlan): string[] {
  const absent = new Set(plan.absent);
  const updated = new Set(
    plan.steps.filter(({ action }) => action === 'update').map(({ address }) => address),
  );
  const rows = orphans.flatMap((orphan) => {
    const row = absent.has(orphan.address) ? undefined : rowOf(orphan, updated);
    return row === undefined ? [] : [row];
  });
  const counted = orphans.filter(({ address, what }) => what === 'absent' || absent.has(address));
  const beside = plan.steps.filter(({ imports, action }) => !imports && action !== 'none');
  return [
    ...unfinished.map(
      ({ title, status, since }) =>
        `remove     ${title}: the release is ${status} since ${since}; its objects stay`,
    ),
    ...rows,
    ...beside.map(
      ({ address, action }) => `${action.padEnd(WIDTH)}${address}, on which others depend`,
    ),
    ...(counted.length === 0
      ? []
      : [`${counted.length} declared resources are not there; the next apply makes them`]),
    ...(rows.length + unfinished.length === 0 ? ['there is nothing to take in'] : []),
  ];
}

/** What a plan of the whole stack does after an adoption. */
export function conclusionLines(
  steps: readonly PlannedStep[],
  twice: readonly string[],
): readonly string[] {
  const count = (action: PlannedStep['action']) =>
    steps.filter((step) => step.action === action).length;
  const removed = count('delete') + count('replace');
  const line = `a plan now makes ${count('create')}, changes ${count('update')}, removes or replaces ${removed}`;
  if (twice.length === 0) return [`${line}; nothing that is there is made again`];
  return [line, ...twice.map((address) => `${address} would be made, and is there already`)];
}

const WIDTH = 11;

function rowOf(orphan: Orphan, updated: ReadonlySet<string>): string | undefined {
  const { address } = orphan;
  const row = (word: string, rest: string) => `${word.padEnd(WIDTH)}${address}${rest}`;
  switch (orphan.what) {
    case 'absent':
      return undefined;
    case 'duplicated':
      return row(
        'duplicated',
        `: it was ${orphan.made}, and is nowhere but in a state; the next apply makes it a second time`,
      );
    case 'older':
      return row(
        'left alone',
        `: ${orphan.importId} is there since ${orphan.since}, before the run; --older takes it in`,
      );
    case 'unresolved':
      return row('by hand', `: ${orphan.because}`);
    default: {
      const known = orphan.made === undefined ? ', in no journal' : '';
      const change = updated.has(address) ? ', updated in place' : '';
      return row('import', `  ${orphan.importId}${known}${change}`);
    }
  }
}
