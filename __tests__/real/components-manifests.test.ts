import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { missingOf, requireInstalled } from '../../operations/rehearsal/installed.ts';
import { isType } from '../../policy/charts/rendered-object.ts';
import { manifestsOf } from '../../policy/model/helm-release.ts';
import type { JsonObject } from '../../policy/model/json.ts';
import { eventually } from '../support/cluster-objects.ts';
import { helmTemplate } from './charts/helm-template.ts';
import { JUDGED, type JudgedName } from './charts/judged-settings.ts';
import { archiveOf, missingCharts, releasesIn } from './charts/releases.ts';
import { StrictServer } from './charts/strict-server.ts';
import { scratchFolder } from './components/scratch.ts';
import { schemaLocation, writeSchemas } from './components/server-schemas.ts';
import { run } from './run-program.ts';

const missing = [
  ...(await missingPrograms()),
  ...(await missingOf(['helm', 'kubeconform'])),
  ...missingCharts(),
];
const NOT_RUN = missing.length > 0 ? ` (not run: ${missing.join('; ')})` : '';
const NAME = `manifests-${process.pid}`;
const BROUGHT_BY_NOBODY = 'monitoring.coreos.com/';
const folder = scratchFolder('schemas');

/** To the server, null is the same as nothing; charts write it where a map of theirs is empty. */
function leaveOutNull(_: string, value: unknown): unknown {
  return value ?? undefined;
}

describe.skipIf(missing.length > 0)(
  `kubeconform with the schemas of the API server${NOT_RUN}`,
  () => {
    let programs: Readonly<Record<'helm' | 'kubeconform', string>>;
    let launched: Launched;
    let own: OwnCluster;
    const objects = new Map<JudgedName, readonly JsonObject[]>();

    beforeAll(async () => {
      programs = await requireInstalled('manifests', ['helm', 'kubeconform']);
      launched = await launchCluster({ name: NAME, settings: 'config/tinyland.yaml' });
      own = await ownCluster(NAME);
      const server = new StrictServer(own.api);
      const kubeVersion = await server.version();
      for (const settings of JUDGED) {
        const all = releasesIn(settings, 'ours').flatMap(manifestsOf);
        for (const release of releasesIn(settings)) {
          const chart = archiveOf(release);
          const rendered = await helmTemplate({ helm: programs.helm, chart, kubeVersion, release });
          if ('refusal' in rendered) throw new Error(rendered.refusal);
          all.push(...rendered.objects);
        }
        await server.install(all.filter(isType));
        objects.set(
          settings,
          all.filter(
            (one) => !isType(one) && !String(one.apiVersion).startsWith(BROUGHT_BY_NOBODY),
          ),
        );
      }
    });
    afterAll(async () => {
      own?.api.close();
      await launched?.stop();
    });

    async function judge(given: readonly JsonObject[]) {
      const args = [
        '-strict',
        '-summary',
        '-output',
        'json',
        '-schema-location',
        schemaLocation(folder),
      ];
      const input = given.map((object) => JSON.stringify(object, leaveOutNull)).join('\n---\n');
      const { stdout, stderr } = await run(programs.kubeconform, args, { input });
      expect(stderr).toBe('');
      return JSON.parse(stdout) as { resources: object[]; summary: Record<string, number> };
    }

    test('knows every type that is used, also those that the charts bring', async () => {
      const used = [...objects.values()]
        .flat()
        .map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);
      // The server describes a type some time after it has begun to serve it.
      const described = await eventually('a description of every type', async () => {
        const types = await writeSchemas(own.api, folder);
        return used.every((type) => types.has(type)) ? types : undefined;
      });
      expect(described.size).toBeGreaterThan(100);
    });

    test.each(JUDGED)('finds every manifest of %s valid', async (settings) => {
      const all = objects.get(settings) ?? [];
      expect(all.length).toBeGreaterThan(20);
      const { resources, summary } = await judge(all);
      expect(resources).toEqual([]);
      expect(summary).toEqual({ valid: all.length, invalid: 0, errors: 0, skipped: 0 });
    });

    test('finds a field that no type has, and a type that nobody brought', async () => {
      const [cluster] = (objects.get('tinyland') ?? []).filter(
        ({ apiVersion, kind }) => kind === 'Cluster' && apiVersion === 'postgresql.cnpg.io/v1',
      );
      const typo = { ...cluster, spec: { ...(cluster?.spec as object), instanses: 3 } };
      const unknown = { apiVersion: 'example.org/v1', kind: 'Nothing', metadata: { name: 'x' } };
      const { resources, summary } = await judge([typo, unknown]);
      expect(summary).toEqual({ valid: 0, invalid: 1, errors: 1, skipped: 0 });
      expect(JSON.stringify(resources)).toMatch(/instanses/);
    });
  },
);
