import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LINEAGE, mark } from '../witness/witness-fixtures.ts';
import { BootstrapGround } from './bootstrap-ground.ts';

let ground: BootstrapGround;
beforeEach(async () => {
  ground = await BootstrapGround.start();
  await (await ground.witness()).advance('attic', mark(4));
});
afterEach(() => ground.stop());

async function lastState(loss = ground.loss()) {
  return await loss.lastState({ state: ground.state, witness: await ground.witness() });
}

/** As every run does, the guard of the first stack tells the cluster what this machine remembers. */
async function tellCluster(): Promise<void> {
  await (await ground.witness()).recall('attic');
}

describe('a total loss', () => {
  test('is none where the cluster remembers the state (S9)', async () => {
    await expect(lastState()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('it is hidden or was taken away'),
    });
  });

  test('is proved by a cluster that remembers nothing of what this machine does', async () => {
    ground.loseCluster();
    expect(await lastState()).toMatchObject({ serial: 4, lineage: LINEAGE });
  });

  test('stays proved until all is there again, although the cluster is told meanwhile', async () => {
    ground.loseCluster();
    ground.loss().keep();
    await tellCluster();
    expect(await lastState()).toMatchObject({ serial: 4 });
    ground.loss().end();
    await expect(lastState()).rejects.toMatchObject({ exitCode: 2 });
  });

  test('is that of one cluster, and proves nothing of the next one (S9)', async () => {
    ground.loseCluster();
    ground.loss().keep();
    await tellCluster();
    await expect(lastState(ground.loss('uid-of-another'))).rejects.toMatchObject({ exitCode: 2 });
  });
});
