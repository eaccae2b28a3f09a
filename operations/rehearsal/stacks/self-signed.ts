import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate and its key, both in PEM form. */
export interface SelfSigned {
  readonly certificate: string;
  readonly key: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const VERSION = 0xa0;

const SHORT_FORM = 0x80;
const LINE = 64;
const DAY_MS = 86_400_000;

/** OID 1.3.101.112 of Ed25519, and 2.5.4.3 of a common name. */
const ED25519 = der(SEQUENCE, der(OBJECT_ID, Buffer.from('2b6570', 'hex')));
const COMMON_NAME = der(OBJECT_ID, Buffer.from('550403', 'hex'));

/**
 * Makes a certificate that signs itself, good for a day: what a rehearsal gives where a person would bring one. Node reads
 * certificates and makes none, and no program is needed for this little.
 */
export function selfSigned(host: string): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, text(UTF8_STRING, host))));
  const nowMs = Date.now();
  const body = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    ED25519,
    name,
    der(SEQUENCE, time(nowMs - DAY_MS), time(nowMs + DAY_MS)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign(null, body, privateKey)]);
  return {
    certificate: pem(der(SEQUENCE, body, ED25519, der(BIT_STRING, signature))),
    key: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
  };
}

/** A value with its tag and its length. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < SHORT_FORM) return Buffer.concat([Buffer.from([tag, length]), content]);
  const hex = length.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([tag, SHORT_FORM + digits.length]), digits, content]);
}

function text(tag: number, value: string): Buffer {
  return der(tag, Buffer.from(value, 'utf8'));
}

/** Such as 261126120000Z. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return text(UTC_TIME, digits.slice(2));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
