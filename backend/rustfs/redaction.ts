const HIDDEN = '[redacted]';
/** Shorter words stand in logs by chance. */
const MIN_SECRET = 6;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/(AWS4-HMAC-SHA256 )[^\r\n"]*/g, `$1${HIDDEN}`],
  [/\b((?:Bearer|Basic) )[\w.~+/=-]{8,}/g, `$1${HIDDEN}`],
  [
    /([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|AWSAccessKeyId)=)[^&\s"]*/gi,
    `$1${HIDDEN}`,
  ],
  [
    /((?:secret|passw|token|access[-_ ]?key|private[-_ ]?key|authorization|credential)[\w-]*["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"',;}&]+/gi,
    `$1${HIDDEN}`,
  ],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, HIDDEN],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
];

/**
 * A text without secrets: neither the given ones, as they are or encoded, nor what looks like one.
 *
 * It removes too much rather than too little: what is kept of an incident is read by many.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const known = secrets.filter(({ length }) => length >= MIN_SECRET).flatMap(formsOf);
  const without = known.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  return PATTERNS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), without);
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ];
}
