import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

/** A word that nobody guesses. */
export function randomToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}
