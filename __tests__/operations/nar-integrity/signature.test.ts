import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../config/read-settings.ts';
import { type Narinfo, parseNarinfo } from '../../../operations/nar-integrity/narinfo.ts';
import { fingerprint, verifySignatures } from '../../../operations/nar-integrity/signature.ts';
import { declaredKeys, parseTrustedKey } from '../../../operations/nar-integrity/trusted-keys.ts';
import { refusalOf } from '../../support/refusal.ts';
import { REAL_KEY, REAL_PATHS } from './fixtures.ts';

const KEY = parseTrustedKey(REAL_KEY);
const OTHER = 'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=';

function read(text: string): Narinfo {
  const narinfo = parseNarinfo(text);
  if (!('storePath' in narinfo)) throw new Error(JSON.stringify(narinfo));
  return narinfo;
}

const REFERRING = read(REAL_PATHS.at(-1)?.narinfo ?? '');

describe('the fingerprint of a path', () => {
  test('is the text that Nix signs: path, hash in base 32, size, whole references (R4)', () => {
    expect(fingerprint(REFERRING)).toBe(
      [
        '1',
        '/nix/store/k3zmcx0r12azidrvnk2gh44yd3awaz9m-flywheel-reference',
        'sha256:1w6imsx6q7pq0zf5jcvzybcmlgx0whhgzkh97lzk3djg4mzhr9m2',
        '232',
        '/nix/store/4c9phkn2h3zvlwsfy16zm6lch8l186mj-flywheel-base,/nix/store/rbxq18vs2cgww3qvql7nx1h9i3qmrmkd-flywheel-file',
      ].join(';'),
    );
  });

  test('is the same in whatever order a narinfo lists the references', () => {
    const references = [...REFERRING.references, ...REFERRING.references].reverse();
    expect(fingerprint({ ...REFERRING, references })).toBe(fingerprint(REFERRING));
  });
});

describe('a signature', () => {
  test.each(REAL_PATHS)('of Nix itself is right, for $compression (R4)', ({ narinfo }) => {
    expect(verifySignatures(read(narinfo), [KEY])).toEqual({
      right: ['main'],
      wrong: [],
      strangers: [],
    });
  });

  test.each<[string, Partial<Narinfo>]>([
    ['another path', { storePath: `${REFERRING.storePath}x` }],
    ['another hash', { narHash: { algorithm: 'sha256', digest: Buffer.alloc(32) } }],
    ['another size', { narSize: 233 }],
    ['fewer references', { references: REFERRING.references.slice(1) }],
  ])('is wrong for %s (R4)', (_, change) => {
    expect(verifySignatures({ ...REFERRING, ...change }, [KEY])).toMatchObject({ wrong: ['main'] });
  });

  test('is wrong by another key of that name, and right as soon as one of them made it', () => {
    const other = parseTrustedKey(OTHER);
    expect(verifySignatures(REFERRING, [other])).toMatchObject({ right: [], wrong: ['main'] });
    expect(verifySignatures(REFERRING, [other, KEY])).toMatchObject({ right: ['main'], wrong: [] });
  });

  test('by a key that nobody has named is neither right nor wrong', () => {
    expect(verifySignatures(REFERRING, [])).toEqual({ right: [], wrong: [], strangers: ['main'] });
  });
});

describe('the keys that readers of a cache trust', () => {
  test('are its own, those of the substituters, and the published ones that it names', () => {
    const settings = readSettings('config/single-node-r2.yaml');
    const cache = settings.attic.caches['dev-cache'];
    if (cache === undefined) throw new Error('the example has no dev-cache');
    const caches = { 'dev-cache': { ...cache, publicKey: OTHER } };
    const declared = { ...settings, attic: { ...settings.attic, caches } };
    const names = (name: string) => declaredKeys(declared, name).map((key) => key.name);
    expect(names('dev-cache')).toEqual(['main', 'homelab.cachix.org-1', 'cache.nixos.org-1']);
    expect(names('undeclared')).toEqual(['homelab.cachix.org-1']);
    expect(names('constructor')).toEqual(['homelab.cachix.org-1']);
  });

  test('are told from what is none, and a secret half is not repeated', () => {
    expect(refusalOf(() => parseTrustedKey('main'))).toMatch(
      /^must be the public half of a signing pair/,
    );
    const pair = `main:${Buffer.alloc(64, 7).toString('base64')}`;
    expect(refusalOf(() => parseTrustedKey(pair))).toMatch(/got a Nix signing key \(not shown\)$/);
  });
});
