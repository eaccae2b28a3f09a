import type { Route53RecordConfig } from '@cdktf/provider-aws/lib/route53-record/index.js';
import type { TerraformProvider } from 'cdktf';
import { Construct } from 'constructs';
import { ROUTE53_RECORD } from './aws.ts';
import { Resource } from './binding.ts';

/** Settings of a {@link PublicRecord}. */
export interface PublicRecordProps {
  readonly provider: TerraformProvider;

  /** The hosted zone. */
  readonly zoneId: string;

  /** The name that is made; not the zone's own, which cannot be an alias of another. */
  readonly host: string;

  /** The name that it points to. */
  readonly target: string;

  /** Lifetime of the record in seconds. */
  readonly ttlSec: number;
}

/** A public name in Route 53. */
export class PublicRecord extends Construct {
  /** The record, for `addOverride` where a prop is missing. */
  readonly record: Resource<Route53RecordConfig>;

  constructor(scope: Construct, id: string, props: PublicRecordProps) {
    super(scope, id);
    this.record = new Resource(this, 'Resource', ROUTE53_RECORD, {
      zoneId: props.zoneId,
      name: props.host,
      type: 'CNAME',
      ttl: props.ttlSec,
      records: [props.target],
      provider: props.provider,
    });
  }
}
