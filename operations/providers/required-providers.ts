/** A provider that the JSON of a stack requires, in exactly one version. */
export interface RequiredProvider {
  /** Its name inside the stack. */
  readonly name: string;
  /** With the host, as a lock file has it. */
  readonly address: string;
  readonly version: string;
}

const HOST = 'registry.opentofu.org';
const NAMESPACE = 'hashicorp';

/** The providers that a stack requires, by name. */
export function requiredProviders(json: unknown): RequiredProvider[] {
  const { terraform } = json as {
    readonly terraform?: {
      readonly required_providers?: Readonly<Record<string, { source: string; version: string }>>;
    };
  };
  return Object.entries(terraform?.required_providers ?? {})
    .map(([name, { source, version }]) => ({ name, address: addressOf(source), version }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** A source with the host and the namespace that it leaves out. */
function addressOf(source: string): string {
  const parts = source.split('/');
  return [...[HOST, NAMESPACE].slice(0, 3 - parts.length), ...parts].join('/');
}
