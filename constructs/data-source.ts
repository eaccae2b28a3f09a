import { TerraformDataSource } from 'cdktf';
import type { Construct } from 'constructs';
import { PROVIDER_VERSIONS } from './binding.ts';

/** What a data source is asked, by the names its provider gives to the arguments. */
export interface DataSourceOptions {
  readonly provider: keyof typeof PROVIDER_VERSIONS;
  readonly type: string;
  readonly arguments: Readonly<Record<string, string>>;
}

/** Something that a provider reads while planning. */
export class DataSource extends TerraformDataSource {
  private readonly asked: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, options: DataSourceOptions) {
    super(scope, id, {
      terraformResourceType: options.type,
      terraformGeneratorMetadata: {
        providerName: options.provider,
        providerVersion: PROVIDER_VERSIONS[options.provider],
      },
    });
    this.asked = options.arguments;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...this.asked };
  }
}
