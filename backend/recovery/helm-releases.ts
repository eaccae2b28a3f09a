import { type ClusterClient, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { asObjects, asText, at } from '../../policy/model/json.ts';

/** One revision of a release, as Helm records it in a Secret. */
export interface ReleaseRecord {
  /** Of the Secret. */
  readonly path: string;
  readonly title: string;
  readonly uid: string;
  readonly version: string;
  readonly revision: number;
  /** Such as `deployed` or `pending-install`. */
  readonly status: string;
  /** When the Secret was made, in ISO 8601. */
  readonly since: string;
}

/** What has to happen to a release that was interrupted. */
export interface ReleaseStanding {
  /** Records of revisions that never ended; Helm refuses everything as long as they are there. */
  readonly unfinished: readonly ReleaseRecord[];
  /** True when a revision is left that can be taken in. */
  readonly importable: boolean;
  readonly since: string | undefined;
}

/** Revisions of which Helm believes that they are being made. */
const PENDING = new Set(['pending-install', 'pending-rollback', 'pending-upgrade']);

/** All records of a release, the newest first. */
export async function recordsOf(
  client: ClusterClient,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<ReleaseRecord[]> {
  const path = objectPath('v1', 'secrets', { namespace });
  const selector = encodeURIComponent(`owner=helm,name=${name}`);
  const list = await client.get(`${path}?labelSelector=${selector}`);
  return asObjects(list?.items)
    .map(({ metadata }) => ({
      path: `${path}/${asText(at(metadata, 'name')) ?? ''}`,
      title: `Secret ${namespace}/${asText(at(metadata, 'name')) ?? ''}`,
      uid: asText(at(metadata, 'uid')) ?? '',
      version: asText(at(metadata, 'resourceVersion')) ?? '',
      revision: Number(at(metadata, 'labels', 'version')),
      status: asText(at(metadata, 'labels', 'status')) ?? 'unknown',
      since: asText(at(metadata, 'creationTimestamp')) ?? '',
    }))
    .sort((one, other) => other.revision - one.revision);
}

/**
 * What the records of a release come to; undefined where there are none. A first revision that failed is no better than one
 * that never ended: Helm has nothing to upgrade from.
 */
export function standingOfRelease(records: readonly ReleaseRecord[]): ReleaseStanding | undefined {
  if (records.length === 0) return undefined;
  const end = records.findIndex(({ status }) => !PENDING.has(status));
  const ended = end < 0 ? [] : records.slice(end);
  const usable = ended.some(({ status }) => status === 'deployed' || status === 'superseded');
  return {
    unfinished: usable ? records.slice(0, records.length - ended.length) : records,
    importable: usable,
    since: records.at(-1)?.since,
  };
}
