import type { ProgramName } from '../../tools/locate.ts';
import { POD_RANGE } from './addresses.ts';
import type { ClusterFolder } from './folder.ts';
import { commandFolder } from './pod-access.ts';

/** The programs that make a cluster, in the order in which they are started. */
export const PARTS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const satisfies readonly ProgramName[];

/** One of the programs of a cluster. */
export type PartName = (typeof PARTS)[number];

/** What the arguments of the programs are made from. */
export interface Surroundings {
  readonly folder: ClusterFolder;
  readonly serviceRange: string;
  readonly ports: {
    readonly etcd: number;
    readonly etcdPeer: number;
    readonly api: number;
    readonly kubelet: number;
  };
  /** Whether logs and exec are answered. */
  readonly podAccess: boolean;
}

/** Who signs the tokens of service accounts; pods see it as the issuer. */
const ISSUER = 'https://kubernetes.default.svc';

/** What the API server makes in its folder of certificates, and what therefore everybody trusts. */
export const API_CERTIFICATE = 'certificates/apiserver.crt';

/** Memory that each program may fill before it collects harder: all together stay below 1 GB. */
const MEMORY_LIMITS: Readonly<Record<PartName, string>> = {
  etcd: '96MiB',
  'kube-apiserver': '320MiB',
  'kube-controller-manager': '96MiB',
  'kube-scheduler': '64MiB',
  kwok: '64MiB',
};

/** The whole environment of a program. kwok finds no other program than those that may be run in a pod. */
export function environmentOf(part: PartName, folder: ClusterFolder): Record<string, string> {
  return {
    PATH: part === 'kwok' ? commandFolder(folder) : '/usr/local/bin:/usr/bin:/bin',
    // kwok reads a configuration in the home of the user; here there is none but ours.
    HOME: folder.path,
    TMPDIR: folder.path,
    GOMEMLIMIT: MEMORY_LIMITS[part],
  };
}

/** The arguments of a program. Everything listens on 127.0.0.1, and nothing elects a leader: there is one of each. */
export function argumentsOf(part: PartName, surroundings: Surroundings): string[] {
  return ARGUMENTS[part](surroundings);
}

const ARGUMENTS: Readonly<Record<PartName, (surroundings: Surroundings) => string[]>> = {
  etcd({ folder, ports }) {
    const client = `http://127.0.0.1:${ports.etcd}`;
    const peer = `http://127.0.0.1:${ports.etcdPeer}`;
    return [
      `--data-dir=${folder.file('etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // The data are not wanted after a crash, so nothing waits for the disk.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ];
  },
  'kube-apiserver'({ folder, serviceRange, ports }) {
    return [
      `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
      `--service-cluster-ip-range=${serviceRange}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.api}`,
      `--cert-dir=${folder.file('certificates')}`,
      `--service-account-issuer=${ISSUER}`,
      `--service-account-key-file=${folder.file('service-accounts.pub')}`,
      `--service-account-signing-key-file=${folder.file('service-accounts.key')}`,
      `--token-auth-file=${folder.file('tokens')}`,
      '--authorization-mode=Node,RBAC',
      '--endpoint-reconciler-type=none',
      // Pod Security decides namespace by namespace who may be privileged; without this nobody may.
      '--allow-privileged=true',
      '--profiling=false',
    ];
  },
  'kube-controller-manager'({ folder }) {
    return [
      `--kubeconfig=${folder.file('components')}`,
      '--leader-elect=false',
      '--use-service-account-credentials=false',
      `--service-account-private-key-file=${folder.file('service-accounts.key')}`,
      `--root-ca-file=${folder.file(API_CERTIFICATE)}`,
      '--secure-port=0',
      '--profiling=false',
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      // On a busy machine a heartbeat may be late; pods that are evicted for that prove nothing.
      '--node-monitor-grace-period=5m',
    ];
  },
  'kube-scheduler'({ folder }) {
    return [
      `--kubeconfig=${folder.file('components')}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--profiling=false',
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ];
  },
  kwok({ folder, ports, podAccess }) {
    const certificate = folder.file(API_CERTIFICATE);
    return [
      `--kubeconfig=${folder.file('components')}`,
      `--config=${folder.file('stages.yaml')}`,
      '--manage-all-nodes=true',
      '--node-ip=127.0.0.1',
      `--cidr=${POD_RANGE}`,
      '--node-lease-duration-seconds=40',
      ...(podAccess
        ? [
            `--node-port=${ports.kubelet}`,
            `--server-address=127.0.0.1:${ports.kubelet}`,
            `--tls-cert-file=${certificate}`,
            `--tls-private-key-file=${certificate.replace(/crt$/, 'key')}`,
          ]
        : []),
    ];
  },
};
