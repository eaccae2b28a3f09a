import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';

const SALT_BYTES = 32;
const NONCE_BYTES = 8;
const KEY_BYTES = 32;
/** How the key is derived and what it encrypts with, as MinIO numbers it: PBKDF2 and AES-256-GCM. */
const PBKDF2_AES_GCM = 2;
const PBKDF2_ROUNDS = 8192;
const LAST_PART = 0x80;
/** What follows is one part; a longer content would be several. */
const MOST_BYTES = 16_384;

/**
 * Encrypts what MinIO's administration takes only encrypted, with the secret of whoever asks. The server knows three ways; this
 * is the one that Node.js has everything for.
 *
 * A salt, the number of the way and a nonce come first. Then the parts, each with a nonce that ends with its number; what they
 * authenticate besides is the tag of an empty part 0, after a byte that marks the last one.
 *
 * @param content at most 16 KiB
 */
export function encryptedPayload(secret: string, content: string): Buffer {
  if (Buffer.byteLength(content) > MOST_BYTES) {
    throw new RangeError(`the content has more than ${MOST_BYTES} bytes`);
  }
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const key = pbkdf2Sync(secret, salt, PBKDF2_ROUNDS, KEY_BYTES, 'sha256');
  const { tag: first } = seal(key, numbered(nonce, 0), '');
  const authenticated = Buffer.concat([Buffer.from([LAST_PART]), first]);
  const { text, tag } = seal(key, numbered(nonce, 1), content, authenticated);
  return Buffer.concat([salt, Buffer.from([PBKDF2_AES_GCM]), nonce, text, tag]);
}

function numbered(nonce: Buffer, part: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(part);
  return Buffer.concat([nonce, number]);
}

function seal(
  key: Buffer,
  nonce: Buffer,
  content: string,
  authenticated: Buffer = Buffer.alloc(0),
): { readonly text: Buffer; readonly tag: Buffer } {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(authenticated);
  const text = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
  return { text, tag: cipher.getAuthTag() };
}
