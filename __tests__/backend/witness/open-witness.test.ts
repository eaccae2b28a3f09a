import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookAtWitness, openWitness } from '../../../backend/witness/open-witness.ts';
import type { StateMark } from '../../../backend/witness/state-mark.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { exampleContext, synthesizeStacks } from '../../support/synthesized.ts';
import { Home, LINEAGE, mark, OTHER_LINEAGE, SETTINGS } from './witness-fixtures.ts';

const CONFIG_MAP = '/api/v1/namespaces/flywheel-state/configmaps/flywheel-state-witness';

let server: TestApiServer;
let laptop: Home;
let ci: Home;
let lonely: Home;
beforeEach(async () => {
  server = await startApiServer();
  laptop = new Home(server);
  ci = new Home(server);
  lonely = new Home();
});
afterEach(async () => {
  await server.close();
  for (const home of [laptop, ci, lonely]) home.remove();
});

function open(home: Home, stack = 'attic') {
  return openWitness(home.state(stack), { settings: SETTINGS, environment: home.environment });
}

function look(home: Home) {
  return lookAtWitness(home.state(), { settings: SETTINGS, environment: home.environment });
}

async function halvesOf(home: Home) {
  const { halves } = await look(home).inspect('attic');
  return Object.fromEntries(
    halves.map(({ name, memory }) => [
      name,
      memory.kind === 'remembers' ? memory.record.mark.serial : memory.kind,
    ]),
  );
}

const remembers = (remembered: StateMark) => ({ kind: 'remembers', mark: remembered });

describe('the witness of two halves', () => {
  test('is kept in a file and, in a namespace of no stack, in the declared cluster', async () => {
    const witness = await open(laptop);
    expect(await witness.recall('attic')).toEqual({ kind: 'never-seen' });
    await witness.advance('attic', mark(4));
    expect(await halvesOf(laptop)).toEqual({ cluster: 4, file: 4 });
    const { metadata, data } = server.state.objects.get(CONFIG_MAP);
    expect(metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'flywheel' });
    expect(Object.keys(data)).toEqual(['tofu-state.attic']);
    expect(JSON.parse(data['tofu-state.attic'])).toEqual({
      stack: 'attic',
      ...mark(4),
      accepted: 0,
    });
    expect(witness.notes).toEqual([]);
  });

  test('lies in a namespace that no stack defines, so no apply and no destroy reaches it', () => {
    const stacks = Object.values(synthesizeStacks(exampleContext('tinyland')));
    expect(stacks).toHaveLength(4);
    expect(stacks.filter((json) => json.includes('flywheel-state'))).toEqual([]);
  });

  test('a laptop after CI has applied is no alarm: it learns what CI has proved', async () => {
    await (await open(laptop)).advance('attic', mark(4));
    await (await open(ci)).advance('attic', mark(7));
    expect(await halvesOf(laptop)).toEqual({ cluster: 7, file: 4 });
    expect(await (await open(laptop)).recall('attic')).toEqual(remembers(mark(7)));
    expect(await halvesOf(laptop)).toEqual({ cluster: 7, file: 7 });
  });

  test('a cluster that has lost its half learns it from the file', async () => {
    await (await open(laptop)).advance('attic', mark(4));
    server.state.objects.delete(CONFIG_MAP);
    expect(await (await open(laptop)).recall('attic')).toEqual(remembers(mark(4)));
    expect(await halvesOf(ci)).toEqual({ cluster: 4, file: 'never-seen' });
  });

  test.each([
    ['another lineage', mark(5, { lineage: OTHER_LINEAGE })],
    ['the same serial with another hash', mark(4, { hash: 'b'.repeat(64) })],
  ])('%s in the two halves is a contradiction, and nothing is advanced', async (_, other) => {
    await (await open(ci)).advance('attic', mark(4));
    const offline = { ...laptop.environment, KUBE_CONFIG_PATH: join(laptop.folder, 'none') };
    const options = { settings: SETTINGS, environment: offline };
    await (await openWitness(laptop.state(), options)).advance('attic', other);
    const witness = await open(laptop);
    const memory = await witness.recall('attic');
    expect(memory.kind).toBe('contradiction');
    expect(memory).toMatchObject({
      because: expect.stringContaining(`serial 4 of lineage ${LINEAGE} (2026-11-20T10:00:00.000Z`),
    });
    await expect(witness.advance('attic', mark(9))).rejects.toMatchObject({ exitCode: 2 });
    expect(await halvesOf(laptop)).toEqual({ cluster: 4, file: other.serial });
  });

  test('what a person has accepted is the truth for every machine, whatever it remembers', async () => {
    await (await open(ci)).advance('attic', mark(9));
    await (await open(laptop)).recall('attic');
    await (await open(laptop)).accept('attic', mark(3, { lineage: OTHER_LINEAGE }));
    const witness = await open(ci);
    expect(await witness.recall('attic')).toEqual(remembers(mark(3, { lineage: OTHER_LINEAGE })));
    expect(await halvesOf(ci)).toEqual({ cluster: 3, file: 3 });
    await witness.advance('attic', mark(4, { lineage: OTHER_LINEAGE }));
    expect(await (await open(laptop)).recall('attic')).toEqual(
      remembers(mark(4, { lineage: OTHER_LINEAGE })),
    );
  });

  test('what is accepted ends a contradiction', async () => {
    await (await open(ci)).advance('attic', mark(4));
    await (await open(lonely)).advance('attic', mark(5, { lineage: OTHER_LINEAGE }));
    const both = { ...lonely.environment, KUBE_CONFIG_PATH: laptop.environment.KUBE_CONFIG_PATH };
    const witness = await openWitness(lonely.state(), { settings: SETTINGS, environment: both });
    expect(await witness.recall('attic')).toMatchObject({ kind: 'contradiction' });
    await witness.accept('attic', mark(5, { lineage: OTHER_LINEAGE }));
    expect(await witness.recall('attic')).toMatchObject({ kind: 'remembers' });
    expect(await (await open(ci)).recall('attic')).toMatchObject({
      mark: { lineage: OTHER_LINEAGE },
    });
  });

  test('advances once for many that race, and the highest serial is remembered by all', async () => {
    const homes = Array.from({ length: 8 }, () => new Home(server));
    const outcomes = await Promise.allSettled(
      homes.map(async (home, index) => (await open(home)).advance('attic', mark(index + 1))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).not.toHaveLength(0);
    for (const home of homes) {
      expect(await (await open(home)).recall('attic')).toEqual(remembers(mark(8)));
      home.remove();
    }
  });

  test('a refusal of one half leaves the other as it was', async () => {
    await (await open(ci)).advance('attic', mark(9));
    const witness = await open(laptop);
    await expect(witness.advance('attic', mark(5))).rejects.toThrow(
      'that is older than what it remembers',
    );
    expect(await halvesOf(laptop)).toEqual({ cluster: 9, file: 'never-seen' });
  });
});

