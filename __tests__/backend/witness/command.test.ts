import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { showWitness } from '../../../backend/witness/command.ts';
import { openWitness } from '../../../backend/witness/open-witness.ts';
import { whoRuns } from '../../../backend/witness/who-runs.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { Home, LINEAGE, mark, OTHER_LINEAGE, SETTINGS } from './witness-fixtures.ts';

let server: TestApiServer;
let home: Home;
let results: string[];
let problems: string[];
const printer = {
  result: (line: string) => void results.push(line),
  problem: (line: string) => void problems.push(line),
};
beforeEach(async () => {
  server = await startApiServer();
  home = new Home(server);
  results = [];
  problems = [];
});
afterEach(async () => {
  await server.close();
  home.remove();
});

const open = () => openWitness(home.state(), { settings: SETTINGS, environment: home.environment });
const show = (...args: string[]) => showWitness(args, printer, home.environment);

describe('tofu-state-witness', () => {
  test('says that nothing was ever proved', async () => {
    expect(await show('attic')).toBe(0);
    expect(results).toEqual([
      'cluster  the ConfigMap flywheel-state/flywheel-state-witness',
      '         has never seen a state of this stack',
      `file     ${home.state().memory}/witness`,
      '         has never seen a state of this stack',
      'attic: no state was ever proved',
    ]);
  });

  test('says what each half remembers, and how often a person has decided', async () => {
    await (await open()).advance('attic', mark(4));
    await (await open()).accept('attic', mark(2));
    expect(await show('attic')).toBe(0);
    expect(results.slice(6)).toEqual([
      `file     ${home.state().memory}/witness`,
      '         serial    2',
      `         lineage   ${LINEAGE}`,
      `         sha256    ${mark(2).hash}`,
      '         proved    2026-11-20T10:00:00.000Z by ada@laptop',
      '         accepted  by hand over what was remembered (1)',
      'attic: serial 2 is the last that was proved',
    ]);
  });

  test('says the same as JSON', async () => {
    await (await open()).advance('attic', mark(4));
    expect(await show('attic', '--json')).toBe(0);
    expect(JSON.parse(results.join('\n'))).toMatchObject({
      stack: 'attic',
      memory: { kind: 'remembers', mark: mark(4) },
      halves: [{ name: 'cluster' }, { name: 'file' }],
    });
  });

  test('ends with 2 when two histories are told, and names the way out', async () => {
    const alone = { ...home.environment, KUBE_CONFIG_PATH: join(home.folder, 'none') };
    const options = { settings: SETTINGS, environment: alone };
    await (await openWitness(home.state(), options)).advance('attic', mark(4));
    const other = new Home(server);
    await (
      await openWitness(other.state(), { settings: SETTINGS, environment: other.environment })
    ).advance('attic', mark(4, { lineage: OTHER_LINEAGE }));
    other.remove();
    expect(await show('attic')).toBe(2);
    expect(problems[0]).toMatch(/^attic: contradiction: two histories are told: serial 4 of/);
    expect(problems[1]).toContain('just tofu-state-accept attic --serial N --lineage L');
  });

  test('ends with 1 when nothing can be read', async () => {
    const folder = dirname(home.state().memory);
    mkdirSync(dirname(folder), { recursive: true });
    writeFileSync(folder, '');
    expect(await show('attic')).toBe(1);
    expect(problems).toEqual([
      `attic: not known: ${home.state().memory}/witness cannot be read: ENOTDIR`,
    ]);
  });

  test.each([
    [['atic'], 'there is no stack atic: did you mean attic?'],
    [[], 'name the one stack whose witness is asked'],
    [['attic', 'arc-runners'], 'name the one stack whose witness is asked'],
  ])('rejects the words %j', async (words, message) => {
    await expect(show(...words)).rejects.toThrow(message);
    await expect(show(...words)).rejects.toMatchObject({ exitCode: 64 });
  });
});

describe('whoRuns', () => {
  test('names a job where there is one, and a user and a machine elsewhere', () => {
    expect(whoRuns({ CI_JOB_URL: 'https://gitlab.example/ci/-/jobs/7' })).toBe(
      'job https://gitlab.example/ci/-/jobs/7',
    );
    expect(
      whoRuns({
        GITHUB_SERVER_URL: 'https://github.example',
        GITHUB_REPOSITORY: 'acme/ci',
        GITHUB_RUN_ID: '12',
      }),
    ).toBe('job https://github.example/acme/ci/actions/runs/12');
    expect(whoRuns({})).toMatch(/^\S+@\S+$/);
  });
});
