import { PublicRecord } from '../constructs/public-record.ts';
import { awsProvider } from './aws-provider.ts';
import type { FlywheelStack } from './flywheel-stack.ts';
import type { StackContext } from './stack-context.ts';

/** The record of a public name, where records are made in Route 53; elsewhere external-dns or a person makes it. */
export function definePublicRecord(
  stack: FlywheelStack,
  { settings }: StackContext,
  host: string,
): PublicRecord | undefined {
  const { dns } = settings;
  if (dns.provider !== 'route53') return undefined;
  return new PublicRecord(stack, `record-${host}`, {
    provider: awsProvider(stack, { use: 'dns', profile: dns.profile }),
    zoneId: dns.zoneId,
    host,
    target: dns.target,
    ttlSec: dns.ttlSec,
  });
}
