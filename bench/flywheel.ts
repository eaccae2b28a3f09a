import { writeFileSync } from 'node:fs';
import { readCharts } from '../config/charts.ts';
import { readImages } from '../config/images.ts';
import { readSettings } from '../config/read-settings.ts';
import type { Settings } from '../config/settings.ts';
import { check } from '../policy/check.ts';
import { defineStacks } from '../stacks/all-stacks.ts';
import type { FlywheelStack } from '../stacks/flywheel-stack.ts';
import { withSynthesized } from '../synthesis/synthesize.ts';
import { peakMiB } from './measurement.ts';
import { listResources } from './resource-list.ts';

/** The settings of tinyland with that many GitLab pools instead of its own; its own for 0. */
function withPools(count: number): Settings {
  const settings = readSettings('config/tinyland.yaml');
  const pool = settings.runners.gitlab.pools['docker-runner'];
  if (count === 0 || pool === undefined) return settings;
  const names = Array.from({ length: count }, (_, index) => `docker-runner-${index}`);
  const pools = Object.fromEntries(names.map((name) => [name, pool]));
  return {
    ...settings,
    runners: { ...settings.runners, gitlab: { ...settings.runners.gitlab, pools } },
  };
}

/** Synthesizes once, judges once, and says what it cost; with a file name also lists the resources for the peer. */
function main(pools: number, listFile: string | undefined): void {
  const startedAt = performance.now();
  const context = { settings: withPools(pools), images: readImages(), charts: readCharts() };
  let defined: FlywheelStack[] = [];
  const result = withSynthesized(
    (app) => {
      defined = defineStacks(app, context);
      return defined;
    },
    ({ stacks }) => {
      const workMs = performance.now() - startedAt;
      check({
        stacks: stacks.map(({ stack, json }) => ({ name: stack.node.id, json })),
        previous: [],
        declared: { nodes: context.settings.cluster.nodes, requireDigests: false },
      });
      return { workMs, policyMs: performance.now() - startedAt - workMs };
    },
  );
  if (listFile !== undefined) writeFileSync(listFile, JSON.stringify(listResources(defined)));
  process.stdout.write(JSON.stringify({ ...result, peakMiB: peakMiB() }));
}

main(Number(process.argv[2] ?? 0), process.argv[3]);
