import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import {
  certificateOf,
  certificateText,
  provesCompareAndSwap,
} from '../certificate/certificate.ts';
import { prove } from '../certificate/prove.ts';
import { sha256 } from '../store/signature.ts';
import type { StoreAccess } from '../store/store-access.ts';
import { whoRuns } from '../witness/who-runs.ts';
import { clusterInReach } from './cluster-in-reach.ts';
import { collectWorkload } from './collect-workload.ts';
import { storeBundle } from './evidence-bundle.ts';
import { GATE_FILES } from './gate-records.ts';
import { collectStore, storeWorkload } from './rca-evidence.ts';
import { reachStore } from './reach-store.ts';
import { scratchTofu } from './scratch-tofu.ts';
import { watchMaintenance } from './watch-maintenance.ts';

/** What is to be proved, and where the records go. */
export interface ProveGateHow {
  readonly settings: Settings;
  readonly access: StoreAccess;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** Watch a maintenance for so long; it replaces nothing by itself. @default - none is watched */
  readonly maintenanceMs?: number | undefined;
  readonly report: (line: string) => void;
}

/**
 * Proves what has to be proved before a store may be called HA, and leaves a record of each in the folder. A record that was
 * there is replaced, so that a maintenance can be watched on another day.
 *
 * @throws Failure when one of them does not come about; the records of the others stay
 */
export async function proveGate(how: ProveGateHow): Promise<void> {
  const { settings, access, environment, report } = how;
  const { client } = await clusterInReach(settings, environment);
  const look = () => collectWorkload(client, storeWorkload(settings));
  const { workload } = await look();
  if ('notSeen' in workload) throw new Failure(workload.notSeen);
  const { uid, image } = workload.seen;
  const by = whoRuns(environment);
  const head = () => ({
    at: new Date().toISOString(),
    by,
    endpoint: access.endpoint,
    bucket: access.bucket,
    workload: { uid, image },
  });
  const reached = await reachStore(
    access,
    () => clusterInReach(settings, environment),
    environment,
  );
  try {
    keep(how, 'endpointPackage', {
      kind: 'flywheel-endpoint-package',
      ...head(),
      region: access.region,
      pathStyle: access.pathStyle,
      ...(access.authorities === undefined ? {} : { authorities: sha256(access.authorities) }),
    });
    report('lock file: what the store does is proved');
    const proving = await prove(reached.store, access.bucket, 'full');
    const certificate = certificateOf(proving, { access, form: 'full', by });
    keep(how, 'lockFile', certificateText(certificate));
    report('scratch OpenTofu: tofu writes a state of its own');
    const { bucket, region } = access;
    const compareAndSwap = provesCompareAndSwap(certificate);
    const { store } = reached;
    const tofu = await scratchTofu({ store, bucket, region, by, compareAndSwap, environment });
    keep(how, 'scratchTofu', { kind: 'flywheel-scratch-tofu', ...head(), ...tofu });
    if (how.maintenanceMs !== undefined) {
      const pods = async () => {
        const found = (await look()).pods;
        if ('notSeen' in found) throw new Failure(found.notSeen);
        return found.seen;
      };
      const limitMs = how.maintenanceMs;
      const watched = await watchMaintenance({ store, bucket, pods, limitMs, report });
      keep(how, 'maintenance', { kind: 'flywheel-maintenance', ...head(), ...watched });
    }
  } finally {
    await reached.close();
  }
  await cleanup(how);
}

/** Comes last: what the others left behind would be seen. */
async function cleanup({ settings, access, environment, folder, report }: ProveGateHow) {
  report('cleanup: a scratch bucket is made and removed');
  const { bucket } = access;
  const buckets = [{ bucket, stateKeys: [] }];
  const subject = { settings, access, buckets, environment, scratch: true, logs: false };
  const evidence = await collectStore(subject);
  const place = join(folder, GATE_FILES.cleanup);
  rmSync(place, { recursive: true, force: true });
  storeBundle(place, { subject: 'store', evidence });
}

function keep(
  { folder, report }: ProveGateHow,
  name: keyof typeof GATE_FILES,
  record: object | string,
): void {
  const file = join(folder, GATE_FILES[name]);
  const text = typeof record === 'string' ? record : `${JSON.stringify(record, undefined, 2)}\n`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`the record ${file} cannot be written: ${code}`);
  }
  report(`kept ${file}`);
}
