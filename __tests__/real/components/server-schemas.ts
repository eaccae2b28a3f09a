import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '../../../operations/rehearsal/cluster/api.ts';
import { isObject, type JsonObject } from '../../../policy/model/json.ts';

interface Index {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}

interface Description {
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonObject>> };
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Where kubeconform finds the schema of an object in a folder of {@link writeSchemas}. */
export function schemaLocation(folder: string): string {
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}

/**
 * Writes what an API server says of its types, one strict JSON Schema for each: the description is that of OpenAPI, which says
 * in its own way what may be null, and does not say that other fields are none.
 *
 * @returns the types that were described, each as `group/version Kind`
 */
export async function writeSchemas(api: Api, folder: string): Promise<ReadonlySet<string>> {
  const { paths } = await api.get<Index>('/openapi/v3');
  const described = new Set<string>();
  for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
    if (!/^apis?\/.*v\d/.test(path)) continue;
    const { components } = await api.get<Description>(serverRelativeURL);
    const schemas = components?.schemas ?? {};
    const definitions = Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, strict(schema)]),
    );
    for (const [name, schema] of Object.entries(schemas)) {
      for (const kind of kindsOf(schema)) {
        const text = JSON.stringify({ $ref: `#/definitions/${name}`, definitions });
        writeFileSync(join(folder, fileOf(kind)), text);
        described.add(typeOf(kind));
      }
    }
  }
  return described;
}

function kindsOf(schema: JsonObject): GroupVersionKind[] {
  const kinds = schema['x-kubernetes-group-version-kind'];
  // What is in many groups at once, such as the options of a deletion, is no object of any.
  return Array.isArray(kinds) && kinds.length === 1 ? (kinds as GroupVersionKind[]) : [];
}

function typeOf({ group, version, kind }: GroupVersionKind): string {
  return `${group === '' ? '' : `${group}/`}${version} ${kind}`;
}

function fileOf({ group, version, kind }: GroupVersionKind): string {
  const [first = ''] = group.split('.');
  const parts = [kind, ...(first === '' ? [] : [first]), version];
  return `${parts.join('-').toLowerCase()}.json`;
}

function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (!isObject(value)) return value;
  const { nullable, default: _, ...rest } = value;
  const inner: JsonObject = Object.fromEntries(
    Object.entries(rest).map(([key, item]) => [
      key,
      key === '$ref'
        ? String(item).replace('#/components/schemas/', '#/definitions/')
        : strict(item),
    ]),
  );
  const isClosed =
    isObject(inner.properties) &&
    inner.additionalProperties === undefined &&
    inner['x-kubernetes-preserve-unknown-fields'] !== true;
  return {
    ...inner,
    ...(isClosed ? { additionalProperties: false } : {}),
    ...(nullable === true && typeof inner.type === 'string' ? { type: [inner.type, 'null'] } : {}),
  };
}
