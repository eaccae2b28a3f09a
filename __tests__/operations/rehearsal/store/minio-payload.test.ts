import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encryptedPayload } from '../../../../operations/rehearsal/store/minio-payload.ts';

/** As the server does it: reads the header, derives the key, and opens the one part. */
function opened(secret: string, payload: Buffer): string {
  const salt = payload.subarray(0, 32);
  const nonce = payload.subarray(33, 41);
  const key = pbkdf2Sync(secret, salt, 8192, 32, 'sha256');
  const part = (number: number) => {
    const counter = Buffer.from([number, 0, 0, 0]);
    return createDecipheriv('aes-256-gcm', key, Buffer.concat([nonce, counter]));
  };
  // The tag of an empty part is what authenticates the others: encrypting and decrypting nothing are the same.
  const authenticated = Buffer.concat([Buffer.from([0x80]), emptyTag(key, nonce)]);
  const cipher = part(1);
  cipher.setAAD(authenticated);
  cipher.setAuthTag(payload.subarray(-16));
  return Buffer.concat([cipher.update(payload.subarray(41, -16)), cipher.final()]).toString();
}

/** The only tag that opens an empty content is found by GHASH of nothing: the encrypted first counter block. */
function emptyTag(key: Buffer, nonce: Buffer): Buffer {
  const counterBlock = Buffer.concat([nonce, Buffer.from([0, 0, 0, 0, 0, 0, 0, 1])]);
  const cipher = createDecipheriv('aes-256-ctr', key, counterBlock);
  return cipher.update(Buffer.alloc(16));
}

describe('what is sent to the administration of MinIO', () => {
  const content = '{"secretKey":"geheim"}';

  test('opens with the secret of whoever sent it', () => {
    const payload = encryptedPayload('root-secret', content);
    expect(payload[32]).toBe(2);
    expect(opened('root-secret', payload)).toBe(content);
    expect(payload.toString('latin1')).not.toContain('geheim');
  });

  test('opens with no other secret, and not when it was changed', () => {
    const payload = encryptedPayload('root-secret', content);
    expect(() => opened('another', payload)).toThrow();
    const changed = Buffer.from(payload);
    changed.writeUInt8((changed[45] ?? 0) ^ 1, 45);
    expect(() => opened('root-secret', changed)).toThrow();
  });

  test('is another each time', () => {
    expect(encryptedPayload('s', content).equals(encryptedPayload('s', content))).toBe(false);
  });

  test('rejects what would not fit into one part', () => {
    expect(() => encryptedPayload('s', 'x'.repeat(16_385))).toThrow(
      'the content has more than 16384 bytes',
    );
    expect(opened('s', encryptedPayload('s', 'x'.repeat(16_384))).length).toBe(16_384);
  });
});
