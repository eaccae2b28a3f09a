import { Construct } from 'constructs';
import { Endpoint } from '../../values/endpoint.ts';
import type { Image } from '../../values/image.ts';
import { Quantity } from '../../values/quantity.ts';
import { resources } from '../../values/resources.ts';
import { ConfigFiles } from '../config-files.ts';
import { stateFact } from '../facts.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import type { BucketAccess } from '../object-store/store-access.ts';
import { type ClusterNetwork, ingressControllerFlow, podFlow } from '../workload/flows.ts';
import { Workload } from '../workload/workload.ts';
import { ATTIC_PORT, type AtticNames, atticLabels, PART_OF } from './attic-names.ts';
import { renderCaddyfile } from './caddyfile.ts';

const PORT = 8080;
const UID = 1000;
const REPLICAS = 2;
const CONFIG_FOLDER = '/etc/caddy';
const CONFIG_FILE = 'Caddyfile';
const DRAIN_SEC = 10;
const GRACE_SEC = 60;

/** Settings of {@link PublicReads}. */
export interface PublicReadsProps {
  readonly namespace: ManagedNamespace;
  readonly names: AtticNames;
  /** An image with Caddy. */
  readonly image: Image;
  readonly network: ClusterNetwork;
  readonly store: BucketAccess;
  /** Longest transfer in seconds. */
  readonly timeoutSec: number;
  /** Annotations that say how available it is. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly pullSecret?: string | undefined;
}

/**
 * What stands before the server for those outside the cluster.
 *
 * Attic answers a NAR of one chunk with a redirect to the object store, by the address that it has for it itself, and no
 * setting of it gives another. So this entry follows the redirect where the reader could not.
 *
 * @see https://github.com/zhaofengli/attic/issues/46
 */
export class PublicReads extends Construct {
  /** The pods that answer. */
  readonly workload: Workload;

  constructor(scope: Construct, id: string, props: PublicReadsProps) {
    super(scope, id);
    const { namespace, names, network, store } = props;
    const name = names.publicReads;
    const config = new ConfigFiles(this, 'config', {
      namespace,
      name,
      files: {
        [CONFIG_FILE]: renderCaddyfile({
          port: PORT,
          attic: Endpoint.service('http', names.api, namespace.name),
          store: redirectTarget(store),
          timeoutSec: props.timeoutSec,
          graceSec: GRACE_SEC - DRAIN_SEC,
        }),
      },
    });
    const health = { action: { kind: 'http', path: '/.entry/health', port: PORT } } as const;
    this.workload = new Workload(this, 'entry', {
      namespace,
      name,
      labels: { component: 'entry', partOf: PART_OF },
      network,
      replicas: REPLICAS,
      annotations: props.annotations,
      uid: UID,
      pullSecret: props.pullSecret,
      terminationGraceSec: GRACE_SEC,
      weaken: {
        'added capabilities':
          'the file of the program in its image carries this capability, and the kernel starts no such file where the capability is out of reach; it is not used',
      },
      containers: [
        {
          name: 'caddy',
          image: props.image,
          command: ['caddy', 'run', '--config', `${CONFIG_FOLDER}/${CONFIG_FILE}`],
          addCapabilities: ['NET_BIND_SERVICE'],
          environment: [
            { name: 'XDG_CONFIG_HOME', value: '/scratch/config' },
            { name: 'XDG_DATA_HOME', value: '/scratch/data' },
          ],
          ports: [{ name: 'http', port: PORT }],
          resources: resources(['50m', '1'], ['64Mi', '256Mi']),
          startup: { ...health, periodSec: 2, failures: 30 },
          liveness: { ...health, periodSec: 30 },
          readiness: health,
          mounts: [
            { volume: 'config', path: CONFIG_FOLDER },
            { volume: 'scratch', path: '/scratch', readOnly: false },
          ],
          drainSec: DRAIN_SEC,
        },
      ],
      volumes: [
        { name: 'config', kind: 'config', configMap: config.name },
        { name: 'scratch', kind: 'scratch', sizeLimit: Quantity.parse('storage', '16Mi') },
      ],
      service: [{ name: 'http', port: 80, targetPort: PORT }],
      flows: {
        from: [ingressControllerFlow(network, PORT)],
        to: [podFlow(namespace.name, atticLabels(names.api), ATTIC_PORT), ...store.flows],
      },
      restartOn: { config: config.text },
      dependsOn: [config.configMap],
    });
    stateFact(this, 'component', {
      component: `public entry ${name}`,
      namespace: namespace.name,
      replicas: String(REPLICAS),
      failureDomain: props.annotations['flywheel/failure-domain'] ?? 'not known',
      backup: 'keeps no data',
      highlyAvailable: props.annotations['flywheel/availability'] === 'ha',
    });
  }
}

/** Where a redirect leads: to the declared store, or to the host that AWS has for a bucket. */
export function redirectTarget({
  bucket,
  region,
  endpoint,
}: Pick<BucketAccess, 'bucket' | 'region' | 'endpoint'>): Endpoint<'pod'> {
  return endpoint ?? Endpoint.parse('pod', `https://${bucket}.s3.${region}.amazonaws.com`);
}
