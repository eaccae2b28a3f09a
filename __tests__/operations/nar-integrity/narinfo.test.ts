import { describe, expect, test } from 'vitest';
import { parseNarinfo } from '../../../operations/nar-integrity/narinfo.ts';
import { hashText } from '../../../operations/nar-integrity/nix-hash.ts';
import { REAL_PATHS, realPath } from './fixtures.ts';

const GOOD = realPath('zstd').narinfo;

/** A good narinfo with one line replaced, or removed by an empty one. */
function withLine(name: string, line: string): string {
  const replaced = line === '' ? '' : `${line}\n`;
  return GOOD.replace(new RegExp(`^${name}: .*\\n`, 'm'), () => replaced);
}

describe('a narinfo', () => {
  test.each(REAL_PATHS)(
    'that Nix has written for $compression is read (R4)',
    ({ narinfo, body }) => {
      const read = parseNarinfo(narinfo);
      if (!('storePath' in read)) throw new Error(JSON.stringify(read));
      expect(read.fileSize).toBe(body.length);
      expect(`NarHash: ${hashText(read.narHash)}`).toBe(/^NarHash: .*$/m.exec(narinfo)?.[0]);
      expect(read.references).toEqual(
        /^References: (.*)$/m.exec(narinfo)?.[1]?.split(' ').filter(Boolean),
      );
      expect(read.signatures.map(({ keyName }) => keyName)).toEqual(['main']);
    },
  );

  test('of Attic states neither FileHash nor FileSize, which is right', () => {
    const text = GOOD.replaceAll(/^(FileHash|FileSize|CA|Sig): .*\n/gm, '');
    const read = parseNarinfo(`${text}Deriver: unknown-deriver\nSystem: x86_64-linux\nNew: 1\n`);
    expect(read).toMatchObject({ compression: 'zstd', system: 'x86_64-linux', signatures: [] });
    expect(read).not.toHaveProperty('fileHash');
    expect(read).not.toHaveProperty('deriver');
  });

  test('without a compression means bzip2, as for Nix', () => {
    expect(parseNarinfo(withLine('Compression', ''))).toMatchObject({ compression: 'bzip2' });
  });

  test.each([
    [
      'StorePath',
      'StorePath: /nix/store/short-name',
      1,
      /^StorePath must be a path in \/nix\/store, got /,
    ],
    ['URL', 'URL: file:///etc/passwd', 2, /^URL must be an address, or a path below the cache$/],
    [
      'URL',
      'URL: nar/a b?X-Amz-Signature=0123',
      2,
      /^URL must be an address, or a path below the cache$/,
    ],
    ['Compression', 'Compression: ', 3, /^Compression must be one word, got ""$/],
    ['FileHash', 'FileHash: sha256:00', 4, /^FileHash must be a hash with the 32 bytes of sha256/],
    ['FileSize', 'FileSize: 12x', 5, /^FileSize must be a number of bytes, at least 1, got "12x"$/],
    ['NarHash', `NarHash: sha1:${'0'.repeat(40)}`, 6, /^NarHash must be a sha256: /],
    ['NarSize', 'NarSize: 0', 7, /^NarSize must be a number of bytes, at least 1, got "0"$/],
    ['NarSize', 'NarSize: 99999999999999999999', 7, /^NarSize must be a number of bytes/],
    [
      'References',
      'References: /nix/store/x',
      8,
      /^References must be last parts of store paths, got /,
    ],
    ['Sig', 'Sig: main:AAAA', 9, /^Sig must be name:base64 of the 64 bytes of a signature/],
    ['CA', 'CA: what', 10, /^CA must be "text:" or "fixed:" and a hash, got "what"$/],
    ['CA', 'Deriver: nobody', 10, /^Deriver must be the last part of a store path/],
    ['CA', 'System: a b', 10, /^System must be one word/],
    ['CA', 'NarSize: 4360', 10, /^says NarSize a second time$/],
    ['CA', 'no field', 10, /^is no "Name: value": "no field"$/],
    ['CA', 'CA: fixed:\u001b[2J', 10, /got "fixed:\\u001b\[2J"$/],
    ['StorePath', '', 0, /^StorePath is missing$/],
    ['URL', '', 0, /^URL is missing$/],
    ['NarHash', '', 0, /^NarHash is missing$/],
    ['NarSize', '', 0, /^NarSize is missing$/],
  ])('with %s as %j is refused by its line (R4)', (name, line, at, problem) => {
    expect(parseNarinfo(withLine(name, line))).toEqual([
      { line: at, problem: expect.stringMatching(problem) },
    ]);
  });

  test('says all that is wrong at once', () => {
    const text = withLine('NarSize', 'NarSize: x').replace(/^URL: .*\n/m, '');
    expect(parseNarinfo(text)).toHaveLength(2);
  });

  test('that breaks off anywhere is refused, but where only lines at its end are missing', () => {
    const optional = new Set([
      GOOD.length,
      GOOD.indexOf('References'),
      GOOD.indexOf('Sig'),
      GOOD.indexOf('CA:'),
    ]);
    for (let length = 0; length <= GOOD.length; length += 1) {
      const isRead = 'storePath' in parseNarinfo(GOOD.slice(0, length));
      expect([length, isRead]).toEqual([length, optional.has(length)]);
    }
  });
});
