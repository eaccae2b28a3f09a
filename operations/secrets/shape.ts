import { createPrivateKey } from 'node:crypto';

/** Says what is wrong with a text, or nothing. It never repeats the text. */
export type Shape = (text: string) => string | undefined;

const PLACEHOLDER = /^(change-?me|placeholder|replace-?me|secret|password|todo|x{3,}|<.*>)$/i;

/** One word of plain characters: no line end, no blank, nothing that an editor adds. */
export const word: Shape = (text) => {
  if (text === '') return 'is empty';
  if (/[\r\n]$/.test(text)) return 'ends with a line end; write it with printf %s';
  if (/\s/.test(text)) return 'holds a blank or a line end';
  if (/[^!-~]/.test(text)) return 'holds a character that no such value has';
  return PLACEHOLDER.test(text) ? 'is a placeholder' : undefined;
};

/** A word of that many characters. */
export function wordOf(least: number, most = 512): Shape {
  return (text) =>
    word(text) ??
    (text.length < least || text.length > most
      ? `has ${text.length} characters, and such a value has ${least} to ${most}`
      : undefined);
}

/** A word of that form. */
export function wordLike(pattern: RegExp, rule: string): Shape {
  return (text) => word(text) ?? (pattern.test(text) ? undefined : `is not ${rule}`);
}

/** Nothing at all. */
export const nothing: Shape = (text) => (text === '' ? undefined : 'is not empty, and must be');

/** Base64 of at least so many bytes, in the standard alphabet and with its padding. */
export function base64Of(leastBytes: number): Shape {
  return (text) => {
    const wrong = word(text);
    if (wrong !== undefined) return wrong;
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') !== text)
      return 'is not base64 in the standard alphabet with padding';
    return bytes.length < leastBytes
      ? `is base64 of ${bytes.length} bytes, fewer than ${leastBytes}`
      : undefined;
  };
}

const LEAST_RSA_BITS = 2048;

/** An RSA private key in PEM form, without a passphrase. */
export const rsaPrivateKey: Shape = (text) => {
  if (text.trim() === '') return 'is empty';
  if (!text.includes('\n') && text.includes('\\n')) {
    return 'has \\n written out where its line ends should be';
  }
  const key = parsed(text);
  if (key === undefined) return 'does not parse as a private key in PEM form without a passphrase';
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa') return `is a key of type ${key.asymmetricKeyType}, not RSA`;
  return bits < LEAST_RSA_BITS
    ? `is an RSA key of ${bits} bits, fewer than ${LEAST_RSA_BITS}`
    : undefined;
};

function parsed(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

const TLS_MODES = ['require', 'verify-ca', 'verify-full'];

/** The address of a PostgreSQL database with all that is needed to sign in. */
export const databaseUrl: Shape = (text) => {
  const wrong = word(text);
  if (wrong !== undefined) return wrong;
  if (!URL.canParse(text)) return 'is no URL; is its password URL-encoded?';
  const url = new URL(text);
  if (!['postgres:', 'postgresql:'].includes(url.protocol))
    return 'does not begin with postgresql://';
  const parts = { 'a user': url.username, 'a password': url.password, 'a host': url.hostname };
  const missing = Object.entries(parts).flatMap(([name, value]) => (value === '' ? [name] : []));
  if (url.pathname.length < 2) missing.push('the name of a database');
  if (missing.length > 0) return `lacks ${missing.join(' and ')}`;
  const mode = url.searchParams.get('sslmode') ?? '';
  return TLS_MODES.includes(mode) ? undefined : `does not say sslmode=${TLS_MODES.join(', ')}`;
};

const ACCOUNT = /^[^\s:]+:\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;

/** Lines of user and bcrypt hash; other hashes are refused when somebody signs in, one by one. */
export const accounts: Shape = (text) => {
  const lines = text
    .split('\n')
    .filter((line, index, all) => line !== '' || index < all.length - 1);
  if (lines.length === 0) return 'is empty';
  const wrong = lines.findIndex((line) => !ACCOUNT.test(line));
  return wrong === -1
    ? undefined
    : `is not user:bcrypt hash in line ${wrong + 1}; make it with htpasswd -nB <user>`;
};

/** A Docker configuration that holds credentials for at least one registry. */
export const dockerConfig: Shape = (text) => {
  const auths = registriesOf(text);
  if (auths === undefined) return 'is not JSON with a map "auths"';
  const entries = Object.entries(auths);
  if (entries.length === 0) return 'names no registry under "auths"';
  const bare = entries.flatMap(([registry, entry]) => (hasCredentials(entry) ? [] : [registry]));
  return bare.length === 0
    ? undefined
    : `has no credentials for ${bare.join(', ')}: a helper of your machine keeps them, and a cluster has no helpers`;
};

function registriesOf(text: string): object | undefined {
  try {
    const { auths } = JSON.parse(text);
    return typeof auths === 'object' && auths !== null && !Array.isArray(auths) ? auths : undefined;
  } catch {
    return undefined;
  }
}

function hasCredentials(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  const has = (key: string) => {
    const value = Reflect.get(entry, key);
    return typeof value === 'string' && value !== '';
  };
  if (has('auth')) {
    const pair = Buffer.from(String(Reflect.get(entry, 'auth')), 'base64').toString('utf8');
    return /^[^:]+:.+$/s.test(pair.trim()) && !/\s$/.test(pair);
  }
  return has('username') && has('password');
}
