import { type TerraformMetaArguments, TerraformResource, Token } from 'cdktf';
import type { Construct } from 'constructs';

/**
 * The providers of the stacks, at the versions that the prebuilt bindings are made for.
 *
 * AWS is two releases later: from 6.23 to 6.26 `aws_s3_bucket` fails against every store but AWS's own.
 *
 * @see https://github.com/hashicorp/terraform-provider-aws/pull/45576
 */
export const PROVIDER_VERSIONS = { kubernetes: '2.38.0', helm: '3.1.1', aws: '6.27.0' } as const;

/** A resource type of a provider together with the type of its arguments. */
export interface Binding<Config> {
  readonly provider: keyof typeof PROVIDER_VERSIONS;
  readonly type: string;
  /** Only for the compiler: what the arguments are. */
  readonly config?: Config;
}

/** Arguments whose keys are data (labels, file names, resource names) and never attribute names. */
const MAP_ARGUMENTS = new Set([
  'annotations',
  'binaryData',
  'data',
  'default',
  'defaultRequest',
  'hard',
  'labels',
  'limits',
  'matchLabels',
  'max',
  'min',
  'nodeSelector',
  'parameters',
  'requests',
  'tags',
]);

const META_ARGUMENTS = new Set([
  'dependsOn',
  'count',
  'provider',
  'lifecycle',
  'forEach',
  'provisioners',
  'connection',
]);

/**
 * A resource with the argument types of its prebuilt binding, emitted without loading that binding.
 *
 * The binding of a pod-bearing resource is 800 kB of classes of which synthesis uses one function: loading
 * four of them costs 0.2 s and 60 MB of every run. So the bindings are imported as types only, and a test
 * synthesizes every resource of the shipped examples with the real classes too and compares the results.
 *
 * Literal text is escaped: `${` and `%{` in a script stay what they are instead of becoming templates of OpenTofu.
 *
 * Every resource of this project is one of these and public on its construct, so `addOverride` reaches whatever a
 * prop does not.
 */
export class Resource<Config extends TerraformMetaArguments> extends TerraformResource {
  /** The arguments as given. */
  readonly config: Config;

  /** The resources that have to exist before, by the tokens that stand for them. */
  private readonly dependencies: ReadonlyMap<string, TerraformResource>;

  constructor(scope: Construct, id: string, binding: Binding<Config>, config: Config) {
    super(scope, id, {
      terraformResourceType: binding.type,
      terraformGeneratorMetadata: {
        providerName: binding.provider,
        providerVersion: PROVIDER_VERSIONS[binding.provider],
      },
      ...metaArguments(config),
    });
    this.config = config;
    this.dependencies = new Map(
      (config.dependsOn ?? []).flatMap((dependency, index) => {
        const token = this.dependsOn?.[index];
        const isNamed = token !== undefined && TerraformResource.isTerraformResource(dependency);
        return isNamed ? [[token, dependency] as const] : [];
      }),
    );
  }

  /** Dependencies go by their addresses: to resolve their tokens would take a third of the rendering. */
  override get terraformMetaArguments(): Record<string, unknown> {
    return {
      ...super.terraformMetaArguments,
      dependsOn: this.dependsOn?.map((token) => {
        const dependency = this.dependencies.get(token);
        return dependency === undefined ? token : addressOf(dependency);
      }),
    };
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    const attributes = Object.entries(this.config).filter(([name]) => !META_ARGUMENTS.has(name));
    return renderBlock(Object.fromEntries(attributes));
  }
}

function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

function metaArguments(config: TerraformMetaArguments): TerraformMetaArguments {
  const { dependsOn, count, provider, lifecycle, forEach, provisioners, connection } = config;
  return { dependsOn, count, provider, lifecycle, forEach, provisioners, connection };
}

function renderBlock(block: object): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(block)) {
    if (value === undefined) continue;
    rendered[attributeName(name)] = MAP_ARGUMENTS.has(name) ? renderMap(value) : renderValue(value);
  }
  return rendered;
}

function renderValue(value: unknown): unknown {
  if (typeof value === 'string') return escapeTemplate(value);
  if (Array.isArray(value)) return value.map(renderValue);
  if (value === null || typeof value !== 'object' || Token.isUnresolved(value)) return value;
  return renderBlock(value);
}

function renderMap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Token.isUnresolved(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderValue(item)]));
}

const attributeNames = new Map<string, string>();

/** A few hundred names stand thousands of times in the stacks. */
function attributeName(name: string): string {
  const known = attributeNames.get(name);
  if (known !== undefined) return known;
  const attribute = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  attributeNames.set(name, attribute);
  return attribute;
}

/** Text that OpenTofu reads back as it is; a CDKTF token stays a token. */
export function escapeTemplate(text: string): string {
  if (!(text.includes('${') || text.includes('%{')) || Token.isUnresolved(text)) return text;
  return text.replace(/([$%])\{/g, (mark) => `${mark[0]}${mark}`);
}
