import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdktf';
import { parse } from 'yaml';
import { readCharts } from '../../../config/charts.ts';
import { type Images, readImages } from '../../../config/images.ts';
import { readSettings } from '../../../config/read-settings.ts';
import { writeSettings } from '../../../operations/rehearsal/stacks/settings.ts';
import { defineStacks } from '../../../stacks/all-stacks.ts';
import type { Json } from '../../support/synthesized.ts';

/** One thing that a person changes, in the settings or in the pins. */
export interface Variant {
  readonly change?: (settings: Json) => void;
  readonly images?: (images: Images) => Images;
}

/**
 * The stacks with something changed, in a folder of their own below the given one.
 *
 * @returns the folder that holds the folders of the stacks
 */
export function synthesizeVariant(
  folder: string,
  base: string,
  { change = () => {}, images = (same) => same }: Variant,
): string {
  const outdir = mkdtempSync(join(folder, 'variant-'));
  const settings = parse(readFileSync(base, 'utf8'));
  change(settings);
  const file = writeSettings(outdir, settings);
  const app = new App({ outdir: join(outdir, 'cdktf.out') });
  const context = {
    settings: readSettings(file),
    images: images(readImages()),
    charts: readCharts(),
  };
  defineStacks(app, context);
  app.synth();
  return join(outdir, 'cdktf.out', 'stacks');
}
