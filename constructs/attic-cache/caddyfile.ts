import type { Endpoint } from '../../values/endpoint.ts';

/** Between whom the public entry stands. */
export interface CaddyfileOptions {
  readonly port: number;
  readonly attic: Endpoint<'pod'>;
  /** The object store, as Attic writes it into a redirect. */
  readonly store: Endpoint<'pod'>;
  /** Longest wait for Attic to take in what was uploaded. */
  readonly timeoutSec: number;
  /** Seconds that running transfers get when the server is told to stop. */
  readonly graceSec: number;
}

const STORE_TIMEOUT_SEC = 60;

/**
 * The configuration of the public entry: everything goes to Attic, and where Attic redirects to the object store, the
 * entry fetches from there itself and streams.
 *
 * - The address Attic gives is signed together with its `Host`, so that is sent as it was signed, and path and query are
 *   passed on unchanged. The query would be dropped without the `?` that ends the rewrite.
 * - It is signed for GET alone, so that is what is sent for HEAD too.
 * - A store refuses a signed address together with a token, and has no business with the token anyway.
 * - Other redirects are passed on: the entry fetches from no host but the declared one.
 * - Nothing is compressed on the way, or else NARs would lose their length.
 * - The signature of an address is good for ten minutes, so it is kept out of the log.
 *
 * @see https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#intercepting-responses
 */
export function renderCaddyfile(options: CaddyfileOptions): string {
  const { port, attic, store, timeoutSec, graceSec } = options;
  return `{
	admin off
	auto_https off
	persist_config off
	grace_period ${graceSec}s
	log {
		format filter {
			wrap json
			request>uri query {
				replace X-Amz-Signature REDACTED
			}
		}
	}
	servers {
		timeouts {
			read_header 30s
			idle 5m
		}
	}
}

:${port} {
	respond /.entry/health 200
	reverse_proxy ${origin(attic)} {
		transport http {
			dial_timeout 5s
			response_header_timeout ${timeoutSec}s
			compression off
		}
		@store {
			status 307
			header Location ${origin(store)}/*
		}
		handle_response @store {
			map {rp.header.Location} {signed_uri} {
				~^${quoted(origin(store))}(/.*)$ "\${1}"
			}
			rewrite * {signed_uri}?
			reverse_proxy ${origin(store)} {
				method GET
				header_up Host ${store.authority}
				header_up -Authorization
				transport http {
					dial_timeout 5s
					response_header_timeout ${STORE_TIMEOUT_SEC}s
					compression off
				}
			}
		}
	}
}
`;
}

/** Scheme and host, with the port where it is not the scheme's own: also how a redirect begins. */
function origin({ scheme, authority }: Endpoint<'pod'>): string {
  return `${scheme}://${authority}`;
}

/** Text as a regular expression that matches it. */
function quoted(text: string): string {
  return text.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
}
