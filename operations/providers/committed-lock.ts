import { existsSync, readFileSync } from 'node:fs';
import { type LockedProvider, parseLock, renderLock } from './lock-file.ts';
import type { RequiredProvider } from './required-providers.ts';

/** The providers of all stacks with the hashes of their released packages. */
export const COMMITTED_LOCK = 'locks/providers.lock.hcl';

const HEADER = [
  '# The released packages of the providers. A stack is locked to those of them that it requires, in `.terraform.lock.hcl`',
  '# beside its JSON. Brought up to date by `just lock`, which asks the registry.',
];

/** What is committed. */
export function readCommittedLock(file: string = COMMITTED_LOCK): LockedProvider[] {
  return existsSync(file) ? parseLock(readFileSync(file, 'utf8')) : [];
}

/** The committed file with some of its providers renewed; the others stay. */
export function committedLockWith(
  renewed: readonly LockedProvider[],
  committed: readonly LockedProvider[],
): string {
  const addresses = new Set(renewed.map(({ address }) => address));
  const others = committed.filter(({ address }) => !addresses.has(address));
  return renderLock([...others, ...renewed], HEADER);
}

/** The locks of exactly the required providers in the required versions; what is not locked yet is left out. */
export function locksFor(
  required: readonly RequiredProvider[],
  committed: readonly LockedProvider[],
): LockedProvider[] {
  return required.flatMap(({ address, version }) =>
    committed.filter((locked) => locked.address === address && locked.version === version),
  );
}
