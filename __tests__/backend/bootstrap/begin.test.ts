import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localStore, movedState } from '../../../backend/recovery/state-home.ts';
import { readTwice } from '../../../backend/recovery/stored-object.ts';
import { Home, LINEAGE, mark, OTHER_LINEAGE } from '../witness/witness-fixtures.ts';
import { BootstrapGround, CLAIM, WORKLOAD } from './bootstrap-ground.ts';

let ground: BootstrapGround;
beforeEach(async () => {
  ground = await BootstrapGround.start();
});
afterEach(() => ground.stop());

async function remember(serial: number, lineage = LINEAGE): Promise<void> {
  await (await ground.witness()).advance('attic', mark(serial, { lineage }));
}

async function stateHere(): Promise<unknown> {
  const { bucket, key } = ground.state;
  const object = await readTwice({ store: localStore(ground.state), bucket, key });
  return object === undefined ? undefined : JSON.parse(object.body.toString());
}

describe('the state of the stack that deploys its own store', () => {
  test('begins on this machine, in a cluster that has never had a store', async () => {
    expect(await ground.begin()).toBe(0);
    expect(movedState(ground.state)).toMatchObject({ by: 'ada@laptop', lockId: undefined });
    expect(ground.results).toEqual([
      'the state of attic begins on this machine, until its store is there',
    ]);
    expect(await stateHere()).toBeUndefined();
  });

  test('begins once: the second time it is there', async () => {
    await ground.begin();
    expect(await ground.begin()).toBe(0);
    expect(ground.results.at(-1)).toMatch(/^the state of attic is on this machine since 20/);
  });

  test('is in the store where there is one', async () => {
    ground.server.state.objects.set(WORKLOAD, {});
    expect(await ground.begin()).toBe(0);
    expect(movedState(ground.state)).toBeUndefined();
    expect(ground.results).toEqual([
      'Deployment nix-cache/attic-rustfs-openebs is there, and the state of attic in it',
    ]);
  });

  test('may lie on a volume that is left of a store (S9)', async () => {
    ground.server.state.objects.set(CLAIM, {});
    await expect(ground.begin()).rejects.toMatchObject({
      exitCode: 1,
      message: `whether there is a state of attic is not known: its store is not in the cluster, but PersistentVolumeClaim nix-cache/attic-rustfs-openebs-data is, and a state may lie on it
    go on from the machine that has deployed it before, which remembers where its state is
    or remove the claim, when nothing of what lies on it is needed any more`,
    });
    expect(movedState(ground.state)).toBeUndefined();
  });

  test('is hidden, not new, where the cluster remembers it (S9)', async () => {
    await remember(4);
    ground.home.remove();
    ground.home = new Home(ground.server);
    for (const loss of [undefined, ground.loss()]) {
      await expect(ground.begin(loss)).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(
          /^the ConfigMap .* remembers serial 4 of attic, and no store in reach has it: it is hidden or was taken away\n/,
        ),
      });
    }
    expect(movedState(ground.state)).toBeUndefined();
  });

  test('is lost, not new, where this machine remembers it (S9)', async () => {
    await remember(4);
    ground.loseCluster();
    await expect(ground.begin()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /^this is no new environment: serial 4 of attic is remembered on this machine, proved .*\n.*\n {4}are cluster and store lost\? just bootstrap --after-total-loss goes on from there$/,
      ),
    });
    expect(movedState(ground.state)).toBeUndefined();
  });

  test('is not known where the cluster does not say what it remembers', async () => {
    ground.server.state.instead = (_, path) =>
      path.includes('flywheel-state') ? { status: 500, body: { message: 'etcd' } } : undefined;
    await expect(ground.begin()).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^what is remembered of attic is not known: /),
    });
  });

  test('is not begun where two histories are remembered', async () => {
    await remember(4);
    const other = new Home();
    const { home } = ground;
    ground.home = other;
    await remember(4, OTHER_LINEAGE);
    ground.home = home;
    ground.home = Object.assign(other, {
      environment: { ...home.environment, XDG_STATE_HOME: other.environment.XDG_STATE_HOME },
    });
    await expect(ground.begin()).rejects.toMatchObject({ exitCode: 2 });
    home.remove();
  });
});

describe('after a total loss', () => {
  beforeEach(async () => {
    await remember(4);
    ground.loseCluster();
  });

  test('the history goes on with an empty state, which an old backup cannot precede', async () => {
    expect(await ground.begin(ground.loss())).toBe(0);
    expect(movedState(ground.state)).toMatchObject({ by: 'ada@laptop' });
    expect(await stateHere()).toMatchObject({ serial: 5, lineage: LINEAGE, resources: [] });
    const memory = await (await ground.witness()).recall('attic');
    expect(memory).toMatchObject({ kind: 'remembers', mark: { serial: 5, lineage: LINEAGE } });
    expect(ground.results[0]).toBe(
      'the state of attic begins on this machine, with the history that was lost',
    );
  });

  test('a store that is there is no loss', async () => {
    ground.server.state.objects.set(WORKLOAD, {});
    expect(await ground.begin(ground.loss())).toBe(0);
    expect(movedState(ground.state)).toBeUndefined();
  });
});
