import { readFileSync } from 'node:fs';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { StoreAccess } from '../store/store-access.ts';
import { type Certificate, certificateExitCode, parseCertificate } from './certificate.ts';
import { isSignedAsIs, signerIn, signerOf } from './certificate-signature.ts';

/** What a certificate has to be for. */
export interface CertificateSubject {
  readonly access: Pick<StoreAccess, 'bucket' | 'endpoint' | 'region'>;
  /** A file with the public key of the one who has to vouch for it. @default - nobody has to */
  readonly signer?: string | undefined;
  /** @default - the time of this machine */
  readonly now?: Date;
}

/**
 * Reads a certificate and holds it against the store that it has to be for.
 *
 * @throws Failure for a file that is no certificate, was changed, has expired, is of another store, or vouched for by nobody
 * who has to be
 */
export function readCertificate(file: string, subject: CertificateSubject): Certificate {
  const certificate = parseCertificate(textOf(file));
  if (certificate === undefined) throw new Failure(`${file} is no certificate of a store`);
  const fault = certificateFault(certificate, subject);
  if (fault === undefined) return certificate;
  throw new Failure(
    `the certificate ${file} ${fault.problem}\n    make one for this store: just state-store-certify --out ${file}`,
    fault.exitCode,
  );
}

/** Why a certificate cannot be relied on, continuing "the certificate "; undefined where it can. */
export function certificateFault(
  certificate: Certificate,
  { access, signer, now = new Date() }: CertificateSubject,
): { readonly problem: string; readonly exitCode: ExitCode } | undefined {
  const { signature, store, expires } = certificate;
  if (signature !== undefined && !isSignedAsIs(certificate))
    return { problem: 'is not what was signed: it was changed', exitCode: EXIT.bad };
  const differs = (['endpoint', 'bucket', 'region'] as const).find(
    (name) => store[name] !== access[name],
  );
  if (differs !== undefined) {
    const problem = `is of another store: its ${differs} is ${store[differs]}, not ${access[differs]}`;
    return { problem, exitCode: EXIT.usage };
  }
  const { at } = certificate;
  if (Date.parse(at) > now.getTime() + 60_000)
    return { problem: `is from the future: ${at}`, exitCode: EXIT.unknown };
  if (Date.parse(expires) <= now.getTime())
    return { problem: `has expired at ${expires}`, exitCode: EXIT.unknown };
  if (signer !== undefined && signerOf(certificate) !== signerIn(signer)) {
    const by = signerOf(certificate) ?? 'nobody';
    return { problem: `is signed by ${by}, not by the key in ${signer}`, exitCode: EXIT.unknown };
  }
  if (certificateExitCode(certificate) === EXIT.bad)
    return { problem: 'says that no state is safe in this store', exitCode: EXIT.bad };
  return undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      `the certificate ${file} cannot be read: ${code}\n    make it: just state-store-certify --out ${file}`,
    );
  }
}
