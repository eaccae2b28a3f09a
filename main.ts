import { readCharts } from './config/charts.ts';
import { readImages } from './config/images.ts';
import { outdirOf } from './config/outdir.ts';
import { readSettings, settingsFile } from './config/read-settings.ts';
import { defineStacks } from './stacks/all-stacks.ts';
import { runSynthesis } from './synthesis/run.ts';

process.exitCode = runSynthesis(process.argv.slice(2), () => {
  const file = settingsFile();
  const context = { settings: readSettings(file), images: readImages(), charts: readCharts() };
  return { file, outdir: outdirOf(), context, define: (app) => defineStacks(app, context) };
});
