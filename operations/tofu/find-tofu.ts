import { Failure } from '../../console/failure.ts';
import { locate } from '../tools/locate.ts';
import { findOnPath } from '../tools/on-path.ts';
import { type Place, thisCheckout } from '../tools/place.ts';
import { programNamed } from '../tools/programs.ts';
import { askVersion } from '../tools/said-version.ts';

/** A tofu that can be used here. */
export interface FoundTofu {
  readonly path: string;
  /** Without a v. */
  readonly version: string;
  /** True for exactly the version that the rehearsals prove. */
  readonly pinned: boolean;
}

/**
 * Finds the pinned tofu, or else the one on PATH: for what only reads, any that the stacks allow will do, and tofu itself
 * refuses the others (`required_version`).
 *
 * @throws Failure when there is none
 */
export async function findTofu(place: Place = thisCheckout()): Promise<FoundTofu> {
  const located = await locate('tofu', place);
  if (located.status === 'found') {
    return { path: located.path, version: located.version, pinned: true };
  }
  const path = findOnPath('tofu', place.environment);
  const { says } = programNamed('tofu');
  if (path !== undefined && says !== undefined) {
    const said = await askVersion(path, says, place);
    if ('version' in said) return { path, version: said.version, pinned: false };
  }
  throw new Failure(
    `${located.because}\n    run ${located.fix}, enter the dev shell (nix develop), or see https://opentofu.org/docs/intro/install`,
  );
}
