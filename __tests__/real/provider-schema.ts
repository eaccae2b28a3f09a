/** A nested block as a provider describes it. */
interface BlockType {
  readonly block: Block;
}

/** An attribute as a provider describes it. */
interface Attribute {
  readonly deprecated?: boolean;
  readonly computed?: boolean;
  readonly optional?: boolean;
  readonly required?: boolean;
  readonly nested_type?: { readonly attributes?: Readonly<Record<string, Attribute>> };
}

interface Block {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly block_types?: Readonly<Record<string, BlockType>>;
  readonly deprecated?: boolean;
}

interface ProviderSchema {
  readonly provider?: { readonly block: Block };
  readonly resource_schemas?: Readonly<Record<string, { readonly block: Block }>>;
  readonly data_source_schemas?: Readonly<Record<string, { readonly block: Block }>>;
}

/** What `tofu providers schema -json` prints. */
export interface Schemas {
  readonly provider_schemas: Readonly<Record<string, ProviderSchema>>;
}

type Json = Readonly<Record<string, unknown>>;

/** What OpenTofu itself reads of a resource. */
const META = new Set([
  '//',
  'depends_on',
  'lifecycle',
  'provider',
  'count',
  'for_each',
  'provisioner',
  'connection',
]);
/** A provider of OpenTofu's own, which has no schema there. */
const BUILT_IN = new Set(['terraform_data']);

/** Everything in a stack that the providers do not know, or advise against, by its place. */
export function schemaFindings(json: unknown, { provider_schemas: providers }: Schemas): string[] {
  const stack = json as Readonly<Record<'resource' | 'data' | 'provider', Json>>;
  const all = Object.values(providers);
  const merged = (part: 'resource_schemas' | 'data_source_schemas') =>
    Object.assign({}, ...all.map((one) => one[part] ?? {})) as Record<string, { block: Block }>;
  const own = Object.fromEntries(
    Object.entries(providers).flatMap(([address, { provider }]) =>
      provider === undefined ? [] : [[address.slice(address.lastIndexOf('/') + 1), provider]],
    ),
  );
  return [
    ...objectFindings(stack.resource ?? {}, merged('resource_schemas')),
    ...objectFindings(stack.data ?? {}, merged('data_source_schemas')),
    ...Object.entries(stack.provider ?? {}).flatMap(([name, value]) => {
      const schema = own[name];
      return schema === undefined
        ? [`provider.${name}: there is no such provider`]
        : many(value).flatMap((one) => blockFindings(one, schema.block, `provider.${name}`));
    }),
  ];
}

function objectFindings(
  objects: Json,
  schemas: Readonly<Record<string, { block: Block }>>,
): string[] {
  return Object.entries(objects)
    .filter(([type]) => !BUILT_IN.has(type))
    .flatMap(([type, named]) => {
      const schema = schemas[type];
      if (schema === undefined) return [`${type}: there is no such type`];
      const old = schema.block.deprecated === true ? [`${type}: is deprecated`] : [];
      return [
        ...old,
        ...Object.entries(named as Json).flatMap(([name, value]) =>
          many(value).flatMap((one) => blockFindings(one, schema.block, `${type}.${name}`)),
        ),
      ];
    });
}

function blockFindings(value: Json, block: Block, at: string): string[] {
  return Object.entries(value)
    .filter(([name]) => !META.has(name))
    .flatMap(([name, inner]) => {
      const attribute = block.attributes?.[name];
      if (attribute !== undefined) return attributeFindings(inner, attribute, `${at}.${name}`);
      const nested = block.block_types?.[name]?.block;
      if (nested === undefined) return [`${at}.${name}: there is no such attribute or block`];
      const old = nested.deprecated === true ? [`${at}.${name}: is deprecated`] : [];
      return [...old, ...many(inner).flatMap((one) => blockFindings(one, nested, `${at}.${name}`))];
    });
}

function attributeFindings(value: unknown, attribute: Attribute, at: string): string[] {
  const { deprecated, computed, optional, required, nested_type: nested } = attribute;
  const settable = optional === true || required === true || computed !== true;
  return [
    ...(deprecated === true ? [`${at}: is deprecated`] : []),
    ...(settable ? [] : [`${at}: is set by the provider alone`]),
    ...(nested?.attributes === undefined || typeof value === 'string'
      ? []
      : many(value).flatMap((one) =>
          blockFindings(one, { attributes: nested.attributes ?? {} }, at),
        )),
  ];
}

/** A block is written as an object, or as a list of them. */
function many(value: unknown): Json[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one): one is Json => typeof one === 'object' && one !== null);
}
