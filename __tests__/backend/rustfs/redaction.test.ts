import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redacted } from '../../../backend/rustfs/redaction.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCY';

describe('redacted', () => {
  test.each([
    ['as it is', SECRET],
    ['in an address', encodeURIComponent(SECRET)],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in hexadecimal digits', Buffer.from(SECRET).toString('hex')],
  ])('removes a known secret, %s', (_, form) => {
    expect(redacted(`before ${form} after`, [SECRET])).not.toContain(form);
    expect(redacted(`before ${form} after`, [SECRET])).toMatch(/^before \[redacted\].* after$/);
  });

  test.each([
    ['RUSTFS_SECRET_KEY=abc123', 'RUSTFS_SECRET_KEY=[redacted]'],
    ['{"secretAccessKey":"abc123","n":1}', '{"secretAccessKey":"[redacted]","n":1}'],
    ['authorization: Bearer abc.def-123', 'authorization: [redacted] [redacted]'],
    ['GET /b?X-Amz-Signature=0f0f&x=1', 'GET /b?X-Amz-Signature=[redacted]&x=1'],
    ['key AKIAIOSFODNN7EXAMPLE used', 'key [redacted] used'],
    ['AWS4-HMAC-SHA256 Credential=a/b, Signature=c', 'AWS4-HMAC-SHA256 [redacted]'],
  ])('removes what looks like one: %s', (text, clean) => {
    const [first = ''] = clean.split('[redacted]');
    expect(redacted(text, [])).toContain(first);
    expect(redacted(text, [])).toContain('[redacted]');
    expect(redacted(text, [])).not.toMatch(/abc123|abc\.def|0f0f|AKIA|Credential=a/);
  });

  test('leaves what people need to read', () => {
    const line = '2026-05-08T10:00:00Z ERROR NoSuchBucket tofu-state: VolumeNotFound on /data';
    expect(redacted(line, [SECRET])).toBe(line);
  });

  test('removes any secret wherever it stands', () => {
    const secret = fc.string({ minLength: 8, maxLength: 40, unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(fc.string(), secret, fc.string(), (before, hidden, after) => {
        fc.pre(!'[redacted]'.includes(hidden));
        expect(redacted(`${before}${hidden}${after}`, [hidden])).not.toContain(hidden);
      }),
      { numRuns: 300 },
    );
  });
});
