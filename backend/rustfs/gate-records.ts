import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import { asText, at, isObject } from '../../policy/model/json.ts';
import { type Certificate, parseCertificate } from '../certificate/certificate.ts';
import { evidenceIn } from '../evidence-text.ts';
import { readBundle } from './evidence-bundle.ts';
import { notSeen, type Observed, seen } from './observed.ts';
import type { StoreEvidence } from './rca-evidence.ts';

/** Which store a record is of: another workload or another image is another store. */
export interface RecordSubject {
  readonly endpoint: string;
  readonly bucket: string;
  readonly workload: { readonly uid: string; readonly image: string };
}

/** What every record says. */
interface RecordHead<Kind extends string> extends RecordSubject {
  readonly kind: Kind;
  /** In ISO 8601. */
  readonly at: string;
  readonly by: string;
}

/** How the store is reached, as it is handed to whoever runs tofu. It names keys by nothing. */
export interface EndpointPackage extends RecordHead<'flywheel-endpoint-package'> {
  readonly region: string;
  readonly pathStyle: boolean;
  /** SHA-256 of the authorities to trust; absent for the usual ones. */
  readonly authorities?: string;
}

/** A run of the real tofu on a state of its own in the store, from its first write to its removal. */
export interface ScratchTofuRecord extends RecordHead<'flywheel-scratch-tofu'> {
  readonly tofu: string;
  readonly steps: readonly { readonly name: string; readonly code: number }[];
  /** The serials that the store held after each apply; they only rise. */
  readonly serials: readonly number[];
  /** Nothing of that state is left. */
  readonly removed: boolean;
}

/** What went on while every pod of the store was replaced. */
export interface MaintenanceRecord extends RecordHead<'flywheel-maintenance'> {
  readonly pods: readonly string[];
  readonly replaced: readonly string[];
  readonly writes: number;
  /** Writes that were acknowledged and could not be read. */
  readonly lost: number;
  /** Longest time without a write that was acknowledged. */
  readonly longestOutageMs: number;
}

/** Everything that has to be proved before a store may be called HA. */
export interface GateEvidence {
  readonly endpointPackage: Observed<EndpointPackage>;
  readonly scratchTofu: Observed<ScratchTofuRecord>;
  readonly lockFile: Observed<Certificate>;
  readonly maintenance: Observed<MaintenanceRecord>;
  /** A look at the store with a scratch bucket, whose markers had to go from the disk too. */
  readonly cleanup: Observed<StoreEvidence>;
}

/** Where each record lies in the folder of the evidence. */
export const GATE_FILES = {
  endpointPackage: 'endpoint-package.json',
  scratchTofu: 'scratch-opentofu.json',
  lockFile: 'certificate.json',
  maintenance: 'maintenance.json',
  cleanup: 'cleanup',
} as const satisfies Record<keyof GateEvidence, string>;

/** Reads the records of a folder; one that is missing or none is said to be. */
export function readGate(folder: string | undefined): GateEvidence {
  if (folder === undefined) {
    const missing = notSeen('no evidence is named: --evidence DIR');
    return {
      endpointPackage: missing,
      scratchTofu: missing,
      lockFile: missing,
      maintenance: missing,
      cleanup: missing,
    };
  }
  const file = (name: keyof GateEvidence) => join(folder, GATE_FILES[name]);
  return {
    endpointPackage: record(file('endpointPackage'), 'flywheel-endpoint-package', ['region']),
    scratchTofu: record(file('scratchTofu'), 'flywheel-scratch-tofu', ['steps', 'serials']),
    lockFile: certificate(file('lockFile')),
    maintenance: record(file('maintenance'), 'flywheel-maintenance', ['pods', 'replaced']),
    cleanup: attempt(() => readBundle<StoreEvidence>(file('cleanup'), 'store')),
  };
}

function record<Wanted extends RecordHead<string>>(
  file: string,
  kind: Wanted['kind'],
  members: readonly (keyof Wanted & string)[],
): Observed<Wanted> {
  return attempt(() => {
    const value = evidenceIn(textOf(file));
    const texts = ['at', 'by', 'endpoint', 'bucket'].every((name) => asText(at(value, name)));
    const whole = texts && isObject(at(value, 'workload'));
    if (
      at(value, 'kind') !== kind ||
      !whole ||
      members.some((name) => at(value, name) === undefined)
    )
      throw new Failure(`${file} is no record of the kind ${kind}`);
    return value as Wanted;
  });
}

function certificate(file: string): Observed<Certificate> {
  return attempt(() => {
    const found = parseCertificate(textOf(file));
    if (found === undefined) throw new Failure(`${file} is no certificate of a store`);
    return found;
  });
}

function attempt<T>(read: () => T): Observed<T> {
  try {
    return seen(read());
  } catch (error) {
    if (error instanceof Failure) return notSeen(error.message.split('\n')[0] ?? '');
    throw error;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`${file}: ${code === 'ENOENT' ? 'it is not there' : code}`);
  }
}
