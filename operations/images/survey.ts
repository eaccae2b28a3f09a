import type { Image } from '../../values/image.ts';
import type { Manifest, ManifestKind, Registry } from '../registry/registry.ts';
import { Unreachable } from '../registry/transport.ts';

/**
 * How a pin stands to its registry.
 *
 * - `same`: the tag has the pinned digest;
 * - `new`: the pin was unresolved, and the tag has a digest;
 * - `moved`: the tag has another digest, and the pinned one can still be pulled;
 * - `gone`: the tag has another digest or none, and the pinned one cannot be pulled any more;
 * - `unknown`: the registry could not be asked, or has nothing to fill the pin with.
 */
export type Standing = 'same' | 'new' | 'moved' | 'gone' | 'unknown';

/** One pin beside what its registry says. */
export interface Finding {
  readonly name: string;
  readonly image: Image;
  readonly standing: Standing;
  /** The digest that the registry has under the tag; undefined where it has none or could not be asked. */
  readonly found?: string | undefined;
  readonly kind?: ManifestKind | undefined;
  /** Why nothing is known. */
  readonly because?: string | undefined;
}

const AT_A_TIME = 4;

/** Asks the registries about every pin, a few at a time. The findings keep the order of the pins. */
export async function survey(
  pins: readonly (readonly [name: string, image: Image])[],
  registry: Registry,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const queue = [...pins.entries()];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, [name, image]] = next;
      findings[index] = { name, image, ...(await standingOf(image, registry)) };
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return findings;
}

async function standingOf(
  image: Image,
  registry: Registry,
): Promise<Omit<Finding, 'name' | 'image'>> {
  try {
    const manifest = await registry.manifestOf(image);
    if (image.digest === undefined) return standingOfUnresolved(image, manifest);
    const found = { found: manifest?.digest, kind: manifest?.kind };
    if (manifest?.digest === image.digest) return { standing: 'same', ...found };
    const isThere = await registry.has(image, image.digest);
    return { standing: isThere ? 'moved' : 'gone', ...found };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { standing: 'unknown', because: `${image.registry} ${error.message}` };
  }
}

function standingOfUnresolved(image: Image, manifest: Manifest | undefined) {
  return manifest === undefined
    ? ({ standing: 'unknown', because: `${image.registry} has no tag ${image.tag}` } as const)
    : ({ standing: 'new', found: manifest.digest, kind: manifest.kind } as const);
}
