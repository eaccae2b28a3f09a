import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readCharts } from '../../../config/charts.ts';
import { readImages } from '../../../config/images.ts';
import { readSettings } from '../../../config/read-settings.ts';
import type { JudgedStack } from '../../../policy/policy-input.ts';
import { EXAMPLES, exampleFile } from '../../support/examples.ts';
import { exampleContext, type Json, synthesizeStacks } from '../../support/synthesized.ts';

/** The examples, and one more that turns on what none of them does. */
export const JUDGED = [...EXAMPLES, 'everything'] as const;

/** Name of settings whose stacks are looked at. */
export type JudgedName = (typeof JUDGED)[number];

const made = new Map<JudgedName, readonly JudgedStack[]>();

/** The stacks of an example, or of `everything`, as they are synthesized. */
export function judgedStacks(name: JudgedName): readonly JudgedStack[] {
  const known = made.get(name);
  if (known !== undefined) return known;
  const texts = synthesizeStacks(name === 'everything' ? everything() : exampleContext(name));
  const stacks = Object.entries(texts).map(([stack, text]) => ({
    name: stack,
    json: JSON.parse(text) as unknown,
  }));
  made.set(name, stacks);
  return stacks;
}

function everything() {
  const settings: Json = parse(readFileSync(exampleFile('tinyland'), 'utf8'));
  const { attic, runners } = settings;
  settings.monitoring = { enabled: true };
  attic.database.backup = { bucket: 'database-backups' };
  attic.writes = 'open';
  runners.gitlab.pools['gpu-runner'] = { type: 'l40s', concurrent: 1 };
  Object.assign(runners.github.scaleSets, {
    'gh-claims': { type: 'docker', containerMode: 'kubernetes', label: 'tinyland-claims' },
    'gh-hooks': { type: 'rocky9', containerMode: 'kubernetes-novolume', label: 'tinyland-hooks' },
  });
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-everything-'));
  try {
    const file = join(folder, 'everything.yaml');
    writeFileSync(file, stringify(settings));
    return { settings: readSettings(file), images: readImages(), charts: readCharts() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