describe('a half that is not at hand', () => {
  test.each<[string, () => Home, string]>([
    ['no cluster is named', () => lonely, 'no cluster is named'],
    ['it is another cluster', () => new Home(server, 'bumble'), 'not honey: the context is bumble'],
  ])('leaves the file alone to count where %s', async (_, homeOf, because) => {
    const home = homeOf();
    const witness = await open(home);
    await witness.advance('attic', mark(4));
    expect(await witness.recall('attic')).toEqual(remembers(mark(4)));
    const { halves } = await witness.inspect('attic');
    expect(halves.find(({ name }) => name === 'cluster')?.memory).toMatchObject({
      kind: 'not-at-hand',
      because: expect.stringContaining(`the cluster is not at hand: ${because}`),
    });
    expect(server.state.objects.has(CONFIG_MAP)).toBe(false);
    if (home !== lonely) home.remove();
  });

  test('is asked once, when nobody answers', async () => {
    await server.close();
    const witness = await open(laptop);
    expect(await witness.recall('attic')).toEqual({ kind: 'never-seen' });
    await witness.advance('attic', mark(4));
    expect(await witness.recall('attic')).toEqual(remembers(mark(4)));
    expect(witness.notes).toEqual([expect.stringContaining('refuses connections')]);
    server = await startApiServer();
  });

  test('may know something when it only refuses to tell: unknown, never "never seen"', async () => {
    server.state.instead = (_, path) =>
      path.includes('/configmaps') ? { status: 403, body: { message: 'no' } } : undefined;
    const witness = await open(laptop);
    expect(await witness.recall('attic')).toEqual({
      kind: 'unknown',
      because:
        'the ConfigMap flywheel-state/flywheel-state-witness cannot be read: /api/v1/namespaces/flywheel-state/configmaps/flywheel-state-witness: no (403)',
    });
  });

  test('says which command a person needs when the namespace may not be made', async () => {
    server.state.instead = (method, path) =>
      method === 'POST' && path === '/api/v1/namespaces'
        ? { status: 403, body: { message: 'no' } }
        : undefined;
    const witness = await open(laptop);
    await witness.advance('attic', mark(4));
    expect(witness.notes).toEqual([
      '/api/v1/namespaces: no (403)\n    somebody who may has to create it once: kubectl create namespace flywheel-state',
    ]);
    expect(await halvesOf(laptop)).toEqual({ cluster: 'never-seen', file: 4 });
  });

  test('is unknown when somebody has written something else there, and is mended', async () => {
    const witness = await open(laptop);
    await witness.advance('attic', mark(4));
    server.state.objects.get(CONFIG_MAP).data['tofu-state.attic'] = 'gone';
    expect(await halvesOf(laptop)).toEqual({ cluster: 'unknown', file: 4 });
    expect(await witness.recall('attic')).toEqual(remembers(mark(4)));
    expect(await halvesOf(laptop)).toEqual({ cluster: 4, file: 4 });
  });
});

describe('a home that cannot be written to', () => {
  function spoil(home: Home): void {
    const folder = dirname(home.state().memory);
    mkdirSync(dirname(folder), { recursive: true });
    writeFileSync(folder, '');
  }

  test('is refused in a sentence before anything begins where there is no cluster either', async () => {
    spoil(lonely);
    const folder = join(lonely.state().memory, 'witness');
    await expect(open(lonely)).rejects.toThrow(
      `the last state of attic could be remembered nowhere\n    nothing can be kept in ${folder}: ENOTDIR\n    name a folder that can be written to with XDG_STATE_HOME\n    the cluster is not at hand: no cluster is named`,
    );
  });

  test('is no obstacle where the cluster remembers, but what the file knows is unknown', async () => {
    spoil(laptop);
    const witness = await open(laptop);
    expect(await witness.recall('attic')).toMatchObject({ kind: 'unknown' });
    await witness.advance('attic', mark(4));
    expect(await witness.recall('attic')).toEqual(remembers(mark(4)));
    expect(witness.notes).toEqual([expect.stringContaining('nothing can be kept in')]);
  });
});
