import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Image } from '../../values/image.ts';
import { type Resources, resources } from '../../values/resources.ts';
import { ConfigFiles } from '../config-files.ts';
import { stateFact } from '../facts.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import type { BucketAccess } from '../object-store/store-access.ts';
import type { Database } from '../postgres/database.ts';
import type { Autoscaling } from '../workload/autoscaling.ts';
import type { ClusterNetwork, Flow } from '../workload/flows.ts';
import type { Container } from '../workload/pod.ts';
import { Task } from '../workload/task.ts';
import { Workload } from '../workload/workload.ts';
import { ATTIC_PORT, type AtticNames, PART_OF } from './attic-names.ts';
import {
  CONFIG_FILE,
  configEnvironment,
  type ServerMode,
  serverArguments,
  serverMounts,
  serverVolumes,
  storageEnvironment,
} from './server-pods.ts';
import { allowedHosts, renderServerToml, type ServerOptions } from './server-toml.ts';

const UID = 1000;

/**
 * The pause lets everyone learn that a pod ends before it does. The pinned server has no handler for SIGTERM, and as the
 * first process of its container it is not ended by one either: it goes on serving until the grace period is over and is
 * then killed, with what takes longer. From 82ab950 on it ends when its last request is answered.
 *
 * @see https://github.com/zhaofengli/attic/pull/293
 */
const DRAIN_SEC = 15;
const GRACE_SEC = 60;

/** The first start of a database takes minutes: pulling its image, then making its files. */
const MIGRATION_DEADLINE_SEC = 900;
const MIGRATION_RETRIES = 12;

const CHECK_RESOURCES = resources(['10m', '200m'], ['32Mi', '128Mi']);
const MIGRATION_RESOURCES = resources(['50m', '500m'], ['64Mi', '256Mi']);

/** Settings of an {@link AtticServer}. */
export interface AtticServerProps
  extends Pick<
    ServerOptions,
    'address' | 'publicHost' | 'chunking' | 'compression' | 'collection' | 'tokens'
  > {
  readonly namespace: ManagedNamespace;
  readonly names: AtticNames;
  readonly image: Image;
  readonly network: ClusterNetwork;
  readonly store: BucketAccess;
  readonly database: Database;
  readonly replicas: Autoscaling;
  readonly resources: Resources;
  readonly collectorResources: Resources;

  /** Who may call it, at its port. */
  readonly callers: readonly Flow[];

  /** Annotations that say how available it is. */
  readonly annotations: Readonly<Record<string, string>>;

  readonly pullSecret?: string | undefined;
}

/**
 * The processes of `atticd`.
 *
 * With a database server: first the migrations, then any number of API servers, which never migrate, beside exactly one
 * garbage collector. With a database that is a file: one process that does all three in turn, because SQLite has one
 * writer and its file one volume, which a second pod would have to share on the same node.
 *
 * Every process first checks its configuration, and is replaced when that changes.
 */
export class AtticServer extends Construct {
  /** The API server; it is rolled out when the apply goes on to what depends on it. */
  readonly api: Workload;

  private readonly props: AtticServerProps;
  private readonly config: ConfigFiles;

  constructor(scope: Construct, id: string, props: AtticServerProps) {
    super(scope, id);
    this.props = props;
    this.config = this.defineConfig();
    if (props.database.file === undefined) {
      const migrations = this.defineMigrations();
      this.api = this.defineApi('api-server', [migrations.job]);
      this.defineCollector([migrations.job]);
    } else {
      this.api = this.defineApi('monolithic', []);
    }
  }

  private defineConfig(): ConfigFiles {
    const { props } = this;
    return new ConfigFiles(this, 'config', {
      namespace: props.namespace,
      name: `${props.names.api}-config`,
      files: {
        [CONFIG_FILE]: renderServerToml({
          ...props,
          service: props.names.api,
          namespace: props.namespace.name,
        }),
      },
    });
  }

  private defineMigrations(): Task {
    const { props } = this;
    return new Task(this, 'migrations', {
      ...this.common('migrations'),
      name: props.names.migrations,
      containers: [this.migrationsContainer()],
      to: props.database.flows,
      deadlineSec: MIGRATION_DEADLINE_SEC,
      retries: MIGRATION_RETRIES,
      dependsOn: [this.config.configMap, ...props.database.dependsOn],
    });
  }

