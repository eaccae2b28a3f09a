import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Shape } from './shape.ts';

/** A certificate in PEM form, that of the server first and those that signed it after it. */
export const certificate: Shape = (text) => {
  if (text.trim() === '') return 'is empty';
  return parsedCertificate(text) === undefined ? 'is no certificate in PEM form' : undefined;
};

/** The private key of a server in PEM form, without a passphrase. */
export const serverKey: Shape = (text) => {
  if (text.trim() === '') return 'is empty';
  return parsedKey(text) === undefined
    ? 'does not parse as a private key in PEM form without a passphrase'
    : undefined;
};

/** What is wrong between a certificate and a key that are right each by itself. */
export function tlsProblem(crt: string, key: string, nowSec: number): string | undefined {
  const found = parsedCertificate(crt);
  const own = parsedKey(key);
  if (found === undefined || own === undefined) return undefined;
  if (!found.checkPrivateKey(own)) {
    return 'is not that of the key: its first certificate must be that of the server';
  }
  return Date.parse(found.validTo) < nowSec * 1000 ? `ended on ${found.validTo}` : undefined;
}

function parsedCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function parsedKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
