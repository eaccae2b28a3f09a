import * as z from 'zod';
import { ChartPin } from '../values/chart-pin.ts';
import { readPins } from './pin-file.ts';

/** The file that holds every chart. */
export const CHARTS_FILE = 'config/charts.yaml';

const CHART_NAMES = [
  'barman-cloud-plugin',
  'cloudnative-pg',
  'github-controller',
  'github-scale-set',
  'gitlab-runner',
] as const;

/** The charts that the constructs use, by the name they have in the pin file. */
export type ChartName = (typeof CHART_NAMES)[number];

/** Every chart at its pin. */
export type Charts = Readonly<Record<ChartName, ChartPin>>;

const pin = z.strictObject({ repository: z.string(), name: z.string(), version: z.string() });

/**
 * Reads the pins of all charts.
 *
 * @throws InvalidFile with every pin that is wrong, missing or not known.
 */
export function readCharts(file = CHARTS_FILE): Charts {
  return readPins(file, CHART_NAMES, pin, ChartPin.of);
}