  /** A migration may rewrite a table, which takes as long as it takes; the Job has a deadline of its own. */
  private migrationsContainer(): Container {
    const container = this.container('migrations', 'db-migrations', MIGRATION_RESOURCES, {
      storage: false,
    });
    const { patientSession } = this.props.database;
    if (patientSession === undefined) return container;
    const options = { name: 'PGOPTIONS', value: patientSession };
    return { ...container, environment: [...(container.environment ?? []), options] };
  }

  private defineApi(mode: ServerMode, after: readonly ITerraformDependable[]): Workload {
    const { props } = this;
    const { names, replicas, database } = props;
    const { min, max } = replicas;
    const several = database.file === undefined;
    stateFact(this, 'component', {
      component: `cache server ${names.api}`,
      namespace: props.namespace.name,
      replicas: several && max > min ? `${min} to ${max}` : String(several ? min : 1),
      failureDomain: props.annotations['flywheel/failure-domain'] ?? 'not known',
      backup: 'keeps no data of its own',
      highlyAvailable: props.annotations['flywheel/availability'] === 'ha',
    });
    return new Workload(this, 'api', {
      ...this.common('api'),
      name: names.api,
      replicas: several ? replicas : 1,
      recreate: !several,
      annotations: props.annotations,
      terminationGraceSec: GRACE_SEC,
      initContainers: [this.checkConfig()],
      containers: [
        {
          ...this.container('server', mode, props.resources, { storage: true }),
          ports: [{ name: 'http', port: ATTIC_PORT }],
          startup: { ...this.answers(), periodSec: 5, failures: 60 },
          liveness: { ...this.answers(), periodSec: 30 },
          readiness: this.answers(),
          drainSec: DRAIN_SEC,
        },
      ],
      service: [{ name: 'http', port: 80, targetPort: ATTIC_PORT }],
      flows: { from: props.callers, to: this.outward() },
      restartOn: this.restartOn(),
      waitForRollout: true,
      dependsOn: this.ready(after),
    });
  }

  private defineCollector(after: readonly ITerraformDependable[]): void {
    const { props } = this;
    const failureDomain = 'node (moves to another)';
    new Workload(this, 'collector', {
      ...this.common('gc'),
      name: props.names.collector,
      replicas: 1,
      recreate: true,
      annotations: {
        'flywheel/availability': 'interim',
        'flywheel/failure-domain': failureDomain,
      },
      weaken: {
        'no probes':
          'it serves nothing that could be asked; a pass that fails is logged and made again at the next interval',
      },
      initContainers: [this.checkConfig()],
      containers: [
        this.container('collector', 'garbage-collector', props.collectorResources, {
          storage: true,
        }),
      ],
      flows: { from: [], to: this.outward() },
      restartOn: this.restartOn(),
      dependsOn: this.ready(after),
    });
    stateFact(this, 'component', {
      component: `garbage collector ${props.names.collector}`,
      namespace: props.namespace.name,
      replicas: '1',
      failureDomain,
      backup: 'keeps no data',
      highlyAvailable: false,
    });
  }

  private common(component: string) {
    const { namespace, network, pullSecret, database } = this.props;
    return {
      namespace,
      network,
      pullSecret,
      labels: { component, partOf: PART_OF },
      uid: UID,
      volumes: serverVolumes(this.config.name, database),
    };
  }

  private container(
    name: string,
    mode: ServerMode,
    amounts: Resources,
    { storage }: { readonly storage: boolean },
  ): Container {
    const { namespace, image, store, database } = this.props;
    return {
      name,
      image,
      args: serverArguments(mode),
      environment: [
        ...configEnvironment(namespace.name, database),
        ...(storage ? storageEnvironment(store) : []),
      ],
      resources: amounts,
      mounts: serverMounts(database),
    };
  }

  private checkConfig(): Container {
    return this.container('check-config', 'check-config', CHECK_RESOURCES, { storage: false });
  }

  /** Answered by the process itself, with neither database nor store; a name that it does not expect it refuses. */
  private answers() {
    const { names, namespace } = this.props;
    const [host] = allowedHosts({ service: names.api, namespace: namespace.name });
    return { action: { kind: 'http', path: '/', port: ATTIC_PORT, host } } as const;
  }

  private restartOn(): Record<string, string> {
    return { config: this.config.text, ...this.props.store.restartOn };
  }

  private outward(): Flow[] {
    return [...this.props.database.flows, ...this.props.store.flows];
  }

  private ready(after: readonly ITerraformDependable[]): ITerraformDependable[] {
    const { database, store } = this.props;
    return [this.config.configMap, ...after, ...database.dependsOn, ...store.dependsOn];
  }
}
