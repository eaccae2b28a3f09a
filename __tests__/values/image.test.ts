import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Image, UNRESOLVED } from '../../values/image.ts';
import { refusalOf } from '../support/refusal.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const PARTS = { name: 'ghcr.io/example/app', tag: '1.2.3', digest: DIGEST };

const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
const names = fc
  .tuple(fc.constantFrom('ghcr.io', 'registry.example.org:5000', 'localhost:5000'), word, word)
  .map((parts) => parts.join('/'));
const tags = fc
  .stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)
  .filter((tag) => tag !== 'latest');
const digests = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);

describe('Image', () => {
  test('names registry, repository, tag and digest (W-C2)', () => {
    const image = Image.of(PARTS);
    expect(image).toMatchObject({ registry: 'ghcr.io', repository: 'example/app', tag: '1.2.3' });
    expect(image.name).toBe('ghcr.io/example/app');
    expect(image.tagAndDigest).toBe(`1.2.3@${DIGEST}`);
    expect(String(image)).toBe(`ghcr.io/example/app:1.2.3@${DIGEST}`);
  });

  test('stands without digest as long as none is known', () => {
    const image = Image.of({ ...PARTS, digest: UNRESOLVED });
    expect(image.digest).toBeUndefined();
    expect(String(image)).toBe('ghcr.io/example/app:1.2.3');
  });

  test('keeps every part of every legal pin', () => {
    fc.assert(
      fc.property(names, tags, fc.oneof(digests, fc.constant(UNRESOLVED)), (name, tag, digest) => {
        const image = Image.of({ name, tag, digest });
        expect(image.name).toBe(name);
        expect(String(image)).toBe(
          digest === UNRESOLVED ? `${name}:${tag}` : `${name}:${tag}@${digest}`,
        );
      }),
    );
  });

  const Name = 'must be a registry and a repository';
  const NameRemedy = 'write docker.io/library/node';
  const Shape = 'must be sha256: and 64 hexadecimal digits, or unresolved';

  test.each([
    [{ name: 'node' }, `${Name}, got "node"; ${NameRemedy}`],
    [{ name: 'library/node' }, `${Name}, got "library/node"; ${NameRemedy}`],
    [{ name: 'ghcr.io/Example/app' }, `${Name}, got "ghcr.io/Example/app"; ${NameRemedy}`],
    [{ name: 'ghcr.io/app:1' }, `${Name}, got "ghcr.io/app:1"; ${NameRemedy}`],
    [{ name: 'https://ghcr.io/app' }, `${Name}, got "https://ghcr.io/app"; ${NameRemedy}`],
    [
      { name: 'docker.io/node' },
      'must name the owner too, got "docker.io/node"; official images belong to library: write docker.io/library/node',
    ],
    [{ tag: 'latest' }, 'must be a tag other than latest, got "latest"; name the version'],
    [{ tag: '' }, 'must be a tag other than latest, got ""; name the version'],
    [{ tag: '1.2.3\n' }, 'must be a tag other than latest, got "1.2.3\\n"; name the version'],
    [
      { tag: 'x'.repeat(129) },
      `must be a tag other than latest, got "${'x'.repeat(79)}… (131 characters); name the version`,
    ],
    [{ digest: '' }, `${Shape}, got ""`],
    [{ digest: 'sha256:abc' }, `${Shape}, got "sha256:abc"`],
    [{ digest: DIGEST.toUpperCase() }, `${Shape}, got "${DIGEST.toUpperCase()}"`],
    [{ digest: 'unknown' }, `${Shape}, got "unknown"`],
  ])('rejects %j (W-C1, W-C2)', (wrong, message) => {
    expect(refusalOf(() => Image.of({ ...PARTS, ...wrong }))).toBe(message);
  });
});
