import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { SecretRef } from '../../values/secret-ref.ts';
import { stateFact } from '../facts.ts';
import { type Manifest, Manifests } from '../manifests/manifests.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import {
  apiServerFlow,
  type ClusterNetwork,
  dnsFlow,
  type Flow,
  namespaceFlow,
  podFlow,
} from '../workload/flows.ts';
import { policyManifest } from '../workload/policy-manifest.ts';
import {
  backupManifests,
  CLUSTER_LABEL,
  type ClusterOptions,
  clusterManifest,
  PATIENT_SESSION,
} from './cluster-manifests.ts';
import type { Database, DatabaseUrl } from './database.ts';

const POSTGRES_PORT = 5432;
const STATUS_PORT = 8000;
const METRICS_PORT = 9187;

/** Settings of a {@link PostgresCluster}. */
export interface PostgresClusterProps
  extends Omit<ClusterOptions, 'namespace' | 'annotations' | 'parameters'> {
  readonly namespace: ManagedNamespace;
  readonly network: ClusterNetwork;

  /** Namespace of the operator, from which the instances are asked how they are. */
  readonly operatorNamespace: string;

  /** The pods that use the database, by their labels. */
  readonly clients: readonly Readonly<Record<string, string>>[];

  /** Leave the cluster, its policy and its volumes in place on destroy; the next apply adopts them. */
  readonly keep: boolean;

  /** A claim, which the policy checks: one instance is never HA. */
  readonly claimsHighAvailability: boolean;

  /** Parameters of PostgreSQL that come before those of the project. @default - none */
  readonly parameters?: Readonly<Record<string, string>>;

  /** Namespace from which Prometheus reads the metrics. @default - nobody does */
  readonly monitoringNamespace?: string | undefined;

  /** The operator, and the plugin where there are backups. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/**
 * PostgreSQL instances that CloudNativePG keeps, with a primary that clients reach by the Service `<name>-rw`.
 *
 * The operator writes the connection string into the Secret `<name>-app` when the cluster is up, which is after the
 * apply has gone on: whoever uses it waits for the Secret and for an answer.
 */
export class PostgresCluster extends Construct implements Database {
  readonly url: DatabaseUrl;
  readonly patientSession = PATIENT_SESSION;
  readonly flows: readonly Flow[];
  readonly dependsOn: readonly ITerraformDependable[];
  readonly failureDomain: string;
  readonly highlyAvailable: boolean;

  /** The custom resources, for `addOverride` where a prop is missing. */
  readonly manifests: Manifests;

  /** The labels of its pods, by which a monitor chooses them. */
  readonly selector: Readonly<Record<string, string>>;

  private readonly props: PostgresClusterProps;

  constructor(scope: Construct, id: string, props: PostgresClusterProps) {
    super(scope, id);
    this.props = props;
    const { name, namespace, instances } = props;
    this.selector = { [CLUSTER_LABEL]: name };
    this.highlyAvailable = instances > 1;
    this.failureDomain = instances > 1 ? 'all nodes with an instance' : 'the node and its volume';

    this.manifests = this.defineManifests();
    this.url = {
      secret: SecretRef.of('database-url-managed', namespace.name, `${name}-app`),
      key: 'uri',
    };
    this.flows = [podFlow(namespace.name, this.selector, POSTGRES_PORT)];
    this.dependsOn = [this.manifests.release];
    this.stateFacts();
  }

  private defineManifests(): Manifests {
    const { props } = this;
    const { name, namespace, backup, keep } = props;
    const options: ClusterOptions = {
      ...props,
      namespace: namespace.name,
      parameters: props.parameters ?? {},
      annotations: {
        'flywheel/availability': props.claimsHighAvailability ? 'ha' : 'interim',
        'flywheel/failure-domain': this.failureDomain,
        'flywheel/backup': backupPlace(backup),
      },
    };
    return new Manifests(this, 'objects', {
      releaseName: name,
      namespace: namespace.name,
      objects: [
        clusterManifest(options),
        ...(backup === undefined ? [] : backupManifests(options, backup)),
        this.policy(),
      ],
      keep,
      dependsOn: [namespace.release, ...props.dependsOn, ...(backup?.access.dependsOn ?? [])],
    });
  }

  /**
   * The pods are the operator's, so their policy chooses them by the operator's label. It is part of the release: Helm makes it
   * before the cluster, and it stays for as long as the cluster does.
   */
  private policy(): Manifest {
    const { name, namespace, network, backup, clients, operatorNamespace, monitoringNamespace } =
      this.props;
    const peers = podFlow(namespace.name, this.selector, POSTGRES_PORT, STATUS_PORT);
    return policyManifest({
      name,
      namespace: namespace.name,
      pods: this.selector,
      ingress: [
        ...clients.map((labels) => podFlow(namespace.name, labels, POSTGRES_PORT)),
        namespaceFlow(operatorNamespace, STATUS_PORT, POSTGRES_PORT),
        peers,
        ...(monitoringNamespace === undefined
          ? []
          : [namespaceFlow(monitoringNamespace, METRICS_PORT)]),
      ],
      egress: [dnsFlow(network), apiServerFlow(network), peers, ...(backup?.access.flows ?? [])],
    });
  }

  private stateFacts(): void {
    const { name, namespace, instances, backup } = this.props;
    stateFact(this, 'component', {
      component: `database ${name}`,
      namespace: namespace.name,
      replicas: String(instances),
      failureDomain: this.failureDomain,
      backup: backupText(backup),
      highlyAvailable: this.highlyAvailable,
    });
    if (backup === undefined) return;
    stateFact(this, 'secret', backup.access.credentials);
    if (!backup.sharesFailureDomain) return;
    stateFact(this, 'warning', {
      subject: `${namespace.name}/${name}`,
      note: 'the backups lie in the store that is lost together with the data; give attic.database.backup.endpoint another store',
    });
  }
}

function backupPlace(backup: ClusterOptions['backup']): string {
  if (backup === undefined) return 'none';
  return backup.sharesFailureDomain ? 'same-failure-domain' : 'elsewhere';
}

function backupText(backup: ClusterOptions['backup']): string {
  if (backup === undefined) return 'none';
  const { access, schedule, retention, sharesFailureDomain } = backup;
  const place = sharesFailureDomain ? 'in the same failure domain' : 'in another failure domain';
  return `${schedule}, kept ${retention}, bucket ${access.bucket} ${place}`;
}
