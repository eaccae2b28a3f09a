import { missingCharts } from '../../../operations/rehearsal/stacks/charts.ts';
import {
  type Ground,
  missingTools,
  startGround as start,
} from '../../../operations/rehearsal/stacks/ground.ts';
import { exampleFile } from '../../support/examples.ts';

/** The folder that holds the archives of the pinned charts. */
const CHARTS_VARIABLE = 'FLYWHEEL_CHARTS';

/** Why the stacks cannot be applied here; empty when they can. */
export async function missingForStacks(): Promise<string[]> {
  const charts = process.env[CHARTS_VARIABLE] ?? '';
  const archives =
    charts === ''
      ? [`${CHARTS_VARIABLE} names no folder of charts (just charts-pull fills one)`]
      : missingCharts(charts);
  return [...(await missingTools()), ...archives];
}

/** The ground on which the stacks of tinyland are applied. */
export function startGround(): Promise<Ground> {
  const charts = process.env[CHARTS_VARIABLE] ?? '';
  return start({ settings: exampleFile('tinyland'), charts });
}
