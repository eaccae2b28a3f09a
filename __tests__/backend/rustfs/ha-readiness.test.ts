import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certificateOf, certificateText } from '../../../backend/certificate/certificate.ts';
import { prove } from '../../../backend/certificate/prove.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { unreachable } from '../../../backend/rustfs/api-view.ts';
import type { WorkloadEvidence } from '../../../backend/rustfs/collect-workload.ts';
import { storeBundle } from '../../../backend/rustfs/evidence-bundle.ts';
import { GATE_FILES, readGate } from '../../../backend/rustfs/gate-records.ts';
import {
  judgeReadiness,
  type ReadinessEvidence,
  readinessConclusion,
} from '../../../backend/rustfs/ha-readiness.ts';
import { haShape } from '../../../backend/rustfs/ha-shape.ts';
import { seen } from '../../../backend/rustfs/observed.ts';
import type { StoreEvidence } from '../../../backend/rustfs/rca-evidence.ts';
import { scratchProbe } from '../../../backend/rustfs/scratch-probe.ts';
import {
  apiOf,
  ENDPOINT,
  FOUR,
  FOUR_NODES,
  IMAGE,
  ONE_REPLICA,
  podOf,
  storeEvidence,
  workloadOn,
} from './evidence-of.ts';

const NOW = '2026-11-26T12:00:00.000Z';
const ACCESS = { endpoint: ENDPOINT, bucket: 'tofu-state', region: 'us-east-1', pathStyle: true };
const WORKLOAD = { uid: ONE_REPLICA.uid, image: IMAGE };
const HEAD = {
  at: NOW,
  by: 'ada@workstation',
  endpoint: ENDPOINT,
  bucket: 'tofu-state',
  workload: WORKLOAD,
};

