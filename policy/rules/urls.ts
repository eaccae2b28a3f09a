/** An address in a text. */
export interface FoundUrl {
  readonly url: string;
  readonly scheme: string;
  readonly host: string;
  /** As written; empty for the scheme's own. */
  readonly port: string;
}

const URL_IN_TEXT =
  /\b([a-z][a-z0-9+.-]*):\/\/((?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+))(?::(\d{1,5}))?/g;

/** Every address in the text that names a host. */
export function urlsIn(text: string): FoundUrl[] {
  if (!text.includes('://')) return [];
  return [...text.matchAll(URL_IN_TEXT)].map(([url, scheme = '', host = '', port = '']) => ({
    url,
    scheme,
    host: host.toLowerCase(),
    port,
  }));
}
