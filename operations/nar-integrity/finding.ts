import { bad, type Check } from '../kubernetes/check.ts';

/** What can be proved to be wrong with a path in a cache. The words are stable, for scripts. */
export type FindingKind =
  | 'cache-missing'
  | 'path-missing'
  | 'narinfo-unreadable'
  | 'narinfo-lies'
  | 'signature-wrong'
  | 'signature-missing'
  | 'body-missing'
  | 'body-incomplete'
  | 'body-truncated'
  | 'body-damaged'
  | 'body-wrong';

/** An outcome, with what is wrong by one word where something is. */
export type Row = Check & { readonly finding?: FindingKind };

/** What the advice speaks of. */
export interface Advice {
  readonly cache: string;
  /** The address of the cache, as Nix takes it. */
  readonly substituter: string;
  /** How to look at the store of the bodies: an imperative. */
  readonly lookAtStore: string;
}

const DEBT =
  'keep "nix build --fallback" on in CI and file it as cache-availability debt: it is no state incident';
const PUSH_AGAIN = 'remove the path from the cache and push it again';
const DEDUPLICATED =
  'while the database of Attic still lists what the store has lost, a push is deduplicated and heals nothing';

const REMEDIES: Readonly<Record<FindingKind, (advice: Advice) => string>> = {
  'cache-missing': () =>
    'compare --cache and --endpoint with "just info"; a declared cache is made when the stack attic is applied',
  'path-missing': () => 'push it, or leave it to be built: Nix asks the next substituter by itself',
  'narinfo-unreadable': () => `${DEBT}; ${PUSH_AGAIN}`,
  'narinfo-lies': () => `${DEBT}; ${PUSH_AGAIN}`,
  'signature-wrong': ({ cache }) =>
    `trust no body of it: find out who has signed, and compare attic.caches.${cache}.publicKey with what the server says; then ${PUSH_AGAIN}`,
  'signature-missing': () =>
    `Nix refuses it where it requires signatures: ${PUSH_AGAIN}, or prove the body alone by --without-signature`,
  'body-missing': ({ lookAtStore }) => lost(lookAtStore),
  'body-incomplete': ({ lookAtStore }) => lost(lookAtStore),
  'body-truncated': ({ lookAtStore }) => lost(lookAtStore),
  'body-damaged': ({ lookAtStore }) => lost(lookAtStore),
  'body-wrong': ({ lookAtStore }) => lost(lookAtStore),
};

/** An outcome that is proved to be bad, with what to do. */
export function found(name: string, finding: FindingKind, problem: string, advice: Advice): Row {
  return { ...bad(name, problem, REMEDIES[finding](advice)), finding };
}

function lost(lookAtStore: string): string {
  return `${DEBT}; ${lookAtStore}; then ${PUSH_AGAIN} (${DEDUPLICATED})`;
}
