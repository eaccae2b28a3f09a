import { type ApiView, apiStanding, type BucketApiView } from './api-view.ts';
import { type BucketMeaning, bucketMeaning } from './bucket-verdict.ts';
import { type DiskStanding, type DiskView, diskStanding } from './disk-view.ts';

/** A bucket with its verdict, and what was seen that speaks for it, against it, or cannot be told. */
export interface BucketDiagnosis extends BucketMeaning {
  readonly bucket: string;
  readonly for: readonly string[];
  readonly against: readonly string[];
  readonly unknown: readonly string[];
  /** True where the disk holds all of it, so that a restart can lose nothing. */
  readonly onDisk: boolean;
}

/** One thing that was seen, or not. */
interface Sign {
  readonly view: 'api' | 'disk';
  /** Whether it says that the bucket is there. */
  readonly says: boolean | undefined;
  readonly text: string;
}

/** Judges one bucket by what the API and the disk say of it. */
export function diagnose(api: ApiView, disk: DiskView, bucket: string): BucketDiagnosis {
  const onDisk = diskStanding(disk, bucket);
  const view = api.buckets.find((each) => each.bucket === bucket);
  const standing = view === undefined ? 'unreachable' : apiStanding(view);
  const signs = [...apiSigns(api, view), ...diskSigns(disk, bucket)];
  const expected = { api: expectedOf(standing), disk: expectedOf(onDisk) };
  const texts = (wanted: (sign: Sign) => boolean) => signs.filter(wanted).map(({ text }) => text);
  return {
    bucket,
    ...bucketMeaning(standing, onDisk),
    for: texts(({ view: of, says }) => says !== undefined && expected[of](says)),
    against: texts(({ view: of, says }) => says !== undefined && !expected[of](says)),
    unknown: texts(({ says }) => says === undefined),
    onDisk: onDisk === 'present',
  };
}

/** What has to be seen for a standing to be right. Of a contradiction both sides are evidence. */
function expectedOf(
  standing: DiskStanding | ReturnType<typeof apiStanding> | 'unreachable',
): (says: boolean) => boolean {
  if (standing === 'present') return (says) => says;
  if (standing === 'lost' || standing === 'absent') return (says) => !says;
  return () => true;
}

function apiSigns({ unreachable }: ApiView, view: BucketApiView | undefined): Sign[] {
  if (view === undefined)
    return [{ view: 'api', says: undefined, text: `the API: ${unreachable ?? 'was not asked'}` }];
  const { listed, head, objects, listing } = view;
  return [
    'seen' in listed
      ? sign(listed.seen, `ListBuckets ${listed.seen ? 'names it' : 'does not name it'}`)
      : sign(undefined, `ListBuckets: ${listed.notSeen}`),
    'seen' in head
      ? sign(head.seen, `HeadBucket ${head.seen ? 'finds it' : 'does not find it'}`)
      : sign(undefined, `HeadBucket: ${head.notSeen}`),
    ...objects.map(({ key, outcome, detail }) => sign(saysOf(outcome), `GET ${key}: ${detail}`)),
    sign(undefined, `ListObjectsV2: ${listing}; it answers so of a lost bucket too`),
  ];
}

function saysOf(outcome: BucketApiView['objects'][number]['outcome']): boolean | undefined {
  if (outcome === 'readable' || outcome === 'no-state') return true;
  return outcome === 'no-bucket' ? false : undefined;
}

function sign(says: boolean | undefined, text: string): Sign {
  return { view: 'api', says, text };
}

function diskSigns(disk: DiskView, bucket: string): Sign[] {
  if ('notSeen' in disk)
    return [{ view: 'disk', says: undefined, text: `the disk: ${disk.notSeen}` }];
  return disk.seen.flatMap(({ pod, drive, data, metadata }) =>
    [
      [`${drive}/${bucket}`, data.includes(bucket)] as const,
      [`${drive}/.rustfs.sys/buckets/${bucket}`, metadata.includes(bucket)] as const,
    ].map(([path, there]) => ({
      view: 'disk' as const,
      says: there,
      text: `${path} is ${there ? 'there' : 'not there'} (pod ${pod})`,
    })),
  );
}
