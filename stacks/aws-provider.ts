import type { AwsProviderConfig } from '@cdktf/provider-aws/lib/provider/index.js';
import { TerraformProvider, type TerraformStack } from 'cdktf';
import { PROVIDER_VERSIONS } from '../constructs/binding.ts';
import { canonicalJson } from '../constructs/canonical-json.ts';
import { awsStore } from '../constructs/object-store/store-address.ts';
import type { Endpoint } from '../values/endpoint.ts';

const ROUTE53 = 'https://route53.amazonaws.com';
const ROUTE53_REGION = 'us-east-1';

/** What of AWS a stack speaks to, and with which profile of the operator's own configuration. */
export type AwsUse =
  | {
      readonly use: 'objects';
      readonly profile: string;
      readonly region: string;
      /** A store other than AWS. */
      readonly endpoint?: Endpoint<'pod'> | undefined;
    }
  | { readonly use: 'dns'; readonly profile: string };

/**
 * The AWS provider for that use, the same one each time it is asked for.
 *
 * Addresses and profile are written down: the environment of a run holds those of the state store, which must never be
 * taken for this one. The first provider of a stack is its default, a second one has an alias.
 */
export function awsProvider(stack: TerraformStack, use: AwsUse): TerraformProvider {
  const id = `aws-${use.use}`;
  const config = providerConfig(use);
  const present = stack.node.tryFindChild(id);
  if (present instanceof AwsProvider) {
    if (canonicalJson(present.config) !== canonicalJson(config))
      throw new Error(`${stack.node.id}: ${id} is defined twice, in two ways`);
    return present;
  }
  const first = !stack.node.children.some((child) => child instanceof AwsProvider);
  return new AwsProvider(stack, id, config, first ? undefined : use.use);
}

function providerConfig(use: AwsUse): AwsProviderConfig {
  const common = { profile: use.profile, skipMetadataApiCheck: 'true' };
  if (use.use === 'dns')
    return { ...common, region: ROUTE53_REGION, endpoints: [{ route53: ROUTE53 }] };
  const { region, endpoint } = use;
  if (endpoint === undefined)
    return { ...common, region, endpoints: [{ s3: String(awsStore(region)) }] };
  return {
    ...common,
    region,
    endpoints: [{ s3: String(endpoint) }],
    s3UsePathStyle: true,
    skipCredentialsValidation: true,
    skipRegionValidation: true,
    skipRequestingAccountId: true,
  };
}

/** The provider block with the argument types of its prebuilt binding, emitted without loading its half a megabyte. */
class AwsProvider extends TerraformProvider {
  readonly config: AwsProviderConfig;
  private readonly aliasName: string | undefined;

  constructor(
    stack: TerraformStack,
    id: string,
    config: AwsProviderConfig,
    aliasName: string | undefined,
  ) {
    super(stack, id, {
      terraformResourceType: 'aws',
      terraformProviderSource: 'aws',
      terraformGeneratorMetadata: { providerName: 'aws', providerVersion: PROVIDER_VERSIONS.aws },
    });
    this.config = config;
    this.aliasName = aliasName;
  }

  override get alias(): string | undefined {
    return this.aliasName;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...this.config };
  }
}
