import { describe, expect, test } from 'vitest';
import type { BucketPurpose } from '../../../constructs/object-store/bucket-request.ts';
import {
  bucketPolicy,
  bucketRules,
  type StoreRoom,
} from '../../../constructs/object-store/bucket-rules.ts';

const PURPOSES: BucketPurpose[] = ['attic', 'bazel', 'state', 'backup'];
const ROOMS: StoreRoom[] = ['one volume', 'unbounded'];
const KEYS = ['attic/terraform.tfstate', 'other.tfstate'];

const rules = (purpose: BucketPurpose, room: StoreRoom) =>
  bucketRules({ name: 'some-bucket', purpose }, { room, stateKeys: KEYS });

const everyBucket = PURPOSES.flatMap((purpose) => ROOMS.map((room) => ({ purpose, room })));

describe('bucketRules', () => {
  test.each(everyBucket)(
    'expires nothing that is in use: $purpose with $room (L18, W-A11)',
    ({ purpose, room }) => {
      const harmless = ['abortUploadsAfterDays', 'dropOldVersionsAfterDays', 'id', 'prefix'];
      for (const rule of rules(purpose, room).lifecycle)
        expect(harmless).toEqual(expect.arrayContaining(Object.keys(rule)));
    },
  );

  test.each(everyBucket)('drops abandoned uploads: $purpose with $room', ({ purpose, room }) => {
    expect(rules(purpose, room).lifecycle[0]).toEqual({
      id: 'abandoned-uploads',
      prefix: '',
      abortUploadsAfterDays: 7,
    });
  });

  test('keeps old versions of the state alone where all share one volume', () => {
    const versioned = (room: StoreRoom) =>
      PURPOSES.filter((purpose) => rules(purpose, room).versioned);
    expect(versioned('one volume')).toEqual(['state']);
    expect(versioned('unbounded')).toEqual(['attic', 'state', 'backup']);
  });

  test('drops old versions of every lock, and none of a state', () => {
    expect(rules('state', 'one volume').lifecycle.slice(1)).toEqual([
      {
        id: 'old-locks-of-attic-terraform.tfstate',
        prefix: 'attic/terraform.tfstate.tflock',
        dropOldVersionsAfterDays: 1,
      },
      {
        id: 'old-locks-of-other.tfstate',
        prefix: 'other.tfstate.tflock',
        dropOldVersionsAfterDays: 1,
      },
      { id: 'old-probes', prefix: '.flywheel-', dropOldVersionsAfterDays: 1 },
    ]);
  });

  test('bounds what old versions of chunks cost', () => {
    expect(rules('attic', 'unbounded').lifecycle[1]).toEqual({
      id: 'old-versions',
      prefix: '',
      dropOldVersionsAfterDays: 14,
    });
  });
});

describe('bucketPolicy', () => {
  const actions = (purpose: BucketPurpose) =>
    bucketPolicy({ name: 'some-bucket', purpose }).Statement.flatMap(({ Action }) => Action);

  test.each(PURPOSES)('names one bucket and no wildcard: %s (W-A10)', (purpose) => {
    const { Statement } = bucketPolicy({ name: 'some-bucket', purpose });
    expect(Statement.map(({ Resource }) => Resource)).toEqual([
      ['arn:aws:s3:::some-bucket'],
      ['arn:aws:s3:::some-bucket/*'],
    ]);
    expect(actions(purpose).filter((action) => action.includes('*'))).toEqual([]);
  });

  test('lets the state be read at every version and no version be deleted', () => {
    expect(actions('state')).toEqual(
      expect.arrayContaining(['s3:DeleteObject', 's3:GetObjectVersion', 's3:ListBucketVersions']),
    );
    expect(actions('state')).not.toContain('s3:DeleteObjectVersion');
  });

  test('lets the Bazel cache delete nothing, since it never does', () => {
    expect(actions('bazel').filter((action) => action.startsWith('s3:Delete'))).toEqual([]);
  });
});
