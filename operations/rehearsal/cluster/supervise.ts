import { appendFileSync } from 'node:fs';
import type { Settings } from '../../../config/settings.ts';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import { ControlServer } from '../control.ts';
import { requireSpace } from '../disk.ts';
import { freePorts, requireFreePort } from '../ports.ts';
import { ProgramEnded } from '../program-ended.ts';
import { whenAborted } from '../when-aborted.ts';
import { type ClaimedRange, claimRange } from './addresses.ts';
import { Cluster } from './cluster.ts';
import type { ClusterFolder, ClusterRecord } from './folder.ts';
import { type ProgramPaths, requirePrograms } from './installed.ts';

/** etcd alone sets two files of 64 MiB aside before it writes anything. */
const NEEDED = {
  noun: 'cluster',
  mib: 512,
  instead: 'run the command in a checkout on another disk',
};

/** How often other ports are taken when somebody was faster. */
const ATTEMPTS = 3;

/** What a supervisor is told. */
export interface SuperviseOptions {
  readonly folder: ClusterFolder;
  readonly settings: Settings;
  /** Port of the API server. @default a free one */
  readonly port: number | undefined;
  /** Answer logs and exec. */
  readonly podAccess: boolean;
  /** Called once, when the cluster can be used. */
  readonly ready: (record: ClusterRecord) => void;
  /** Ends the cluster when it is aborted; the reason is thrown if it is an error. */
  readonly signal: AbortSignal;
}

/**
 * Starts a cluster, stays with it, and leaves nothing of it behind: not when it is asked to end, nor when a part ends by
 * itself, nor when it does not come up. If this process is killed the programs go at once and the folder is what is left,
 * which the next command finds to be nobody's.
 */
export async function supervise(options: SuperviseOptions): Promise<ExitCode> {
  const { folder, signal } = options;
  const began = Date.now();
  const programs = await requirePrograms();
  requireSpace(folder.path, NEEDED);
  if (options.port !== undefined) await requireFreePort(options.port);

  const asked = new AbortController();
  let cluster: Cluster | undefined;
  // The address of the control is also the claim on the range of the Services.
  const control = await ControlServer.open(
    {
      standing: () => ({ pid: process.pid, parts: cluster?.parts ?? {} }),
      stop: () => asked.abort(),
    },
    claimRange,
  );
  const ended = whenAborted(signal, asked.signal);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const setting = await settle(options, programs, control);
      cluster = setting.cluster;
      const outcome = await Promise.race([begin(setting, options, began), ended]);
      if (outcome === 'again' && attempt < ATTEMPTS) {
        await cluster.stop();
        continue;
      }
      if (outcome === 'again')
        throw new Failure('every free port was taken before it could be used');
      if (outcome === 'ready') await Promise.race([cluster.trouble, ended]);
      return EXIT.good;
    }
  } finally {
    await cluster?.stop();
    if (cluster !== undefined) folder.remove();
    control.close();
  }
}

interface Setting {
  readonly cluster: Cluster;
  readonly record: ClusterRecord;
}

/** Takes ports, and the folder when it is not ours yet. */
async function settle(
  { folder, settings, port, podAccess }: SuperviseOptions,
  programs: ProgramPaths,
  { control, place: { serviceRange } }: ControlServer<ClaimedRange>,
): Promise<Setting> {
  const [etcd = 0, etcdPeer = 0, free = 0, kubelet = 0] = await freePorts(4);
  const ports = { etcd, etcdPeer, api: port ?? free, kubelet };
  const cluster = new Cluster({
    folder,
    settings,
    programs,
    serviceRange,
    ports,
    podAccess,
    report: (problem) => note(folder, problem),
  });
  const record: ClusterRecord = {
    name: folder.name,
    context: settings.cluster.name,
    server: cluster.server,
    serviceRange,
    control,
    adminToken: '',
    startedAt: new Date().toISOString(),
  };
  if (folder.read()?.control.token === control.token) folder.keep(record);
  else folder.make(record);
  return { cluster, record };
}

async function begin(
  { cluster, record }: Setting,
  { folder, ready }: SuperviseOptions,
  began: number,
): Promise<'ready' | 'again'> {
  try {
    const uid = await cluster.start();
    const readySec = (Date.now() - began) / 1000;
    const complete = { ...record, adminToken: cluster.adminToken, uid, readySec };
    folder.keep(complete);
    ready(complete);
    return 'ready';
  } catch (error) {
    if (error instanceof ProgramEnded && error.portTaken) return 'again';
    throw error;
  }
}

function note(folder: ClusterFolder, problem: string): void {
  try {
    appendFileSync(folder.log('harness'), `${new Date().toISOString()} ${problem}\n`, {
      mode: 0o600,
    });
  } catch {
    // The folder is gone or the disk is full; the cluster goes on or ends without this line.
  }
}
