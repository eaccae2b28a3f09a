import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { problemsOf } from '../../../operations/secrets/practice.ts';

const NOW_SEC = Date.parse('2027-01-01') / 1000;
const AFTER_ITS_END_SEC = Date.parse('2200-01-01') / 1000;

/** Signed by itself, for the key whose seed is 32 times seven. */
const CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBTzCCAQGgAwIBAgIUCPQrCEuI3LtGurT9pjsPBSkSXPMwBQYDK2VwMBwxGjAY',
  'BgNVBAMMEWNhY2hlLmV4YW1wbGUub3JnMCAXDTI2MTEyNTIxNTYzM1oYDzIxMjYx',
  'MTAxMjE1NjMzWjAcMRowGAYDVQQDDBFjYWNoZS5leGFtcGxlLm9yZzAqMAUGAytl',
  'cAMhAOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIso1MwUTAdBgNVHQ4E',
  'FgQUTF7OQCOgNB7irP/MTRcVSoVPAuUwHwYDVR0jBBgwFoAUTF7OQCOgNB7irP/M',
  'TRcVSoVPAuUwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQC2/W0NMrxB+vS+zPI2',
  'MG4WrfbCSdmkZC+lCXYHLesv2Avyb4iUygOmMpGRTlayVEORuCMjXG47j3ljxmEX',
  'BfMC',
  '-----END CERTIFICATE-----',
].join('\n');
const SEED = Buffer.concat([
  Buffer.from('302e020100300506032b657004220420', 'hex'),
  Buffer.alloc(32, 7),
]);
const KEY = String(
  createPrivateKey({ key: SEED, format: 'der', type: 'pkcs8' }).export({
    format: 'pem',
    type: 'pkcs8',
  }),
);
const OTHER = String(
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
);

function problems(crt: string, key: string, nowSec = NOW_SEC) {
  const surroundings = { cache: undefined, push: undefined, jwtKey: undefined, nowSec };
  return problemsOf('tls-certificate', { 'tls.crt': crt, 'tls.key': key }, surroundings);
}

describe('a certificate that a person brings', () => {
  test('is taken with its own key', () => {
    expect(problems(CERTIFICATE, KEY)).toEqual({});
    expect(problems(`${CERTIFICATE}\n${CERTIFICATE}\n`, KEY)).toEqual({});
  });

  test.each([
    ['nothing', '', KEY, { 'tls.crt': 'is empty' }],
    ['a word', 'certificate', KEY, { 'tls.crt': 'is no certificate in PEM form' }],
    [
      'a key that is none',
      CERTIFICATE,
      'key',
      { 'tls.key': 'does not parse as a private key in PEM form without a passphrase' },
    ],
    [
      'the key of another',
      CERTIFICATE,
      OTHER,
      { 'tls.crt': 'is not that of the key: its first certificate must be that of the server' },
    ],
  ])('is refused: %s', (_, crt, key, expected) => {
    expect(problems(crt, key)).toEqual(expected);
  });

  test('is refused when it has ended', () => {
    expect(problems(CERTIFICATE, KEY, AFTER_ITS_END_SEC)['tls.crt']).toMatch(/^ended on /);
  });
});
