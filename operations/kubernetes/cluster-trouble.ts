import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';

/**
 * Why the API server gave no answer that can be used.
 *
 * - `unreachable`: nothing came back, or something that is no API server;
 * - `unauthorized`: it does not know who asks;
 * - `forbidden`: it knows, and refuses;
 * - `conflict`: what was to be written has changed, or is there already;
 * - `refused`: every other refusal.
 */
export type TroubleKind = 'unreachable' | 'unauthorized' | 'forbidden' | 'conflict' | 'refused';

/** A request to the API server that came to nothing, in a sentence. */
export class ClusterTrouble extends Failure {
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string) {
    super(message, EXIT.unknown);
    this.name = 'ClusterTrouble';
    this.kind = kind;
  }
}

const CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections: the server is down, or the address is wrong',
  ECONNRESET: 'drops the connection',
  EAI_AGAIN: 'has a name that does not resolve now: the DNS does not answer',
  ENOTFOUND: 'has a name that does not resolve',
  EHOSTUNREACH: 'cannot be reached: there is no route to it',
  ENETUNREACH: 'cannot be reached: there is no network',
  CERT_HAS_EXPIRED: 'shows a certificate that has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'shows a certificate that the kubeconfig does not trust: is it another cluster?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'shows a certificate for another name',
  SELF_SIGNED_CERT_IN_CHAIN:
    'shows a certificate that the kubeconfig does not trust: is it another cluster?',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'shows a certificate that the kubeconfig does not trust: is it another cluster?',
};

/** What a failed connection means. */
export function connectionTrouble(server: string, error: unknown): ClusterTrouble {
  const { code, message } = error as NodeJS.ErrnoException;
  const means = CONNECTION[code ?? ''] ?? `cannot be asked: ${code ?? message}`;
  return new ClusterTrouble('unreachable', `${server} ${means}`);
}