const RECORDS = {
  endpointPackage: {
    kind: 'flywheel-endpoint-package',
    ...HEAD,
    region: 'us-east-1',
    pathStyle: true,
  },
  scratchTofu: {
    kind: 'flywheel-scratch-tofu',
    ...HEAD,
    tofu: '1.12.6',
    steps: ['init', 'apply', 'plan', 'change', 'destroy'].map((name) => ({ name, code: 0 })),
    serials: [1, 2],
    removed: true,
  },
  maintenance: {
    kind: 'flywheel-maintenance',
    ...HEAD,
    pods: ['store-0', 'store-1', 'store-2', 'store-3'],
    replaced: ['store-0', 'store-1', 'store-2', 'store-3'],
    writes: 400,
    lost: 0,
    longestOutageMs: 1200,
  },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-gate-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function keep(name: keyof typeof RECORDS, change: object = {}): void {
  const text = JSON.stringify({ ...RECORDS[name], ...change });
  writeFileSync(join(folder, GATE_FILES[name]), text);
}

/** Leaves every record of a store that was proved. */
async function keepAll(): Promise<void> {
  for (const name of Object.keys(RECORDS) as (keyof typeof RECORDS)[]) keep(name);
  const store = new HonestStore({ bucket: 'tofu-state' });
  const proving = await prove(store, 'tofu-state', 'short');
  const how = { access: ACCESS, form: 'full', by: HEAD.by, now: new Date(NOW) } as const;
  writeFileSync(join(folder, GATE_FILES.lockFile), certificateText(certificateOf(proving, how)));
  const disk = async () => {
    const { body } = await store.send({ method: 'GET', bucket: '' });
    const names = [...String(body).matchAll(/<Name>([^<]+)/g)].map(([, name = '']) => name);
    return seen([{ pod: 'store-0', drive: '/data', data: names, metadata: names }]);
  };
  const scratch = await scratchProbe({ store, disk, pauseMs: 0 });
  keepCleanup(storeEvidence({ workload: workloadOn(FOUR_NODES, FOUR), scratch }));
}

function keepCleanup(evidence: StoreEvidence): void {
  const place = join(folder, GATE_FILES.cleanup);
  rmSync(place, { recursive: true, force: true });
  storeBundle(place, { subject: 'store', evidence });
}

function evidenceOf(
  workload: WorkloadEvidence,
  store: Partial<StoreEvidence> = {},
): ReadinessEvidence {
  return {
    at: NOW,
    store: storeEvidence({ workload, ...store }),
    access: ACCESS,
    gate: readGate(folder),
  };
}

const fourNodes = (change: Partial<WorkloadEvidence> = {}) => workloadOn(FOUR_NODES, FOUR, change);

describe('the shape of a store', () => {
  const holds = (workload: WorkloadEvidence) =>
    Object.fromEntries(haShape(workload).map(({ name, holds: is }) => [name, is]));

  test('of four nodes with spread and quorum outlives one of them', () => {
    expect(holds(fourNodes())).toEqual({
      servers: true,
      ready: true,
      'own-volumes': true,
      spread: true,
      quorum: true,
      budget: true,
    });
  });

  test('of one replica on a volume of one node does not (H1)', () => {
    expect(holds(workloadOn(ONE_REPLICA, ['bumble']))).toEqual({
      servers: false,
      ready: true,
      'own-volumes': false,
      spread: false,
      quorum: false,
      budget: false,
    });
  });

  test.each([
    ['two pods on one node', workloadOn(FOUR_NODES, ['n1', 'n1', 'n2', 'n3']), 'spread'],
    ['one of them not ready', workloadOn({ ...FOUR_NODES, ready: 3 }, FOUR), 'ready'],
    ['no budget', fourNodes({ budget: seen('none') }), 'budget'],
    [
      'a budget that lets two go',
      fourNodes({ budget: seen({ name: 'b', minAvailable: '2', maxUnavailable: undefined }) }),
      'budget',
    ],
    [
      'one claim for all',
      fourNodes({ pods: seen(FOUR.map((node, index) => podOf(index, node, 'data-0'))) }),
      'own-volumes',
    ],
    [
      'volumes that all lie on one node',
      fourNodes({
        claims: seen(
          FOUR.map((_, index) => ({
            name: `data-${index}`,
            phase: 'Bound',
            storageClass: 'openebs',
            accessModes: ['ReadWriteOnce'],
            size: '1Gi',
            nodes: ['n1'],
          })),
        ),
      }),
      'spread',
    ],
    ['a drive each and no parity', workloadOn({ ...FOUR_NODES, parity: 0 }, FOUR), 'quorum'],
    [
      'servers that do not know each other',
      workloadOn({ ...FOUR_NODES, volumes: ['/data'] }, FOUR),
      'quorum',
    ],
    ['a Deployment', workloadOn({ ...FOUR_NODES, kind: 'Deployment' }, FOUR), 'servers'],
    [
      'three of them',
      workloadOn({ ...FOUR_NODES, desired: 3, ready: 3 }, ['n1', 'n2', 'n3']),
      'servers',
    ],
  ] as const)('does not with %s', (_, workload, condition) => {
    expect(holds(workload)[condition]).toBe(false);
  });

  test('is not known where nobody may look', () => {
    expect(holds(fourNodes({ pods: { notSeen: 'forbidden' } })).spread).toBeUndefined();
  });
});

describe('the readiness', () => {
  test('is HA with every proof, and only then (S10)', async () => {
    await keepAll();
    const readiness = judgeReadiness(evidenceOf(fourNodes()));
    expect(readiness.gate.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'endpoint-package good',
      'scratch-opentofu good',
      'lock-file good',
      'maintenance good',
      'cleanup good',
    ]);
    expect(readiness).toMatchObject({ verdict: 'HA', exitCode: 0 });
    for (const name of Object.keys(GATE_FILES) as (keyof typeof GATE_FILES)[]) {
      await keepAll();
      rmSync(join(folder, GATE_FILES[name]), { recursive: true });
      expect(judgeReadiness(evidenceOf(fourNodes()))).toMatchObject({
        verdict: 'INTERIM',
        exitCode: 3,
      });
    }
  });

  test.each([
    ['endpointPackage', { region: 'eu-west-1' }, /region or path style are not what tofu will use/],
    ['endpointPackage', { authorities: 'other' }, /it trusts other authorities than tofu will/],
    ['endpointPackage', { endpoint: 'http://other:9000' }, /it is of http:\/\/other:9000/],
    ['scratchTofu', { removed: false }, /its state was left in the store/],
    ['scratchTofu', { serials: [2, 1] }, /the serials do not rise: 2, 1/],
    ['scratchTofu', { steps: [{ name: 'init', code: 1 }] }, /tofu init ended with 1/],
    ['scratchTofu', { steps: [{ name: 'init', code: 0 }] }, /tofu apply was not run/],
    [
      'maintenance',
      { replaced: ['store-0'] },
      /not every pod was replaced: store-1, store-2, store-3/,
    ],
    ['maintenance', { lost: 1 }, /1 of 400 writes were acknowledged and lost/],
    ['maintenance', { longestOutageMs: 60_000 }, /nothing could be written for 60 s/],
    ['maintenance', { writes: 0 }, /nothing was written meanwhile/],
    ['maintenance', { at: '2026-01-01T00:00:00Z' }, /which is too long ago/],
    [
      'maintenance',
      { workload: { ...WORKLOAD, uid: 'older' } },
      /it is of another workload, which is gone/,
    ],
    [
      'maintenance',
      { workload: { ...WORKLOAD, image: 'rustfs:1.0.0' } },
      /it is of the image rustfs:1.0.0/,
    ],
    ['maintenance', { kind: 'another' }, /is no record of the kind flywheel-maintenance/],
  ] as const)(
    'is not HA with a proof that proves nothing: %s %j',
    async (name, change, because) => {
      await keepAll();
      keep(name, change);
      const { verdict, gate } = judgeReadiness(evidenceOf(fourNodes()));
      expect(verdict).toBe('INTERIM');
      const said = gate.flatMap((check) => ('problem' in check ? [check.problem] : []));
      expect(said).toEqual([expect.stringMatching(because)]);
    },
  );

  test('is not HA with a bundle that was changed, or that was made without looking at the disk', async () => {
    await keepAll();
    const file = join(folder, GATE_FILES.cleanup, 'evidence.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('as-expected', 'otherwise'));
    expect(judgeReadiness(evidenceOf(fourNodes())).verdict).toBe('INTERIM');
    keepCleanup(storeEvidence({ workload: fourNodes() }));
    const { gate } = judgeReadiness(evidenceOf(fourNodes()));
    expect(JSON.stringify(gate)).toContain('it was looked at without --scratch-probe');
  });

  test('of one replica is never HA, whatever was proved (H1) (S10)', async () => {
    await keepAll();
    const evidence = evidenceOf(workloadOn(ONE_REPLICA, ['bumble']));
    const readiness = judgeReadiness(evidence);
    expect(readiness).toMatchObject({ verdict: 'INTERIM', exitCode: 3 });
    expect(judgeReadiness(evidence, { expectInterim: true }).exitCode).toBe(0);
    expect(readinessConclusion(readiness)).toBe(
      'INTERIM: state store nix-cache/attic-rustfs-openebs: it works now; it is not HA',
    );
  });

  test.each([
    [
      'its bucket is lost from the API',
      { api: { buckets: [apiOf('tofu-state', false)], names: seen([]), unreachable: undefined } },
    ],
    [
      'a state is none',
      {
        api: {
          buckets: [
            {
              ...apiOf('tofu-state', true),
              objects: [
                {
                  key: 'attic/terraform.tfstate',
                  outcome: 'no-state',
                  detail: 'the body is empty',
                },
              ],
            },
          ],
          names: seen([]),
          unreachable: undefined,
        },
      },
    ],
    ['its pod does not run', { workload: workloadOn({ ...ONE_REPLICA, ready: 0 }, ['bumble']) }],
  ] as const)('is RED, also where an interim is expected, when %s', (_, change) => {
    const evidence = evidenceOf(workloadOn(ONE_REPLICA, ['bumble']), change);
    expect(judgeReadiness(evidence, { expectInterim: true })).toMatchObject({
      verdict: 'RED',
      exitCode: 2,
    });
  });

  test('is not known when the API cannot be asked, and never good for it (1)', () => {
    const evidence = evidenceOf(workloadOn(ONE_REPLICA, ['bumble']), {
      api: unreachable('nobody listens there'),
    });
    expect(judgeReadiness(evidence, { expectInterim: true })).toMatchObject({
      verdict: 'UNKNOWN',
      exitCode: 1,
    });
  });

  test('does not need the disk, which is a witness and no authority (S6)', () => {
    const evidence = evidenceOf(workloadOn(ONE_REPLICA, ['bumble']), {
      disk: { notSeen: 'this account may not' },
    });
    expect(judgeReadiness(evidence, { expectInterim: true }).exitCode).toBe(0);
  });

  test('is judged again from a bundle to the same verdict', async () => {
    await keepAll();
    const evidence = evidenceOf(fourNodes());
    mkdirSync(join(folder, 'bundle'));
    storeBundle(join(folder, 'bundle'), { subject: 'ha-readiness', evidence });
    const text = readFileSync(join(folder, 'bundle', 'evidence.json'), 'utf8');
    expect(judgeReadiness(JSON.parse(text).evidence)).toEqual(judgeReadiness(evidence));
  });
});
