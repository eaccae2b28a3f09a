import { SecretRef } from '../../values/secret-ref.ts';
import { tcp } from '../workload/flows.ts';
import type { Database } from './database.ts';

/**
 * A PostgreSQL that someone else runs.
 *
 * Nothing is known of how it keeps its data, so nothing is claimed.
 */
export function externalDatabase(props: {
  readonly namespace: string;
  /** Name of the Secret with the connection string. */
  readonly secret: string;
  /** Its addresses, for the network policy. */
  readonly cidrs: readonly string[];
  readonly port: number;
}): Database {
  return {
    url: { secret: SecretRef.of('database-url', props.namespace, props.secret), key: 'uri' },
    flows: [{ peer: { kind: 'addresses', cidrs: props.cidrs }, ports: tcp(props.port) }],
    dependsOn: [],
    failureDomain: 'not known: someone else runs the database',
    highlyAvailable: false,
  };
}
