import { asObject, asText, asTextMap, at, type JsonObject } from '../../policy/model/json.ts';
import { SECRET_KINDS, type SecretKind, type SecretRef } from '../../values/secret-ref.ts';
import { type ClusterClient, objectPath } from '../kubernetes/cluster-client.ts';
import type { Values } from './practice.ts';

const OWNER_LABEL = 'app.kubernetes.io/managed-by';
const OWNER = 'flywheel-secrets';
const KIND_LABEL = 'flywheel/secret-kind';

/** A Secret as it is in the cluster. */
export interface LiveSecret {
  readonly version: string;
  readonly immutable: boolean;
  /** The kind that it was written as; undefined for one that somebody else wrote. */
  readonly kind: string | undefined;
  readonly values: Values;
  /** Keys whose value is not UTF-8 text. */
  readonly unreadable: readonly string[];
}

/** Reads a Secret; undefined where there is none, or where its namespace is not there yet. */
export async function readSecret(
  client: ClusterClient,
  ref: SecretRef,
): Promise<LiveSecret | undefined> {
  const found = await client.get(pathOf(ref));
  if (found === undefined) return undefined;
  const values: Record<string, string> = {};
  const unreadable: string[] = [];
  for (const [key, encoded] of Object.entries(asObject(found.data))) {
    const text = decode(String(encoded));
    if (text === undefined) unreadable.push(key);
    else values[key] = text;
  }
  return {
    version: asText(at(found, 'metadata', 'resourceVersion')) ?? '',
    immutable: found.immutable === true,
    kind: asTextMap(at(found, 'metadata', 'labels'))[KIND_LABEL],
    values,
    unreadable,
  };
}

/** Kinds that Kubernetes knows by a type of their own. */
const TYPES: Readonly<Partial<Record<SecretKind, string>>> = {
  'registry-credentials': 'kubernetes.io/dockerconfigjson',
  'tls-certificate': 'kubernetes.io/tls',
};

/** Creates a Secret whole, or not at all. */
export async function createSecret(
  client: ClusterClient,
  ref: SecretRef,
  values: Values,
): Promise<void> {
  const { namespace, name, kind } = ref;
  await client.create(objectPath('v1', 'secrets', { namespace }), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: labelsOf(ref) },
    type: TYPES[kind] ?? 'Opaque',
    data: encode(values),
  });
}

/** Changes keys of a Secret in one request, which fails when anybody has changed it since it was read. */
export async function changeSecret(
  client: ClusterClient,
  ref: SecretRef,
  { version }: LiveSecret,
  values: Values,
): Promise<void> {
  await client.change(pathOf(ref), {
    metadata: { resourceVersion: version, labels: labelsOf(ref) },
    data: encode(values),
  });
}

/** Keys of other kinds that lie in a Secret, each with the kinds that have it. */
export function foreignKeys({ kind }: SecretRef, live: LiveSecret): ReadonlyMap<string, string[]> {
  const own: readonly string[] = SECRET_KINDS[kind].keys;
  const strangers = [...Object.keys(live.values), ...live.unreadable].filter(
    (key) => !own.includes(key),
  );
  const kinds = Object.entries(SECRET_KINDS);
  const owners = (key: string) =>
    kinds.flatMap(([name, { keys }]) => ((keys as readonly string[]).includes(key) ? [name] : []));
  return new Map(
    strangers.map((key) => [key, owners(key)] as const).filter(([, of]) => of.length > 0),
  );
}

function pathOf({ namespace, name }: SecretRef): string {
  return objectPath('v1', 'secrets', { namespace, name });
}

function labelsOf({ kind }: SecretRef): JsonObject {
  return { [OWNER_LABEL]: OWNER, [KIND_LABEL]: kind };
}

function encode(values: Values): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
}

function decode(encoded: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(encoded, 'base64'),
    );
  } catch {
    return undefined;
  }
}
