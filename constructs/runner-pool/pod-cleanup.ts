import { readFileSync } from 'node:fs';
import { Construct } from 'constructs';
import { parseCron5 } from '../../values/cron.ts';
import type { Image } from '../../values/image.ts';
import { ConfigFiles } from '../config-files.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { projectPath } from '../project-path.ts';
import { apiServerFlow, type ClusterNetwork } from '../workload/flows.ts';
import { ScheduledTask } from '../workload/task.ts';
import { CLEANUP_EVERY_MINUTES, CLEANUP_NAME } from './cleanup-schedule.ts';
import { JOB_SELECTOR } from './job-labels.ts';
import { CLEANUP } from './pod-sizes.ts';

const SCRIPT = 'remove-stuck-pods.mjs';
const SCRIPT_PATH = `constructs/runner-pool/cleanup/${SCRIPT}`;
const UID = 1000;
const SCHEDULE = parseCron5(`*/${CLEANUP_EVERY_MINUTES} * * * *`);
const DEADLINE_SEC = 240;
const ACCOUNT_FILES = '/var/run/secrets/kubernetes.io/serviceaccount';

/** After how many seconds a pod of a job is one that nobody will remove. */
export interface CleanupAges {
  /** Told to end, its grace over, and still there. */
  readonly stuckSec: number;
  readonly succeededSec: number;
  readonly failedSec: number;
  /** Without a node, and owned by nothing that would make it again. */
  readonly pendingSec: number;
}

/** Settings of a {@link PodCleanup}. */
export interface PodCleanupProps {
  readonly namespace: ManagedNamespace;
  readonly network: ClusterNetwork;
  /** An image with Node 20 or newer. */
  readonly image: Image;
  readonly ages: CleanupAges;
  readonly partOf: string;
  readonly pullSecret: string | undefined;
}

/**
 * Removes the pods of jobs that nobody removed, every five minutes: those whose manager died, also before they found a
 * node, and those that a broken node keeps from ending.
 *
 * It sees only its own namespace and touches only pods that carry the label of a job. Whether a pod is told to end is
 * read from the pod: the API has no selector for it.
 */
export class PodCleanup extends Construct {
  /** The scheduled task, for its CronJob. */
  readonly task: ScheduledTask;

  constructor(scope: Construct, id: string, props: PodCleanupProps) {
    super(scope, id);
    const { namespace, network, image, ages, partOf, pullSecret } = props;
    const script = new ConfigFiles(this, 'script', {
      namespace,
      name: CLEANUP_NAME,
      files: { [SCRIPT]: readFileSync(projectPath(SCRIPT_PATH), 'utf8') },
    });
    this.task = new ScheduledTask(this, 'task', {
      namespace,
      name: CLEANUP_NAME,
      labels: { component: 'cleanup', partOf },
      network,
      schedule: SCHEDULE,
      deadlineSec: DEADLINE_SEC,
      retries: 0,
      uid: UID,
      pullSecret,
      to: [apiServerFlow(network)],
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'delete'] }],
      restartOn: { script: script.text },
      volumes: [{ name: 'script', kind: 'config', configMap: script.name }],
      containers: [
        {
          name: 'cleanup',
          image,
          command: ['node', `/script/${SCRIPT}`],
          environment: variables(namespace.name, ages),
          resources: CLEANUP,
          mounts: [{ volume: 'script', path: '/script' }],
        },
      ],
      dependsOn: [script.configMap],
    });
  }
}

function variables(namespace: string, ages: CleanupAges) {
  const plain: Record<string, string> = {
    NAMESPACE: namespace,
    SELECTOR: Object.entries(JOB_SELECTOR)
      .map(([label, value]) => `${label}=${value}`)
      .join(','),
    STUCK_SEC: String(ages.stuckSec),
    SUCCEEDED_SEC: String(ages.succeededSec),
    FAILED_SEC: String(ages.failedSec),
    PENDING_SEC: String(ages.pendingSec),
    API_SERVER: 'https://kubernetes.default.svc',
    TOKEN_FILE: `${ACCOUNT_FILES}/token`,
    NODE_EXTRA_CA_CERTS: `${ACCOUNT_FILES}/ca.crt`,
  };
  return Object.entries(plain).map(([name, value]) => ({ name, value }));
}
