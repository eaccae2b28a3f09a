import { Failure } from '../../console/failure.ts';
import { forEachOf } from '../../operations/kubernetes/cluster-client.ts';
import { layoutOf } from './drives.ts';
import { type Observed, observe } from './observed.ts';
import type { PodConnection } from './pod-connection.ts';
import type { PodFacts, WorkloadFacts } from './workload-facts.ts';

const SYSTEM = '.rustfs.sys';
const TOGETHER = 4;

/** The buckets that one drive holds, by name. */
export interface DriveView {
  readonly pod: string;
  readonly drive: string;
  /** Folders beside the system's own: `<drive>/<bucket>`. */
  readonly data: readonly string[];
  /** `<drive>/.rustfs.sys/buckets/<bucket>`. */
  readonly metadata: readonly string[];
}

/** What the drives hold, drive by drive. */
export type DiskView = Observed<readonly DriveView[]>;

/**
 * Lists the markers of buckets on the drives of the running pods. It needs no shell, only `ls`, and writes nothing.
 *
 * One drive that cannot be looked at leaves the whole view unseen: half a view would make a lost bucket of a hidden one.
 */
export async function diskView(
  workload: WorkloadFacts,
  pods: readonly PodFacts[],
  connection: PodConnection,
): Promise<DiskView> {
  const running = pods.filter(({ phase }) => phase === 'Running');
  const { drives } = layoutOf(workload.volumes);
  const looks = running.flatMap(({ name }) => drives.map((drive) => ({ pod: name, drive })));
  return observe(async () => {
    if (looks.length === 0) throw new Failure('no pod of the store is running');
    return forEachOf(
      looks,
      ({ pod, drive }) => driveView(connection, { ...workload, pod }, drive),
      TOGETHER,
    );
  });
}

async function driveView(
  connection: PodConnection,
  place: { readonly namespace: string; readonly pod: string; readonly container: string },
  drive: string,
): Promise<DriveView> {
  const entries = await folderNames(connection, place, drive);
  const system = entries.includes(SYSTEM)
    ? await folderNames(connection, place, `${drive}/${SYSTEM}`)
    : [];
  const metadata = system.includes('buckets')
    ? await folderNames(connection, place, `${drive}/${SYSTEM}/buckets`)
    : [];
  return {
    pod: place.pod,
    drive,
    data: entries.filter((name) => !name.startsWith('.') && name !== 'lost+found'),
    // The system keeps settings of its own there, whose names no bucket can have.
    metadata: metadata.filter((name) => !name.startsWith('.')),
  };
}

async function folderNames(
  connection: PodConnection,
  place: { readonly namespace: string; readonly pod: string; readonly container: string },
  folder: string,
): Promise<string[]> {
  const { succeeded, stdout, complaint } = await connection.exec(place, ['ls', '-1a', folder]);
  if (!succeeded)
    throw new Failure(`ls ${folder} in pod ${place.pod}: ${complaint.split('\n')[0]}`);
  return stdout.split('\n').filter((name) => name !== '' && name !== '.' && name !== '..');
}

/** Whether the drives hold a bucket: all of them, none, or not as they should. */
export type DiskStanding = 'absent' | 'partial' | 'present' | 'unknown';

/** What the drives say of one bucket. A bucket has a folder of data and one of metadata on every drive. */
export function diskStanding(view: DiskView, bucket: string): DiskStanding {
  if (!('seen' in view) || view.seen.length === 0) return 'unknown';
  const markers = view.seen.flatMap(({ data, metadata }) => [
    data.includes(bucket),
    metadata.includes(bucket),
  ]);
  if (markers.every(Boolean)) return 'present';
  return markers.some(Boolean) ? 'partial' : 'absent';
}
