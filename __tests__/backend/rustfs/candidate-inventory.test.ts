import { describe, expect, test } from 'vitest';
import {
  type InventoryEvidence,
  judgeInventory,
} from '../../../backend/rustfs/candidate-inventory.ts';
import type { WorkloadEvidence } from '../../../backend/rustfs/collect-workload.ts';
import { type Observed, seen } from '../../../backend/rustfs/observed.ts';
import { storeProgram } from '../../../backend/rustfs/store-programs.ts';
import { FOUR, FOUR_NODES, ONE_REPLICA, workloadOn } from './evidence-of.ts';

const ONE = workloadOn(ONE_REPLICA, ['bumble']);
const HA = workloadOn({ ...FOUR_NODES, name: 'rustfs-ha' }, FOUR);

function judged(stores: Observed<readonly WorkloadEvidence[]>) {
  const evidence: InventoryEvidence = { at: 'now', by: 'ada', cluster: 'honey', stores };
  const { result, exitCode, candidates } = judgeInventory(evidence);
  return { result, exitCode, standings: candidates.map(({ standing }) => standing) };
}

describe('the inventory of candidates', () => {
  test('finds none where one replica is all there is, which is an answer and no failure (R8)', () => {
    expect(judged(seen([ONE]))).toEqual({
      result: 'NO_LIVE_HA_STATE_CANDIDATE',
      exitCode: 0,
      standings: ['NOT_HA'],
    });
    expect(judged(seen([]))).toMatchObject({ result: 'NO_LIVE_HA_STATE_CANDIDATE', exitCode: 0 });
  });

  test('finds a store of four nodes with spread and quorum', () => {
    expect(judged(seen([ONE, HA]))).toEqual({
      result: 'LIVE_HA_STATE_CANDIDATE',
      exitCode: 0,
      standings: ['NOT_HA', 'LIVE_HA_CANDIDATE'],
    });
  });

  test('finds no candidate in a program that cannot lock, nor in one that it cannot judge', () => {
    const of = (image: string) => workloadOn({ ...FOUR_NODES, image }, FOUR);
    const stores = seen([of('dxflrs/garage:v1.2.0'), of('minio/minio:RELEASE.2025')]);
    expect(judged(stores)).toEqual({
      result: 'NO_LIVE_HA_STATE_CANDIDATE',
      exitCode: 0,
      standings: ['UNFIT', 'NOT_JUDGED'],
    });
  });

  test('is not known where nobody may look (1)', () => {
    expect(judged({ notSeen: 'forbidden (403)' })).toMatchObject({
      result: 'UNKNOWN',
      exitCode: 1,
    });
    const unseen = { ...HA, budget: { notSeen: 'forbidden (403)' } };
    expect(judged(seen([unseen]))).toEqual({
      result: 'UNKNOWN',
      exitCode: 1,
      standings: ['UNKNOWN'],
    });
  });

  test.each([
    ['docker.io/rustfs/rustfs:1.0.1', 'RustFS'],
    ['registry.example.org/mirror/rustfs/rustfs@sha256:00', 'RustFS'],
    ['quay.io/minio/minio:RELEASE.2025-01-01', 'MinIO'],
    ['chrislusf/seaweedfs:4.44', 'SeaweedFS'],
    ['docker.io/library/postgres:17', undefined],
    ['ghcr.io/example/minio-console:1', undefined],
  ])('knows the program of %s: %s', (image, name) => {
    expect(storeProgram(image)?.name).toBe(name);
  });
});
