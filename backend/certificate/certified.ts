import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { StoreAccess } from '../store/store-access.ts';
import type { Store } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { textIfThere } from '../text-if-there.ts';
import { whoRuns } from '../witness/who-runs.ts';
import {
  type Certificate,
  certificateExitCode,
  certificateOf,
  certificateText,
  parseCertificate,
  provesCompareAndSwap,
} from './certificate.ts';
import { prove } from './prove.ts';
import { certificateFault, readCertificate } from './read-certificate.ts';

/** Names the certificate that mutations rely on, where it is not the one of the last short proof. */
const FILE_VARIABLE = 'FLYWHEEL_STORE_CERTIFICATE';
/** Names the public key of the one who has to vouch for it. */
const SIGNER_VARIABLE = 'FLYWHEEL_CERTIFICATE_SIGNER';
const REQUEST_MS = 20_000;

/** What a mutation may rely on. */
export interface Certified {
  /** The store refuses a write over a version that is not the last one. */
  readonly compareAndSwap: boolean;
}

/** The store that is to be relied on, and where what was proved of it is kept. */
export interface CertifiedHow {
  readonly store: Store;
  readonly access: StoreAccess;
  /** The folder of one stack; the certificate lies beside it, because all stacks of a bucket share it. */
  readonly memory: string;
  /** @default - that of the process */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Makes sure that a store does what the safety of a state rests on: by the certificate that `FLYWHEEL_STORE_CERTIFICATE` names,
 * else by the last one that is still valid, else by proving the short form now, which takes some forty requests.
 *
 * @throws Failure when the store was proved not to do it (2), when nobody could tell (1), or when the named certificate is
 * none for this store
 */
export async function certified(how: CertifiedHow): Promise<Certified> {
  const { access, environment = process.env } = how;
  const named = given(environment, FILE_VARIABLE);
  const signer = given(environment, SIGNER_VARIABLE);
  if (named !== undefined) return relyOn(readCertificate(named, { access, signer }), access);
  const kept = await keptCertificate(how, signer);
  return relyOn(kept ?? (await proveNow(how, environment)), access);
}

/** Where the last short proof of a store is kept. */
export function certificateFile(memory: string, access: CertifiedHow['access']): string {
  const { endpoint, bucket, region } = access;
  const name = createHash('sha256')
    .update(JSON.stringify([endpoint, bucket, region]))
    .digest('hex');
  return join(dirname(memory), `certificate-${name.slice(0, 12)}.json`);
}

function relyOn(certificate: Certificate, access: StoreAccess): Certified {
  const code = certificateExitCode(certificate);
  if (code === EXIT.good || code === EXIT.degraded)
    return { compareAndSwap: provesCompareAndSwap(certificate) };
  const outcome = code === EXIT.bad ? 'refuted' : 'not-run';
  const lines = certificate.proofs
    .filter((proof) => proof.weight === 'must' && proof.outcome === outcome)
    .map(({ name, detail }) => `    ${name}: ${detail}`);
  const problem =
    code === EXIT.bad
      ? `no state is safe in ${access.endpoint}, bucket ${access.bucket}: it does not do what locks and states rest on`
      : `whether a state is safe in ${access.endpoint}, bucket ${access.bucket}, could not be found out`;
  const next = '    see all of it: just state-store-certify';
  throw new Failure([problem, ...lines, next].join('\n'), code);
}

async function keptCertificate(
  { store, access, memory }: CertifiedHow,
  signer: string | undefined,
): Promise<Certificate | undefined> {
  const certificate = parseCertificate(textIfThere(certificateFile(memory, access)) ?? '');
  if (certificate === undefined) return undefined;
  if (certificateFault(certificate, { access, signer }) !== undefined) return undefined;
  return (await serverOf(store, access.bucket)) === certificate.store.server
    ? certificate
    : undefined;
}

/** Another server behind the address is another store. */
async function serverOf(store: Store, bucket: string): Promise<string | undefined> {
  try {
    const request = { method: 'HEAD', bucket, deadlineMs: REQUEST_MS } as const;
    return (await store.send(request)).headers.server;
  } catch (error) {
    if (error instanceof StoreTrouble) return undefined;
    throw error;
  }
}

async function proveNow(
  { store, access, memory }: CertifiedHow,
  environment: NodeJS.ProcessEnv,
): Promise<Certificate> {
  const proving = await prove(store, access.bucket, 'short');
  const by = whoRuns(environment);
  const certificate = certificateOf(proving, { access, form: 'short', by });
  const code = certificateExitCode(certificate);
  if (code === EXIT.good || code === EXIT.degraded)
    keep(certificateFile(memory, access), certificateText(certificate));
  return certificate;
}

/** What cannot be kept is proved again next time. */
function keep(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const whole = `${file}.${process.pid}`;
    writeFileSync(whole, text, { mode: 0o600 });
    renameSync(whole, file);
  } catch {
    // A home that cannot be written to is no reason to distrust the store.
  }
}

function given(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}
