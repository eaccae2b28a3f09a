import { delimiter, dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { missingOf, requireInstalled } from '../../operations/rehearsal/installed.ts';
import { isType } from '../../policy/charts/rendered-object.ts';
import { manifestsOf } from '../../policy/model/helm-release.ts';
import type { JsonObject } from '../../policy/model/json.ts';
import { helmTemplate } from './charts/helm-template.ts';
import { JUDGED } from './charts/judged-settings.ts';
import { archiveOf, chartFolder, missingCharts, releasesIn } from './charts/releases.ts';
import { calledOf, StrictServer } from './charts/strict-server.ts';
import { run } from './run-program.ts';

const missing = [...(await missingPrograms()), ...(await missingOf(['helm'])), ...missingCharts()];
const NOT_RUN = missing.length > 0 ? ` (not run: ${missing.join('; ')})` : '';
const NAME = `charts-${process.pid}`;
const RELEASES = JUDGED.flatMap((settings) =>
  releasesIn(settings).map((release) => ({
    settings,
    release,
    title: `${settings}: ${release.name}`,
  })),
);

/** Types that no chart of ours brings: whoever turns monitoring on has them. */
const BROUGHT_BY_NOBODY = 'monitoring.coreos.com/';

describe.skipIf(missing.length > 0)(`the pinned charts${NOT_RUN}`, () => {
  let helm: string;
  let launched: Launched;
  let own: OwnCluster;
  let server: StrictServer;
  let kubeVersion: string;

  beforeAll(async () => {
    ({ helm } = await requireInstalled('charts', ['helm']));
    launched = await launchCluster({ name: NAME, settings: 'config/tinyland.yaml' });
    own = await ownCluster(NAME);
    server = new StrictServer(own.api);
    kubeVersion = await server.version();
  });
  afterAll(async () => {
    own?.api.close();
    await launched?.stop();
  });

  async function refusalsOf(objects: readonly JsonObject[], namespace: string): Promise<string[]> {
    const refusals: string[] = [];
    for (const object of objects) {
      const refusal = await server.refusalOf(object, namespace);
      if (refusal !== undefined) refusals.push(`${calledOf(object)}: ${refusal}`);
    }
    return refusals;
  }

  test('are all used by the settings that are looked at', () => {
    const used = new Set(RELEASES.map(({ release }) => release.chart));
    expect([...used].sort()).toEqual([
      'cloudnative-pg',
      'gha-runner-scale-set',
      'gha-runner-scale-set-controller',
      'gitlab-runner',
      'plugin-barman-cloud',
    ]);
  });

  test.each(RELEASES)('$title is rendered, and the API server takes all of it', async (row) => {
    const { release } = row;
    const rendered = await helmTemplate({ helm, chart: archiveOf(release), kubeVersion, release });
    if ('refusal' in rendered) throw new Error(rendered.refusal);
    const { objects } = rendered;
    expect(objects.length).toBeGreaterThan(0);
    await server.install(objects.filter(isType));
    await server.ensureNamespace(release.namespace);
    const others = objects.filter((object) => !isType(object));
    const refused = await refusalsOf(others, release.namespace);
    const nobodys = others.filter(({ apiVersion }) =>
      String(apiVersion).startsWith(BROUGHT_BY_NOBODY),
    );
    expect(refused).toEqual(nobodys.map((object) => `${calledOf(object)}: no such type`));
  });

  test.each(JUDGED)(
    '%s: the API server takes the custom resources of ours, too',
    async (settings) => {
      const manifests = releasesIn(settings, 'ours').flatMap((release) =>
        manifestsOf(release).map((object) => ({ object, namespace: release.namespace })),
      );
      const refused: string[] = [];
      for (const { object, namespace } of manifests) {
        if (String(object.apiVersion).startsWith(BROUGHT_BY_NOBODY)) continue;
        const home = (object.metadata as { namespace?: string }).namespace;
        if (home !== undefined) await server.ensureNamespace(home);
        refused.push(...(await refusalsOf([object], namespace)));
      }
      expect(manifests.length).toBeGreaterThan(3);
      expect(refused).toEqual([]);
    },
  );

  test('the API server refuses a field that it does not know', async () => {
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'typo' },
      automountToken: false,
    };
    expect(await refusalsOf([account], 'default')).toEqual([
      expect.stringContaining('unknown field "automountToken"'),
    ]);
  });

  test('monitors and alerts are judged by their types', (context) => {
    context.skip('the types of the Prometheus Operator come with no chart that is pinned here');
  });

  test('give the summaries that are committed', async () => {
    const Path = [dirname(helm), process.env.PATH].join(delimiter);
    const args = ['bin/flywheel.cjs', 'charts', 'summarize', '--check', chartFolder()];
    const { code, stdout, stderr } = await run(process.execPath, args, {
      environment: { PATH: Path },
    });
    expect(`${stdout}${stderr}`).not.toMatch(/differs|no recipe/);
    expect(code, stderr).toBe(0);
  });

  test.each([
    ['cloudnative-pg', { replicaCount: 'two' }, /replicaCount.*\n?.*integer/],
    ['plugin-barman-cloud', { replicaCount: 'two' }, /replicaCount.*\n?.*integer/],
  ])('%s refuses a value that its schema does not allow', async (chart, broken, sentence) => {
    const row = RELEASES.find(({ release }) => release.chart === chart);
    if (row === undefined) throw new Error(`no release of ${chart}`);
    const { release } = row;
    const rendered = await helmTemplate({
      helm,
      chart: archiveOf(release),
      kubeVersion,
      release: { ...release, values: { ...release.values, ...broken } },
    });
    expect(rendered).toEqual({ refusal: expect.stringMatching(sentence) });
  });
});
