import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { alertRule } from '../../constructs/monitoring/alert.ts';
import {
  COMPONENTS,
  type MonitoredComponent,
} from '../../constructs/monitoring/component-table.ts';
import { manifestsOf } from '../../policy/model/helm-release.ts';
import { asObjects, at } from '../../policy/model/json.ts';
import { ALERT_CASES, type AlertCase } from '../constructs/monitoring/alert-cases.ts';
import { releasesIn } from './charts/releases.ts';
import { scratchFolder, writeText } from './components/scratch.ts';
import { needsProgram } from './needs.ts';
import { run } from './run-program.ts';

const folder = scratchFolder('alerts');
const CASES = ALERT_CASES.map((course) => ({
  course,
  title: `${course.alert} ${course.fires ? 'fires' : 'stays quiet'}: ${Object.values(course.series)}`,
}));

/** The rules of one kind of component, as a file of Prometheus. */
function ruleFile(kind: AlertCase['kind']): string {
  const { alerts, scrape }: MonitoredComponent = COMPONENTS[kind];
  const job = scrape?.kind === 'PodMonitor' ? 'ns/x' : 'x';
  const rules = alerts.map((alert) => alertRule(alert, { namespace: 'ns', name: 'x', job }));
  return writeText(folder, `${kind}.yaml`, stringify({ groups: [{ name: kind, rules }] }));
}

/** What promtool plays: the series of a course, and whether the alert has gone off by then. */
function unitTest({ kind, alert, series, at: time, fires }: AlertCase): string {
  const unit = {
    rule_files: [ruleFile(kind)],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [
          {
            expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0`,
            eval_time: time,
            exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
          },
        ],
      },
    ],
  };
  return writeText(folder, `${kind}-test.yaml`, stringify(unit));
}

describe('the alerts, played by promtool', () => {
  for (const { course, title } of CASES) {
    test(title, async (context) => {
      const promtool = await needsProgram(context, 'promtool');
      const { code, stdout, stderr } = await run(promtool, ['test', 'rules', unitTest(course)]);
      expect(code, `${stdout}${stderr}`).toBe(0);
    });
  }

  test('a course that comes out otherwise is found', async (context) => {
    const promtool = await needsProgram(context, 'promtool');
    for (const course of ALERT_CASES.slice(0, 2)) {
      const wrong = unitTest({ ...course, fires: !course.fires });
      const { code, stderr } = await run(promtool, ['test', 'rules', wrong]);
      expect([code, stderr]).toEqual([1, expect.stringContaining('GitlabRunnerManagersGone')]);
    }
  });
});

describe('the alerts of the stacks, read by promtool', () => {
  const rules = releasesIn('everything', 'ours')
    .flatMap(manifestsOf)
    .filter(({ kind }) => kind === 'PrometheusRule');

  test('are valid, all of them', async (context) => {
    const promtool = await needsProgram(context, 'promtool');
    expect(rules.length).toBeGreaterThan(5);
    const groups = rules.flatMap(({ spec }) => asObjects(at(spec, 'groups')));
    const number = groups.flatMap((group) => asObjects(group.rules)).length;
    for (const [index, { spec }] of rules.entries()) {
      const file = writeText(folder, `stack-${index}.yaml`, stringify(spec));
      const args = ['check', 'rules', '--lint=all', '--lint-fatal', file];
      const { code, stdout, stderr } = await run(promtool, args);
      expect(code, `${stdout}${stderr}`).toBe(0);
    }
    expect(number).toBeGreaterThanOrEqual(new Set(ALERT_CASES.map(({ alert }) => alert)).size);
  });

  test('would not be, with a parenthesis too few', async (context) => {
    const promtool = await needsProgram(context, 'promtool');
    const broken = { groups: [{ name: 'broken', rules: [{ alert: 'A', expr: 'sum(up' }] }] };
    const file = writeText(folder, 'broken.yaml', stringify(broken));
    const { code, stderr } = await run(promtool, ['check', 'rules', file]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('parse error')]);
  });
});
