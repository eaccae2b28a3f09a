import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import type { ApiStanding } from './api-view.ts';
import type { DiskStanding } from './disk-view.ts';

/** What the two views of a bucket mean together. */
export interface BucketMeaning {
  /** A stable word for machines, such as `API_LOST_DISK_PRESENT`. */
  readonly verdict: BucketVerdictName;
  readonly exitCode: ExitCode;
  /** For people. */
  readonly meaning: string;
  /** Whether starting the server anew has been seen to help. */
  readonly restartHelps: boolean;
}

/** The names of all verdicts. */
export type BucketVerdictName =
  | 'API_INCOHERENT'
  | 'API_LOST_DISK_PARTIAL'
  | 'API_LOST_DISK_PRESENT'
  | 'API_LOST_DISK_UNKNOWN'
  | 'API_PRESENT_DISK_PARTIAL'
  | 'API_PRESENT_DISK_UNKNOWN'
  | 'API_UNREACHABLE'
  | 'BOTH_LOST'
  | 'COHERENT'
  | 'DISK_LOST_API_PRESENT'
  | 'UNKNOWN';

type Row = Omit<BucketMeaning, 'verdict'>;

const MEANINGS: Readonly<Record<BucketVerdictName, Row>> = {
  COHERENT: {
    exitCode: EXIT.good,
    meaning: 'the API serves the bucket, and the disk holds it',
    restartHelps: false,
  },
  API_LOST_DISK_PRESENT: {
    exitCode: EXIT.bad,
    meaning:
      'the API has lost the bucket, and the disk still holds it: the index of the running server is wrong',
    restartHelps: true,
  },
  API_LOST_DISK_PARTIAL: {
    exitCode: EXIT.bad,
    meaning: 'the API has lost the bucket, and the disk holds only part of it',
    restartHelps: false,
  },
  API_LOST_DISK_UNKNOWN: {
    exitCode: EXIT.bad,
    meaning: 'the API has lost the bucket, and nobody could look at the disk',
    restartHelps: false,
  },
  API_INCOHERENT: {
    exitCode: EXIT.bad,
    meaning:
      'the API contradicts itself about the bucket: one question finds it and another does not',
    restartHelps: true,
  },
  API_PRESENT_DISK_PARTIAL: {
    exitCode: EXIT.bad,
    meaning:
      'the API serves the bucket, and part of it is missing on the disk: the next start may lose it',
    restartHelps: false,
  },
  DISK_LOST_API_PRESENT: {
    exitCode: EXIT.bad,
    meaning:
      'the API serves the bucket from memory, and the disk has nothing of it: a restart would lose it',
    restartHelps: false,
  },
  BOTH_LOST: {
    exitCode: EXIT.bad,
    meaning:
      'neither the API nor the disk has the bucket: it was never made, deleted, or its volume is another one',
    restartHelps: false,
  },
  API_PRESENT_DISK_UNKNOWN: {
    exitCode: EXIT.unknown,
    meaning: 'the API serves the bucket, and nobody could look at the disk',
    restartHelps: false,
  },
  API_UNREACHABLE: {
    exitCode: EXIT.unknown,
    meaning: 'the API cannot be asked: what it would say of the bucket is not known',
    restartHelps: false,
  },
  UNKNOWN: {
    exitCode: EXIT.unknown,
    meaning: 'what the API has of the bucket is not known to this identity',
    restartHelps: false,
  },
};

const BY_STANDING: Readonly<
  Record<ApiStanding, Readonly<Record<DiskStanding, BucketVerdictName>>>
> = {
  present: {
    present: 'COHERENT',
    partial: 'API_PRESENT_DISK_PARTIAL',
    absent: 'DISK_LOST_API_PRESENT',
    unknown: 'API_PRESENT_DISK_UNKNOWN',
  },
  lost: {
    present: 'API_LOST_DISK_PRESENT',
    partial: 'API_LOST_DISK_PARTIAL',
    absent: 'BOTH_LOST',
    unknown: 'API_LOST_DISK_UNKNOWN',
  },
  incoherent: {
    present: 'API_INCOHERENT',
    partial: 'API_INCOHERENT',
    absent: 'API_INCOHERENT',
    unknown: 'API_INCOHERENT',
  },
  unknown: { present: 'UNKNOWN', partial: 'UNKNOWN', absent: 'UNKNOWN', unknown: 'UNKNOWN' },
};

/** What the API's view of a bucket and the disk's mean together. The API is the authority; the disk is a witness of it. */
export function bucketMeaning(api: ApiStanding | 'unreachable', disk: DiskStanding): BucketMeaning {
  const verdict = api === 'unreachable' ? 'API_UNREACHABLE' : BY_STANDING[api][disk];
  return { verdict, ...MEANINGS[verdict] };
}
