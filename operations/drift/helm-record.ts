import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';
import {
  asObject,
  asObjects,
  asText,
  at,
  isObject,
  type JsonObject,
} from '../../policy/model/json.ts';
import { type ClusterClient, objectPath } from '../kubernetes/cluster-client.ts';

/** What Helm keeps of a release in the cluster. */
export interface HelmRecord {
  /** Such as `deployed`, or `pending-install` for one that was interrupted. */
  readonly status: string;
  readonly revision: number;
  /** The objects that it applied. Hooks and the CRDs of a chart's `crds` folder are not among them. */
  readonly objects: readonly JsonObject[];
}

/** Reads the newest record of a release, or undefined where there is none. */
export async function readHelmRecord(
  client: ClusterClient,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<HelmRecord | undefined> {
  const selector = encodeURIComponent(`owner=helm,name=${name}`);
  const path = objectPath('v1', 'secrets', { namespace });
  const list = await client.get(`${path}?labelSelector=${selector}`);
  const revisionOf = (secret: JsonObject) => Number(at(secret, 'metadata', 'labels', 'version'));
  const [newest] = asObjects(list?.items)
    .filter((secret) => at(secret, 'metadata', 'labels', 'name') === name)
    .sort((one, other) => revisionOf(other) - revisionOf(one));
  if (newest === undefined) return undefined;
  const record = unpacked(asText(at(newest, 'data', 'release')) ?? '');
  return {
    status: asText(at(record, 'info', 'status')) ?? 'unknown',
    revision: revisionOf(newest),
    objects: objectsIn(asText(record.manifest) ?? ''),
  };
}

/** Helm encodes what it has packed, and the API server encodes it once more. */
function unpacked(text: string): JsonObject {
  const once = Buffer.from(text, 'base64').toString('latin1');
  return asObject(JSON.parse(gunzipSync(Buffer.from(once, 'base64')).toString('utf8')));
}

/** The objects of a manifest; lists are taken apart. */
function objectsIn(manifest: string): JsonObject[] {
  return parseAllDocuments(manifest)
    .map((document) => document.toJS() as unknown)
    .filter(isObject)
    .flatMap((object) => (object.kind === 'List' ? asObjects(object.items) : [object]));
}
