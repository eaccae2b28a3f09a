import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diagnose } from '../../../backend/rustfs/bucket-diagnosis.ts';
import { bucketMeaning } from '../../../backend/rustfs/bucket-verdict.ts';
import type { DiskView } from '../../../backend/rustfs/disk-view.ts';
import { readBundle, storeBundle } from '../../../backend/rustfs/evidence-bundle.ts';
import { judgeRca } from '../../../backend/rustfs/judge-rca.ts';
import { seen } from '../../../backend/rustfs/observed.ts';
import type { StoreEvidence } from '../../../backend/rustfs/rca-evidence.ts';
import { rcaLines, type Stored } from '../../../backend/rustfs/rca-lines.ts';
import { apiOf, driveWith, ONE_REPLICA, storeEvidence, workloadOn } from './evidence-of.ts';

const STORED: Stored = { folder: 'kept' };
const NOT_STORED: Stored = { notStored: 'the disk is full' };

/** What was seen on 2026-05-08: two buckets gone from the API, both still on the disk. */
const RECURRENCE = storeEvidence({
  asked: ['attic', 'tofu-state'],
  api: {
    buckets: [apiOf('attic', false), apiOf('tofu-state', false)],
    names: seen([]),
    unreachable: undefined,
  },
  disk: seen([driveWith('attic', 'tofu-state', 'bazel-cache')]),
});

function linesOf(evidence: StoreEvidence, stored = STORED): string {
  return rcaLines(judgeRca(evidence, evidence.asked), evidence, stored).join('\n');
}

describe('the verdict on a bucket', () => {
  test.each([
    ['present', 'present', 'COHERENT', 0],
    ['present', 'partial', 'API_PRESENT_DISK_PARTIAL', 2],
    ['present', 'absent', 'DISK_LOST_API_PRESENT', 2],
    ['present', 'unknown', 'API_PRESENT_DISK_UNKNOWN', 1],
    ['lost', 'present', 'API_LOST_DISK_PRESENT', 2],
    ['lost', 'partial', 'API_LOST_DISK_PARTIAL', 2],
    ['lost', 'absent', 'BOTH_LOST', 2],
    ['lost', 'unknown', 'API_LOST_DISK_UNKNOWN', 2],
    ['incoherent', 'present', 'API_INCOHERENT', 2],
    ['unknown', 'present', 'UNKNOWN', 1],
    ['unreachable', 'present', 'API_UNREACHABLE', 1],
    ['unreachable', 'unknown', 'API_UNREACHABLE', 1],
  ] as const)(
    'of an API where it is %s and a disk where it is %s is %s (%i)',
    (api, disk, verdict, code) => {
      expect(bucketMeaning(api, disk)).toMatchObject({ verdict, exitCode: code });
    },
  );

  test('comes with what speaks for it, what against it, and what nobody could see', () => {
    const api = { buckets: [apiOf('attic', false)], names: seen([]), unreachable: undefined };
    const one: DiskView = seen([driveWith('attic')]);
    expect(diagnose(api, one, 'attic')).toMatchObject({
      for: [
        'ListBuckets does not name it',
        'HeadBucket does not find it',
        '/data/attic is there (pod store-0)',
        '/data/.rustfs.sys/buckets/attic is there (pod store-0)',
      ],
      against: [],
      unknown: ['ListObjectsV2: 200, 0 of at most 1 key; it answers so of a lost bucket too'],
    });
    const denied = { ...apiOf('attic', true), listed: { notSeen: 'this identity may not' } };
    const unseen = { notSeen: 'ls cannot be run' };
    expect(diagnose({ ...api, buckets: [denied] }, unseen, 'attic')).toMatchObject({
      verdict: 'API_PRESENT_DISK_UNKNOWN',
      for: ['HeadBucket finds it'],
      unknown: [
        'ListBuckets: this identity may not',
        expect.stringContaining('ListObjectsV2'),
        'the disk: ls cannot be run',
      ],
    });
  });
});

