import { existsSync } from 'node:fs';
import type { Conflict } from './cross-rules.ts';
import type { Settings } from './settings.ts';

/** What must hold of the place that charts come from. */
export const MIRROR_RULES: readonly ((settings: Settings) => Conflict[])[] = [
  function mirrorExists({ charts: { mirror } }) {
    if (mirror === undefined || mirror.startsWith('oci://') || existsSync(mirror)) return [];
    return [
      {
        path: ['charts', 'mirror'],
        rule: 'be a folder that exists',
        value: mirror,
        remedy: `make it, and fill it with helm pull for each pin of config/charts.yaml`,
      },
    ];
  },
];
