/** Why a server could not be asked. Nothing is known then of what it has. */
export class Trouble extends Error {
  /** What to do about it. */
  readonly fix: string;

  /** @param because continues the name of the server: "refuses the connection" */
  constructor(because: string, fix: string) {
    super(because);
    this.name = 'Trouble';
    this.fix = fix;
  }
}

type Explanation = readonly [pattern: RegExp, because: string, fix: string];

const NETWORK = 'this is the network: look whether the server can be reached from here at all';

/** What the codes of Node mean for a person who looks for a cache. */
const CODES: readonly Explanation[] = [
  [
    /^ECONNREFUSED$/,
    'refuses the connection',
    'the address is wrong, or the server is down: compare it with "just info", or look at its pods',
  ],
  [
    /^(ENOTFOUND|EAI_\w+)$/,
    'has a name that is not known here',
    'names of the cluster are known in pods only: give --endpoint an address for this machine',
  ],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'cannot be reached', NETWORK],
  [
    /^(ECONNRESET|EPIPE|HPE_\w+)$/,
    'breaks the connection off before it answers',
    'look at the log of the server, and at what stands before it',
  ],
  [
    /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO/,
    'has a certificate that is not trusted here',
    'name the authority by NODE_EXTRA_CA_CERTS',
  ],
];

/** The error of a request, in words. What a server sends in it is not repeated. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  const [, because, fix] = CODES.find(([pattern]) => pattern.test(code)) ?? [];
  return because === undefined || fix === undefined
    ? new Trouble(`cannot be asked${code === '' ? '' : `: ${code}`}`, NETWORK)
    : new Trouble(because, fix);
}

/** A server that says nothing for longer than anybody waits. */
export function silence(idleMs: number): Trouble {
  return new Trouble(`says nothing for ${idleMs / 1000} s`, NETWORK);
}
