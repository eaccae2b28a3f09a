import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { bad, good, unknown } from '../../operations/kubernetes/check.ts';
import { bucketMeaning } from '../rustfs/bucket-verdict.ts';
import { clusterInReach } from '../rustfs/cluster-in-reach.ts';
import { collectWorkload } from '../rustfs/collect-workload.ts';
import { diskStanding, diskView } from '../rustfs/disk-view.ts';
import { ClusterPods } from '../rustfs/pod-connection.ts';
import { storeWorkload } from '../rustfs/rca-evidence.ts';
import type { Evidence } from './evidence.ts';
import { judgeBucket } from './judge-bucket.ts';
import { incidentFix } from './seen.ts';
import { degraded, type Judgement, notRun } from './verdict.ts';

/**
 * Looks at the workload of the store and at its disks, where the store is in the cluster and the cluster is at hand. It
 * never throws: what cannot be looked at is noted with its reason.
 */
export async function lookAtCluster(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<Evidence['cluster']> {
  if (settings.state.store !== 'object-store' || settings.objectStore.kind !== 'rustfs') {
    return { notSeen: 'the store is not in the cluster' };
  }
  try {
    const { access, client } = await clusterInReach(settings, environment);
    const { workload, pods } = await collectWorkload(client, storeWorkload(settings));
    if ('notSeen' in workload) return { seen: { workload, disk: workload } };
    const { kind, namespace, name, image, desired, ready } = workload.seen;
    const disk =
      'seen' in pods
        ? await diskView(workload.seen, pods.seen, new ClusterPods(access.config))
        : pods;
    return {
      seen: {
        workload: { seen: { kind, namespace, name, image, desired, ready } },
        disk: 'seen' in disk ? { seen: disk.seen.map(copyOf) } : disk,
      },
    };
  } catch (error) {
    if (error instanceof Failure) return { notSeen: error.message.split('\n')[0] ?? '' };
    throw error;
  }
}

function copyOf<
  T extends { readonly data: readonly string[]; readonly metadata: readonly string[] },
>(drive: T) {
  return { ...drive, data: [...drive.data], metadata: [...drive.metadata] };
}

/** Whether the pods of the store run, and whether its disks hold the bucket that its API shows. */
export function judgeCluster(evidence: Evidence): Judgement[] {
  const { cluster } = evidence;
  if ('notSeen' in cluster) {
    return ['workload', 'disk-markers'].map((name) => notRun(name, cluster.notSeen));
  }
  return [workloadHealth(cluster.seen), diskMarkers(evidence, cluster.seen)];
}

type ClusterSide = Extract<Evidence['cluster'], { seen: unknown }>['seen'];

function workloadHealth({ workload }: ClusterSide): Judgement {
  const name = 'workload';
  // The API is the authority; what cannot be seen beside it proves nothing of it.
  if ('notSeen' in workload) return notRun(name, workload.notSeen);
  const { kind, namespace, name: object, desired, ready, image } = workload.seen;
  const text = `${kind} ${namespace}/${object}: ${ready} of ${desired} ready, ${image}`;
  if (desired > 0 && ready >= desired) return good(name, text);
  const fix = `look at its pods and events: kubectl describe ${kind.toLowerCase()} ${object} -n ${namespace}`;
  return ready === 0 ? bad(name, text, fix) : degraded(name, text, fix);
}

function diskMarkers(evidence: Evidence, { disk }: ClusterSide): Judgement {
  const name = 'disk-markers';
  if ('notSeen' in disk) return notRun(name, disk.notSeen);
  const { bucket } = evidence;
  const { verdict, exitCode, meaning } = bucketMeaning(
    apiStanding(evidence),
    diskStanding(disk, bucket),
  );
  const text = `${verdict}: ${meaning}`;
  if (exitCode === EXIT.good) return good(name, text);
  return exitCode === EXIT.unknown ? unknown(name, text) : bad(name, text, incidentFix(evidence));
}

/** What the API says of the bucket, as the checks of the bucket have it. */
function apiStanding(evidence: Evidence) {
  const statuses = judgeBucket(evidence).map(({ status }) => status);
  if (statuses.includes('bad')) return 'lost';
  return statuses.includes('unknown') ? 'unknown' : 'present';
}
