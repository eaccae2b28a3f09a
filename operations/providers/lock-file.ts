/** What a lock file says about one provider: the version, and the hashes of the packages it may be installed from. */
export interface LockedProvider {
  /** With the host, such as `registry.opentofu.org/hashicorp/helm`. */
  readonly address: string;
  readonly version: string;
  readonly constraints: string;
  /** Sorted. */
  readonly hashes: readonly string[];
}

const HEADER = [
  '# This file is maintained automatically by "tofu init".',
  '# Manual edits may be lost in future updates.',
];
const BLOCK = /^provider "([^"]+)" \{\n([\s\S]*?)^\}$/gm;

/** Reads a lock file as tofu writes it. */
export function parseLock(text: string): LockedProvider[] {
  return [...text.matchAll(BLOCK)].map(([, address = '', body = '']) => ({
    address,
    version: attribute(body, 'version'),
    constraints: attribute(body, 'constraints'),
    hashes: [...body.matchAll(/^ +"((?:h1|zh):[^"]+)",/gm)].map(([, hash = '']) => hash).sort(),
  }));
}

function attribute(body: string, name: string): string {
  return new RegExp(`^ +${name} *= *"([^"]*)"`, 'm').exec(body)?.[1] ?? '';
}

/**
 * Writes a lock file as tofu does, so that tofu finds nothing to change.
 *
 * @param header the comment at the top. @default that of tofu
 */
export function renderLock(
  providers: readonly LockedProvider[],
  header: readonly string[] = HEADER,
): string {
  const blocks = [...providers]
    .sort((one, other) => (one.address < other.address ? -1 : 1))
    .map(({ address, version, constraints, hashes }) =>
      [
        `provider "${address}" {`,
        `  version     = "${version}"`,
        `  constraints = "${constraints}"`,
        '  hashes = [',
        ...[...hashes].sort().map((hash) => `    "${hash}",`),
        '  ]',
        '}',
      ].join('\n'),
    );
  return `${[header.join('\n'), ...blocks].join('\n\n')}\n`;
}
