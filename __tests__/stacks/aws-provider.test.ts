import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js';
import { TerraformStack } from 'cdktf';
import { describe, expect, test } from 'vitest';
import { awsProvider } from '../../stacks/aws-provider.ts';
import { Settler } from '../../stacks/fragments.ts';
import { definePublicRecord } from '../../stacks/public-record.ts';
import { Endpoint } from '../../values/endpoint.ts';
import {
  exampleContext,
  type Json,
  resourcesOf,
  synthesizeConstruct,
} from '../support/synthesized.ts';

const OBJECTS = { use: 'objects', profile: 'objects', region: 'eu-west-1' } as const;
const DNS = { use: 'dns', profile: 'dns' } as const;
const ELSEWHERE = {
  ...OBJECTS,
  region: 'auto',
  endpoint: Endpoint.parse('pod', 'https://s3.example.org'),
};

const providers = (json: Json): Json[] => json.provider.aws;

describe('awsProvider', () => {
  test('speaks to AWS under an address and a profile of its own, whatever the environment says', () => {
    const json = synthesizeConstruct((stack) => void awsProvider(stack, OBJECTS));
    expect(providers(json)).toEqual([
      {
        profile: 'objects',
        region: 'eu-west-1',
        endpoints: [{ s3: 'https://s3.eu-west-1.amazonaws.com' }],
        skip_metadata_api_check: 'true',
      },
    ]);
    expect(json.terraform.required_providers.aws).toEqual({ source: 'aws', version: '6.27.0' });
  });

  test('finds the regions of China under their own domain', () => {
    const json = synthesizeConstruct(
      (stack) => void awsProvider(stack, { ...OBJECTS, region: 'cn-north-1' }),
    );
    expect(providers(json)[0].endpoints).toEqual([
      { s3: 'https://s3.cn-north-1.amazonaws.com.cn' },
    ]);
  });

  test('asks a store other than AWS nothing that only AWS can answer', () => {
    const json = synthesizeConstruct((stack) => void awsProvider(stack, ELSEWHERE));
    expect(providers(json)).toEqual([
      {
        profile: 'objects',
        region: 'auto',
        endpoints: [{ s3: 'https://s3.example.org' }],
        s3_use_path_style: true,
        skip_credentials_validation: true,
        skip_metadata_api_check: 'true',
        skip_region_validation: true,
        skip_requesting_account_id: true,
      },
    ]);
  });

  test('is one provider however often it is asked for, and a second use has an alias', () => {
    const json = synthesizeConstruct((stack) => {
      expect(awsProvider(stack, OBJECTS)).toBe(awsProvider(stack, OBJECTS));
      expect(awsProvider(stack, OBJECTS).fqn).toBe('aws');
      expect(new Settler(stack).settle({ fqn: awsProvider(stack, DNS).fqn })).toEqual({
        fqn: 'aws.dns',
      });
    });
    expect(providers(json).map(({ alias, profile }) => [alias, profile])).toEqual([
      [undefined, 'objects'],
      ['dns', 'dns'],
    ]);
  });

  test('is what its prebuilt binding would emit', () => {
    synthesizeConstruct((stack) => {
      const ours = awsProvider(stack, ELSEWHERE);
      const other = new TerraformStack(stack.node.root, 'other');
      const real = new AwsProvider(other, 'real', {
        profile: 'objects',
        region: 'auto',
        endpoints: [{ s3: 'https://s3.example.org' }],
        s3UsePathStyle: true,
        skipCredentialsValidation: true,
        skipMetadataApiCheck: 'true',
        skipRegionValidation: true,
        skipRequestingAccountId: true,
      });
      expect(new Settler(ours).settle(ours.toTerraform().provider)).toEqual(
        new Settler(real).settle(real.toTerraform().provider),
      );
      stack.node.root.node.tryRemoveChild('other');
    });
  });

  test('rejects one use in two ways', () => {
    expect(() =>
      synthesizeConstruct((stack) => {
        awsProvider(stack, OBJECTS);
        awsProvider(stack, { ...OBJECTS, profile: 'other' });
      }),
    ).toThrow('stack: aws-objects is defined twice, in two ways');
  });
});

describe('definePublicRecord', () => {
  test('makes a record in Route 53 where records are made there', () => {
    const context = exampleContext('tinyland', (settings) => ({
      ...settings,
      dns: {
        provider: 'route53',
        zoneId: 'Z0123456789',
        target: 'ingress.example.org',
        profile: 'dns',
        ttlSec: 60,
      },
    }));
    const json = synthesizeConstruct(
      (stack) => void definePublicRecord(stack, context, 'nix-cache.example.org'),
    );
    expect(resourcesOf(json, 'aws_route53_record')).toEqual([
      expect.objectContaining({
        zone_id: 'Z0123456789',
        name: 'nix-cache.example.org',
        type: 'CNAME',
        ttl: 60,
        records: ['ingress.example.org'],
        provider: 'aws',
      }),
    ]);
    expect(providers(json)).toEqual([
      expect.objectContaining({
        profile: 'dns',
        endpoints: [{ route53: 'https://route53.amazonaws.com' }],
      }),
    ]);
  });

  test('makes nothing, and no provider, where external-dns or a person makes it', () => {
    const json = synthesizeConstruct((stack) => {
      const record = definePublicRecord(stack, exampleContext('tinyland'), 'a.example.org');
      expect(record).toBeUndefined();
    });
    expect(json.provider.aws).toBeUndefined();
  });
});
