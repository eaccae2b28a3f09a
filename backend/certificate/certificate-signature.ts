import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Certificate } from './certificate.ts';

const OTHERS = 0o077;

/** A certificate with the signature of a key of the operator's. */
export function signed(certificate: Certificate, key: KeyObject): Certificate {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const value = signBytes(digestOf(key), signedBytes(certificate), key);
  return {
    ...certificate,
    signature: {
      algorithm: key.asymmetricKeyType ?? 'unknown',
      publicKey: publicKey.toString('base64'),
      value: value.toString('base64'),
    },
  };
}

/** True for a certificate that is as it was when its signature was made; false also for one without. */
export function isSignedAsIs(certificate: Certificate): boolean {
  const { signature } = certificate;
  if (signature === undefined) return false;
  try {
    const key = createPublicKey({
      key: Buffer.from(signature.publicKey, 'base64'),
      type: 'spki',
      format: 'der',
    });
    const value = Buffer.from(signature.value, 'base64');
    return verifyBytes(digestOf(key), signedBytes(certificate), key, value);
  } catch {
    return false;
  }
}

/** Who has signed, as people compare it: `SHA256:` and the hash of the public key. */
export function signerOf({ signature }: Certificate): string | undefined {
  return signature === undefined
    ? undefined
    : fingerprint(Buffer.from(signature.publicKey, 'base64'));
}

/** The key that certificates are to be signed with: a private key in PEM, readable by its owner alone. */
export function signingKey(file: string): KeyObject {
  const text = keyText(file);
  if ((statSync(file).mode & OTHERS) !== 0) {
    throw new Failure(
      `${file} can be read by others, and whoever has it can vouch for any store\n    run chmod 600 ${file}`,
      EXIT.usage,
    );
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw new Failure(
      `${file} is no private key in PEM without a passphrase\n    make one: openssl genpkey -algorithm ed25519 -out ${file}`,
      EXIT.usage,
    );
  }
}

/** Who a public key in PEM belongs to, as {@link signerOf} says it. */
export function signerIn(file: string): string {
  const text = keyText(file);
  try {
    return fingerprint(createPublicKey(text).export({ type: 'spki', format: 'der' }));
  } catch {
    throw new Failure(
      `${file} is no public key in PEM\n    take it from the private one: openssl pkey -in <private key> -pubout -out ${file}`,
      EXIT.usage,
    );
  }
}

function keyText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`the key ${file} cannot be read: ${code}`, EXIT.usage);
  }
}

function fingerprint(publicKey: Buffer): string {
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
}

/** Edwards curves hash by themselves. */
function digestOf({ asymmetricKeyType }: KeyObject): string | null {
  return asymmetricKeyType === 'ed25519' || asymmetricKeyType === 'ed448' ? null : 'sha256';
}

function signedBytes({ signature: _, ...rest }: Certificate): Buffer {
  return Buffer.from(JSON.stringify(sorted(rest)));
}

/** The same text whatever the order in which a file names things. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