describe('the analysis of an incident', () => {
  test('recognises the loss of a bucket index, of two buckets at once (R1) (R10)', () => {
    const { buckets, exitCode, checks } = judgeRca(RECURRENCE, RECURRENCE.asked);
    expect(buckets.map(({ bucket, verdict }) => `${bucket} ${verdict}`)).toEqual([
      'attic API_LOST_DISK_PRESENT',
      'tofu-state API_LOST_DISK_PRESENT',
    ]);
    expect(exitCode).toBe(2);
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'workload good',
      'bucket-attic bad',
      'bucket-tofu-state bad',
    ]);
  });

  test('is told in the order preserve, diagnose, only then restart (R3)', () => {
    const text = linesOf(RECURRENCE);
    const places = [
      '1 preserve',
      'stored in kept',
      '2 diagnose',
      'API_LOST',
      '3 only then restart',
      'kubectl -n nix-cache rollout restart deployment/attic-rustfs-openebs',
      'the incident stays open',
    ].map((part) => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((one, other) => one - other));
  });

  test('advises no restart before the evidence is stored (R3)', () => {
    const text = linesOf(RECURRENCE, NOT_STORED);
    expect(text).toContain('not stored: the disk is full');
    expect(text).toContain('not before the evidence is stored');
    expect(text).not.toContain('rollout restart');
  });

  test.each([
    ['the disk has nothing of a bucket that is still served', seen([driveWith('attic')]), true],
    ['nobody could look at the disk', { notSeen: 'no right to exec' }, false],
    ['the disk holds it in part', seen([{ ...driveWith('tofu-state'), metadata: [] }]), false],
  ])('advises no restart where it could lose something: %s', (_, disk, served) => {
    const evidence = storeEvidence({
      disk,
      api: { buckets: [apiOf('tofu-state', served)], names: seen([]), unreachable: undefined },
    });
    expect(linesOf(evidence)).toContain('not advised: of tofu-state the disk was not seen');
    expect(linesOf(evidence)).not.toContain('rollout restart');
  });

  test('advises none where all is well', () => {
    expect(judgeRca(storeEvidence(), ['tofu-state']).exitCode).toBe(0);
    expect(linesOf(storeEvidence())).toContain('nothing is lost: no restart');
  });

  test('tells of pods, Jobs, events and logs that may explain it (R2)', () => {
    const [pod] = 'seen' in RECURRENCE.workload.pods ? RECURRENCE.workload.pods.seen : [];
    if (pod === undefined) throw new Error('there is a pod');
    const evidence = storeEvidence({
      workload: workloadOn(ONE_REPLICA, ['bumble'], {
        pods: seen([{ ...pod, restarts: 3, lastEnd: 'OOMKilled, exit code 137, at noon' }]),
        jobs: seen([{ name: 'attic-rustfs-openebs-buckets', outcome: 'failed', at: '11:00' }]),
        events: seen([
          {
            at: '11:59',
            type: 'Warning',
            reason: 'BackOff',
            about: 'Pod/store-0',
            message: 'restarting failed container',
            count: 2,
          },
        ]),
      }),
      logs: [
        {
          pod: 'store-0',
          previous: true,
          text: seen('INFO ready\nERROR VolumeNotFound tofu-state\n'),
        },
      ],
    });
    const clues = judgeRca(evidence, ['tofu-state']).clues.join('\n');
    expect(clues).toContain('pod store-0 on bumble');
    expect(clues).toContain('3 restarts');
    expect(clues).toContain('OOMKilled, exit code 137');
    expect(clues).toContain(
      'claim data-0: Bound, 500Gi, openebs-zfs-rustfs, ReadWriteOnce, tied to bumble',
    );
    expect(clues).toContain('Job attic-rustfs-openebs-buckets is failed, since 11:00');
    expect(clues).toContain('Pod/store-0 BackOff: restarting failed container');
    expect(clues).toContain(
      'log of store-0 before its last start: ERROR VolumeNotFound tofu-state',
    );
    expect(clues).not.toContain('INFO ready');
  });

  test('names buckets on the disk that nobody asked about and that the API has lost too (R1)', () => {
    const { clues } = judgeRca(RECURRENCE, ['attic']);
    expect(clues).toContain('on the disk, and not in ListBuckets: attic, bazel-cache, tofu-state');
    expect(clues).toContain(
      'drive /data of pod store-0: data of attic, tofu-state, bazel-cache; metadata of attic, tofu-state, bazel-cache',
    );
  });

  test('never finds a store good of which the pods do not run', () => {
    const evidence = storeEvidence({
      workload: workloadOn({ ...ONE_REPLICA, ready: 0 }, ['bumble']),
    });
    expect(judgeRca(evidence, ['tofu-state']).exitCode).toBe(2);
    const unseen = storeEvidence({
      workload: { ...evidence.workload, workload: { notSeen: 'no cluster is named' } },
    });
    expect(judgeRca(unseen, ['tofu-state']).exitCode).toBe(1);
  });
});

describe('a bundle of evidence', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flywheel-bundle-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('is judged again offline to the same verdict', () => {
    const stored = storeBundle(join(folder, 'kept'), { subject: 'store', evidence: RECURRENCE });
    expect(stored.files).toBe(2);
    const again = readBundle<StoreEvidence>(stored.folder, 'store');
    expect(judgeRca(again, again.asked)).toEqual(judgeRca(RECURRENCE, RECURRENCE.asked));
  });

  test('is readable by its owner alone', () => {
    const place = join(folder, 'kept');
    storeBundle(place, { subject: 'store', evidence: RECURRENCE, texts: { 'logs/a.log': 'a' } });
    expect(readdirSync(place).sort()).toEqual(['SHA256SUMS', 'evidence.json', 'logs']);
    expect(statSync(join(place, 'evidence.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(place, 'logs')).mode & 0o777).toBe(0o700);
  });

  test('is never written over another', () => {
    writeFileSync(join(folder, 'something'), '');
    expect(() => storeBundle(folder, { subject: 'store', evidence: RECURRENCE })).toThrow(
      `${folder} holds something already, and evidence is never written over\n    name another folder with --save`,
    );
  });

  test('is rejected when it was changed, or is of something else', () => {
    const place = join(folder, 'kept');
    storeBundle(place, { subject: 'store', evidence: RECURRENCE });
    expect(() => readBundle(place, 'inventory')).toThrow(
      `${place} holds evidence of another kind: store, not inventory`,
    );
    const file = join(place, 'evidence.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('false', 'true'));
    expect(() => readBundle(place, 'store')).toThrow(
      expect.objectContaining({ message: expect.stringContaining('it was changed'), exitCode: 2 }),
    );
    expect(() => readBundle(folder, 'store')).toThrow(/^there is no evidence to judge/);
  });
});
