/** Why no whole answer came from a store. */
export type TroubleKind = 'cut' | 'refused' | 'timeout' | 'tls' | 'too-large' | 'unresolved';

/** No whole answer came from a store: what it did with the request is not known. */
export class StoreTrouble extends Error {
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string, cause?: Error) {
    super(message, { cause });
    this.name = 'StoreTrouble';
    this.kind = kind;
  }
}

const KINDS: readonly (readonly [RegExp, TroubleKind, string])[] = [
  [/^ECONNREFUSED$/, 'refused', 'nobody listens there'],
  [/^(ENOTFOUND|EAI_\w+)$/, 'unresolved', 'its name has no address'],
  [/^(E(HOST|NET)UNREACH|ETIMEDOUT)$/, 'refused', 'there is no way to it'],
  [/^(EPROTO|ERR_(TLS|SSL)_\w+|CERT_\w+|\w*CERT\w*|UNABLE_TO_\w+)$/, 'tls', 'TLS failed'],
];

/** Says of an error of a connection what it means. */
export function troubleOf(error: Error): StoreTrouble {
  if (error instanceof StoreTrouble) return error;
  const code = 'code' in error ? String(error.code) : '';
  const [, kind, meaning] = KINDS.find(([pattern]) => pattern.test(code)) ?? [
    undefined,
    'cut' as const,
    'the connection was cut',
  ];
  return new StoreTrouble(kind, `${meaning}${code === '' ? '' : ` (${code})`}`, error);
}
