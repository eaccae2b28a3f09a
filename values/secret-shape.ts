interface SecretShape {
  readonly what: string;
  /** Whoever has that shape holds one of these: they are looked for first, since hardly any text holds one. */
  readonly marks: readonly string[];
  readonly pattern: RegExp;
}

/**
 * Shapes of well-known credentials. One table serves the messages, which must never repeat a secret,
 * and the policy, which must find one in the synthesized result.
 */
const SECRET_SHAPES: readonly SecretShape[] = [
  {
    what: 'a GitLab token',
    marks: ['gl'],
    pattern: /\bgl(?:rt|pat|dt|cbt|ptt|ft|soat|agent)-[\w-]{12,}/,
  },
  {
    what: 'a GitHub token',
    marks: ['gh', 'github_pat_'],
    pattern: /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,})/,
  },
  {
    what: 'a private key',
    marks: ['PRIVATE KEY'],
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  },
  {
    what: 'an AWS access key id',
    marks: ['AKIA', 'ASIA'],
    pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  },
  {
    what: 'a JSON web token',
    marks: ['eyJ'],
    pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/,
  },
  {
    what: 'a Nix signing key',
    marks: ['=='],
    pattern: /[\w.-]:[A-Za-z0-9+/]{86}==(?![\w+/=])/,
  },
  { what: 'a Slack token', marks: ['xox'], pattern: /\bxox[abprs]-[\w-]{10,}/ },
  {
    what: 'a URL with a password',
    marks: ['@'],
    pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/i,
  },
];

/** What kind of credential the text looks like, or undefined when it looks like none. */
export function secretShape(text: string): string | undefined {
  return SECRET_SHAPES.find(
    ({ marks, pattern }) => marks.some((mark) => text.includes(mark)) && pattern.test(text),
  )?.what;
}
