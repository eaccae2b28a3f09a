import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Certificate,
  certificateExitCode,
  certificateOf,
  certificateText,
  parseCertificate,
} from '../../../backend/certificate/certificate.ts';
import {
  isSignedAsIs,
  signed,
  signerIn,
  signerOf,
  signingKey,
} from '../../../backend/certificate/certificate-signature.ts';
import type { Proof } from '../../../backend/certificate/proof.ts';
import { readCertificate } from '../../../backend/certificate/read-certificate.ts';

const ACCESS = { endpoint: 'http://127.0.0.1:9000', bucket: 'tofu-state', region: 'us-east-1' };
const NOW = new Date('2026-11-26T12:00:00Z');
const EXCLUSION: Proof = {
  name: 'exclusion',
  weight: 'must',
  claim: 'of racing creates exactly one is taken',
  outcome: 'proved',
  detail: 'of 8 racing creates one is taken',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-certificate-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function certificate(form: 'full' | 'short' = 'full', proof: Partial<Proof> = {}): Certificate {
  const proving = {
    proofs: [{ ...EXCLUSION, ...proof }],
    server: 'RustFS',
    keepsVersions: true,
    left: [],
  };
  const by = 'ada@workstation';
  return certificateOf(proving, { access: ACCESS, form, by, version: '1.0.1', now: NOW });
}

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function keyPair(type: 'ec' | 'ed25519' = 'ed25519') {
  const { privateKey, publicKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519');
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  return {
    privateFile: file(`${type}.key`, String(privateKey.export(pem))),
    publicFile: file(`${type}.pub`, String(publicKey.export({ type: 'spki', format: 'pem' }))),
  };
}

describe('a certificate', () => {
  test('says which store was proved, by whom, with what outcome, and until when', () => {
    expect(certificate()).toEqual({
      kind: 'flywheel-store-certificate',
      certificate: 1,
      form: 'full',
      store: { ...ACCESS, server: 'RustFS', version: '1.0.1', keepsVersions: true },
      at: '2026-11-26T12:00:00.000Z',
      expires: '2026-12-26T12:00:00.000Z',
      by: 'ada@workstation',
      proofs: [EXCLUSION],
    });
    expect(certificate('short').expires).toBe('2026-11-27T12:00:00.000Z');
  });

  test('is read as it was written', () => {
    expect(parseCertificate(certificateText(certificate()))).toEqual(certificate());
  });

  test.each([
    ['no JSON', 'certificate'],
    ['another document', '{"kind":"flywheel-store-evidence"}'],
    ['one without proofs', certificateText({ ...certificate(), proofs: [] })],
    ['one without a time', certificateText({ ...certificate(), expires: 'one day' })],
    [
      'one of a later version',
      certificateText(certificate()).replace('"certificate": 1', '"certificate": 2'),
    ],
  ])('is not %s', (_, text) => {
    expect(parseCertificate(text)).toBeUndefined();
  });

  test.each([
    [{ outcome: 'proved' }, 0],
    [{ outcome: 'not-run' }, 1],
    [{ outcome: 'refuted' }, 2],
    [{ outcome: 'refuted', weight: 'should' }, 3],
    [{ outcome: 'not-run', weight: 'should' }, 0],
  ] as const)('ends with its gravest proof: %j is %i', (proof, code) => {
    expect(certificateExitCode(certificate('full', proof))).toBe(code);
  });
});

describe('the signature of a certificate', () => {
  test.each(['ed25519', 'ec'] as const)('holds until a word of it is changed (%s)', (type) => {
    const { privateFile, publicFile } = keyPair(type);
    const whole = signed(certificate(), signingKey(privateFile));
    expect(isSignedAsIs(whole)).toBe(true);
    expect(signerOf(whole)).toBe(signerIn(publicFile));
    expect(signerOf(whole)).toMatch(/^SHA256:[\w+/]{43}$/);
    expect(isSignedAsIs({ ...whole, by: 'mallory@workstation' })).toBe(false);
    expect(isSignedAsIs(certificate())).toBe(false);
    // The order in which a file names things is no part of it.
    const turned = JSON.parse(certificateText(whole), (_, value) =>
      value?.constructor === Object ? Object.fromEntries(Object.entries(value).reverse()) : value,
    );
    expect(isSignedAsIs(turned)).toBe(true);
  });

  test('rejects a key that others can read', () => {
    const { privateFile } = keyPair();
    chmodSync(privateFile, 0o644);
    expect(() => signingKey(privateFile)).toThrow(
      `${privateFile} can be read by others, and whoever has it can vouch for any store\n    run chmod 600 ${privateFile}`,
    );
  });

  test('rejects what is no key, and says how to make one', () => {
    const path = file('key', 'no key');
    expect(() => signingKey(path)).toThrow(
      /^.* is no private key in PEM .*\n {4}make one: openssl/,
    );
    expect(() => signerIn(path)).toThrow(/is no public key in PEM/);
    expect(() => signingKey(join(folder, 'nowhere'))).toThrow(/cannot be read: ENOENT/);
  });
});

describe('readCertificate', () => {
  const read = (text: string, how: { signer?: string; now?: Date; access?: object } = {}) =>
    readCertificate(file('certificate.json', text), {
      access: ACCESS,
      now: NOW,
      ...how,
    } as Parameters<typeof readCertificate>[1]);

  test('takes one that is valid for the store', () => {
    expect(read(certificateText(certificate()))).toEqual(certificate());
  });

  test.each([
    [
      'endpoint',
      'is of another store: its endpoint is http://127.0.0.1:9000, not http://other:9000',
    ],
    ['bucket', 'is of another store: its bucket is tofu-state, not http://other:9000'],
  ])('rejects one of another store, by its %s (64)', (name, problem) => {
    const access = { ...ACCESS, [name]: 'http://other:9000' };
    expect(() => read(certificateText(certificate()), { access })).toThrow(
      expect.objectContaining({ message: expect.stringContaining(problem), exitCode: 64 }),
    );
  });

  test('rejects one that has expired, and one from the future (1)', () => {
    const text = certificateText(certificate());
    expect(() => read(text, { now: new Date('2027-01-01T00:00:00Z') })).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('has expired at 2026-12-26T12:00:00.000Z'),
        exitCode: 1,
      }),
    );
    expect(() => read(text, { now: new Date('2026-11-26T11:00:00Z') })).toThrow(/from the future/);
  });

  test('rejects one that was changed after it was signed (2)', () => {
    const { privateFile } = keyPair();
    const whole = signed(certificate(), signingKey(privateFile));
    const text = certificateText({ ...whole, expires: '2036-11-26T12:00:00.000Z' });
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('is not what was signed: it was changed'),
        exitCode: 2,
      }),
    );
  });

  test('rejects one that nobody vouches for where somebody has to, or somebody else', () => {
    const mine = keyPair('ed25519');
    const other = keyPair('ec');
    expect(() => read(certificateText(certificate()), { signer: mine.publicFile })).toThrow(
      /is signed by nobody, not by the key in /,
    );
    const whole = signed(certificate(), signingKey(mine.privateFile));
    expect(read(certificateText(whole), { signer: mine.publicFile })).toEqual(whole);
    expect(() => read(certificateText(whole), { signer: other.publicFile })).toThrow(
      /is signed by SHA256:/,
    );
  });

  test('rejects one that says that no state is safe (2)', () => {
    expect(() => read(certificateText(certificate('full', { outcome: 'refuted' })))).toThrow(
      expect.objectContaining({ exitCode: 2 }),
    );
  });

  test('rejects a file that is none or not there, with what to do', () => {
    expect(() => read('{}')).toThrow(/is no certificate of a store$/);
    expect(() => readCertificate(join(folder, 'nowhere'), { access: ACCESS })).toThrow(
      /cannot be read: ENOENT\n {4}make it: just state-store-certify --out/,
    );
  });
});
