import { isBindAddress, isLoopback } from '../../values/endpoint.ts';
import { PLAINTEXT } from './variables.ts';

/** What is wrong with the address of a store: continues the word "must". */
export interface EndpointFault {
  readonly rule: string;
  readonly remedy: string;
}

/** Names that only a cluster answers to, so that what is sent there does not leave it. */
const IN_CLUSTER = /\.svc(\.[a-z0-9.-]+)?$|\.cluster\.local$/;

/**
 * What is wrong with the address of a store as the operator reaches it; undefined when nothing is.
 *
 * @param consent the address to which states and keys may go in clear, as a person wrote it
 */
export function endpointFault(
  endpoint: string,
  consent: string | undefined,
): EndpointFault | undefined {
  const url = urlIn(endpoint);
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return { rule: 'be an address', remedy: 'write https://host or https://host:port' };
  }
  if (url.username !== '' || url.password !== '') {
    return {
      rule: 'be an address without credentials',
      remedy: 'the keys have variables of their own',
    };
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return {
      rule: 'have no path',
      remedy: 'the bucket is named by the settings, not by the address',
    };
  }
  if (isBindAddress(url.hostname)) {
    return {
      rule: 'be an address that can be called',
      remedy: `write http://127.0.0.1:${url.port || '9000'} for a store on this machine`,
    };
  }
  return plaintextFault(url, consent);
}

/** An address as messages and requests have it: scheme, host and port. */
export function originOf(endpoint: string): string {
  return new URL(endpoint).origin;
}

function plaintextFault(url: URL, consent: string | undefined): EndpointFault | undefined {
  const { protocol, hostname, origin } = url;
  if (protocol === 'https:' || isLoopback(hostname) || IN_CLUSTER.test(hostname)) return undefined;
  if (consent !== undefined && urlIn(consent)?.origin === origin) return undefined;
  return {
    rule: 'be encrypted: states and signatures would go to another machine in clear',
    remedy: `write https://, or set ${PLAINTEXT}=${origin} to consent to it in writing`,
  };
}

function urlIn(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
