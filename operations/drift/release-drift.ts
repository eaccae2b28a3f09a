import { asObject, asText, at, isObject, type JsonObject } from '../../policy/model/json.ts';
import { objectTitle } from '../../policy/model/kubernetes-object.ts';
import { type ClusterClient, forEachOf, objectPath } from '../kubernetes/cluster-client.ts';
import { ClusterTrouble } from '../kubernetes/cluster-trouble.ts';
import { ApiTypes } from '../preflight/api-types.ts';
import {
  ABSENT,
  type Blind,
  byName,
  type Deviation,
  type Difference,
  differences,
  fieldOf,
  HIDDEN,
  shown,
} from './deviation.ts';
import { readHelmRecord } from './helm-record.ts';

/** A release as the state of a stack knows it. */
export interface KnownRelease {
  readonly address: string;
  readonly name: string;
  readonly namespace: string;
}

/** What was found inside releases. */
export interface ReleaseDrift {
  readonly deviations: readonly Deviation[];
  readonly blind: readonly Blind[];
  /** How many objects were compared. */
  readonly compared: number;
}

/** Where one object is, and what Helm made it to be. */
interface Declared {
  readonly release: KnownRelease;
  readonly object: JsonObject;
  /** Such as `Deployment nix-cache/attic`. */
  readonly title: string;
  readonly path: string | undefined;
}

/** Fields that the API server keeps for itself. */
const OWN_FIELDS = ['creationTimestamp', 'generation', 'managedFields', 'resourceVersion', 'uid'];
/** Maps in which a key that nobody declared is a change: what stands elsewhere is often the work of a controller. */
const CLOSED_MAPS = new Set([
  'data',
  'binaryData',
  'stringData',
  'selector',
  'matchLabels',
  'nodeSelector',
  'limits',
  'requests',
  'hard',
]);

/**
 * Compares what Helm applied with what is there, object by object. OpenTofu sees of a release only its name, version and values,
 * so nothing else notices an edit inside.
 *
 * The API server itself says what the declared object would change (server-side apply, dry run): no default and no way of
 * writing a quantity is taken for a difference.
 */
export async function releaseDrift(
  client: ClusterClient,
  releases: readonly KnownRelease[],
): Promise<ReleaseDrift> {
  const records = await forEachOf(releases, async (release) => ({
    release,
    record: await readHelmRecord(client, release),
  }));
  const found = records.flatMap(({ release, record }) =>
    (record?.objects ?? []).map((object) => ({ release, object })),
  );
  const versions = found.map(({ object }) => asText(object.apiVersion) ?? '');
  const types = await ApiTypes.ask(client, versions, []);
  const declared = found.map((one) => placed(one, types));
  const results = await forEachOf(declared, (one) => compared(client, one));
  return {
    compared: declared.length,
    deviations: results.flatMap(({ deviations }) => deviations),
    blind: [
      ...records.flatMap(({ release, record }) => unfinished(release, record?.status)),
      ...results.flatMap(({ blind }) => blind),
    ],
  };
}

/** What Helm did not finish may be anything. */
function unfinished({ name, namespace }: KnownRelease, status: string | undefined): Blind[] {
  if (status === 'deployed') return [];
  const because =
    status === undefined ? 'Helm keeps no record of it' : `its last record is ${status}`;
  return [{ object: `release ${namespace}/${name}`, because }];
}

function placed(
  { release, object }: { readonly release: KnownRelease; readonly object: JsonObject },
  types: ApiTypes,
): Declared {
  const apiVersion = asText(object.apiVersion) ?? '';
  const kind = asText(object.kind) ?? '';
  const name = asText(at(object, 'metadata', 'name')) ?? '';
  const { resource, namespaced } = types.typeOf(apiVersion, kind, true);
  const namespace = namespaced
    ? (asText(at(object, 'metadata', 'namespace')) ?? release.namespace)
    : '';
  return {
    release,
    object,
    title: objectTitle({ kind, namespace, name }),
    path: types.isServed(apiVersion, kind)
      ? objectPath(apiVersion, resource, { namespace, name })
      : undefined,
  };
}

async function compared(
  client: ClusterClient,
  { release, object, title, path }: Declared,
): Promise<Omit<ReleaseDrift, 'compared'>> {
  const deviation = (difference: Difference): Deviation => ({
    object: title,
    by: release.address,
    field: fieldOf(difference.path),
    declared: printed(object, difference.path, difference.declared),
    live: printed(object, difference.path, difference.live),
  });
  const gone = { object: title, by: release.address, field: '', declared: 'there', live: ABSENT };
  if (path === undefined) return { deviations: [gone], blind: [] };
  try {
    const live = await client.get(path);
    if (live === undefined) return { deviations: [gone], blind: [] };
    const wanted = await client.wouldApply(path, object);
    const changed = differences(relevant(wanted), relevant(live));
    const known = new Set(changed.map(({ path: at }) => fieldOf(at)));
    const added = undeclared(object, live).filter(({ path: at }) => !known.has(fieldOf(at)));
    return { deviations: [...changed, ...added].map(deviation), blind: [] };
  } catch (error) {
    if (!(error instanceof ClusterTrouble)) throw error;
    return { deviations: [], blind: [{ object: title, because: error.message }] };
  }
}

function relevant({ status: _status, metadata, ...rest }: JsonObject): JsonObject {
  const kept = Object.entries(asObject(metadata)).filter(([key]) => !OWN_FIELDS.includes(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}

/** What somebody added: an apply leaves alone what it does not name, so it never says so. */
export function undeclared(
  declared: unknown,
  live: unknown,
  path: readonly string[] = [],
): Difference[] {
  if (isObject(declared) && isObject(live)) {
    const extra = CLOSED_MAPS.has(path.at(-1) ?? '') ? addedKeys(declared, live, path) : [];
    const inside = Object.keys(declared).flatMap((key) =>
      undeclared(declared[key], live[key], [...path, key]),
    );
    return [...extra, ...inside];
  }
  if (!Array.isArray(declared) || !Array.isArray(live)) return [];
  const [mine, theirs] = [byName(declared), byName(live)];
  if (mine === undefined || theirs === undefined) {
    return live.slice(declared.length).map((item, index) => ({
      path: [...path, String(declared.length + index)],
      declared: undefined,
      live: item,
    }));
  }
  return [
    ...addedKeys(mine, theirs, path),
    ...Object.keys(mine).flatMap((name) => undeclared(mine[name], theirs[name], [...path, name])),
  ];
}

function addedKeys(declared: JsonObject, live: JsonObject, path: readonly string[]): Difference[] {
  return Object.keys(live)
    .filter((key) => !(key in declared))
    .map((key) => ({ path: [...path, key], declared: undefined, live: live[key] }));
}

/** Of a Secret only the names of its keys are repeated. */
function printed({ kind }: JsonObject, path: readonly string[], value: unknown): string {
  const isSecret = kind === 'Secret' && path[0] !== 'metadata';
  return isSecret && value !== undefined ? HIDDEN : shown(value);
}
