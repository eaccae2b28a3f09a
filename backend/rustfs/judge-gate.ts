import type { Certificate } from '../certificate/certificate.ts';
import { certificateFault } from '../certificate/read-certificate.ts';
import type { StoreAccess } from '../store/store-access.ts';
import type {
  EndpointPackage,
  GateEvidence,
  MaintenanceRecord,
  RecordSubject,
  ScratchTofuRecord,
} from './gate-records.ts';
import { scratchChecks } from './judge-rca.ts';
import type { Observed } from './observed.ts';
import type { StoreEvidence } from './rca-evidence.ts';

const VALID_MS = 30 * 86_400_000;
/** What tofu waits for by itself. */
const MAX_OUTAGE_MS = 20_000;
const TOFU_STEPS = ['init', 'apply', 'plan', 'change', 'destroy'];
const LOCK_PROOFS = ['conditional-create', 'create-after-delete', 'exclusion', 'read-after-write'];

/** One thing that had to be proved, and whether it is. */
export interface GateItem {
  readonly name: 'cleanup' | 'endpoint-package' | 'lock-file' | 'maintenance' | 'scratch-opentofu';
  readonly holds: boolean;
  readonly detail: string;
}

/** The store that is to be called HA, and the way to it that tofu will take. */
export interface GateSubject {
  readonly access: Pick<StoreAccess, 'bucket' | 'endpoint' | 'pathStyle' | 'region'> & {
    /** SHA-256 of the authorities to trust; absent for the usual ones. */
    readonly authorities?: string;
  };
  readonly workload: RecordSubject['workload'];
  readonly now: Date;
}

/** Judges the records. What is of another store, too old, or not whole proves nothing. */
export function judgeGate(gate: GateEvidence, subject: GateSubject): GateItem[] {
  return [
    item('endpoint-package', gate.endpointPackage, (it) => endpointFault(it, subject)),
    item('scratch-opentofu', gate.scratchTofu, (it) => tofuFault(it, subject)),
    item('lock-file', gate.lockFile, (it) => lockFault(it, subject)),
    item('maintenance', gate.maintenance, (it) => maintenanceFault(it, subject)),
    item('cleanup', gate.cleanup, (it) => cleanupFault(it, subject)),
  ];
}

function item<T extends { readonly at: string }>(
  name: GateItem['name'],
  observed: Observed<T>,
  faultOf: (record: T) => string | undefined,
): GateItem {
  if ('notSeen' in observed) return { name, holds: false, detail: observed.notSeen };
  const fault = faultOf(observed.seen);
  const { at } = observed.seen;
  return { name, holds: fault === undefined, detail: fault ?? `proved at ${at}` };
}

function headFault(
  record: RecordSubject & { readonly at: string },
  { access, workload, now }: GateSubject,
): string | undefined {
  if (record.endpoint !== access.endpoint || record.bucket !== access.bucket)
    return `it is of ${record.endpoint}, bucket ${record.bucket}`;
  if (record.workload.uid !== workload.uid) return 'it is of another workload, which is gone';
  if (record.workload.image !== workload.image)
    return `it is of the image ${record.workload.image}, and ${workload.image} runs`;
  return ageFault(record.at, now);
}

function ageFault(at: string, now: Date): string | undefined {
  const age = now.getTime() - Date.parse(at);
  return age >= -60_000 && age <= VALID_MS ? undefined : `it is of ${at}, which is too long ago`;
}

function endpointFault(record: EndpointPackage, subject: GateSubject): string | undefined {
  const { region, pathStyle, authorities } = subject.access;
  if (record.region !== region || record.pathStyle !== pathStyle)
    return 'region or path style are not what tofu will use';
  if (record.authorities !== authorities) return 'it trusts other authorities than tofu will';
  return headFault(record, subject);
}

function tofuFault(record: ScratchTofuRecord, subject: GateSubject): string | undefined {
  const failed = record.steps.find(({ code }) => code !== 0);
  if (failed !== undefined) return `tofu ${failed.name} ended with ${failed.code}`;
  const missing = TOFU_STEPS.find((name) => !record.steps.some((step) => step.name === name));
  if (missing !== undefined) return `tofu ${missing} was not run`;
  const { serials } = record;
  if (serials.length < 2 || serials.some((serial, index) => serial <= (serials[index - 1] ?? -1)))
    return `the serials do not rise: ${serials.join(', ')}`;
  return record.removed ? headFault(record, subject) : 'its state was left in the store';
}

function lockFault(certificate: Certificate, { access, now }: GateSubject): string | undefined {
  const fault = certificateFault(certificate, { access, now });
  if (fault !== undefined) return `the certificate ${fault.problem}`;
  if (certificate.form !== 'full') return 'the certificate is of the short form';
  const missing = LOCK_PROOFS.filter(
    (name) => certificate.proofs.find((proof) => proof.name === name)?.outcome !== 'proved',
  );
  return missing.length === 0 ? undefined : `not proved: ${missing.join(', ')}`;
}

function maintenanceFault(record: MaintenanceRecord, subject: GateSubject): string | undefined {
  const { pods, replaced, writes, lost, longestOutageMs } = record;
  const stayed = pods.filter((pod) => !replaced.includes(pod));
  if (pods.length === 0 || stayed.length > 0)
    return `not every pod was replaced: ${stayed.join(', ')}`;
  if (writes === 0) return 'nothing was written meanwhile';
  if (lost > 0) return `${lost} of ${writes} writes were acknowledged and lost`;
  if (longestOutageMs > MAX_OUTAGE_MS)
    return `nothing could be written for ${Math.round(longestOutageMs / 1000)} s`;
  return headFault(record, subject);
}

function cleanupFault(evidence: StoreEvidence, { access, workload, now }: GateSubject) {
  const { scratch, endpoint } = evidence;
  if (scratch === undefined) return 'it was looked at without --scratch-probe';
  const failed = scratchChecks(scratch, true).filter(({ status }) => status !== 'good');
  const [first] = failed;
  if (first !== undefined) return `${first.name} is not as it should be`;
  if (endpoint !== access.endpoint) return `it is of ${endpoint}`;
  const found = evidence.workload.workload;
  if (!('seen' in found) || found.seen.uid !== workload.uid || found.seen.image !== workload.image)
    return 'it is of another workload or image';
  return ageFault(evidence.at, now);
}
