import { Failure } from '../../console/failure.ts';
import { type ClusterClient, forEachOf } from '../../operations/kubernetes/cluster-client.ts';
import { asObject, asText, at } from '../../policy/model/json.ts';
import {
  type ReleaseRecord,
  type ReleaseStanding,
  recordsOf,
  standingOfRelease,
} from './helm-releases.ts';
import { type Identity, identityOf } from './identity.ts';
import type { Creation } from './left-journal.ts';

/** A resource that the JSON of a stack declares. */
export interface DeclaredResource {
  readonly address: string;
  readonly type: string;
  readonly identity: Identity;
}

/** What a resource came to that is declared, or was made by a run, and is in no state. */
export type Orphan = {
  readonly address: string;
  readonly type: string;
} & (
  | {
      /** It is there, and is taken in. `ask` when only its provider can say whether it is there. */
      readonly what: 'ask' | 'import';
      readonly importId: string;
      /** Since when it is there, in ISO 8601. */
      readonly since?: string;
      /** What the journal knows of it. */
      readonly made?: Creation['how'];
    }
  /** It is not there: the next apply makes it. */
  | { readonly what: 'absent' }
  /** It was there before the run began: somebody else has made it. */
  | { readonly what: 'older'; readonly importId: string; readonly since: string }
  /** It was made, and has no identity outside of the state: the next apply makes it a second time. */
  | { readonly what: 'duplicated'; readonly made: Creation['how'] }
  /** A person has to look. */
  | { readonly what: 'unresolved'; readonly because: string }
);

/** What was found in the cluster. */
export interface Look {
  readonly orphans: readonly Orphan[];
  /** Records of releases that were begun and never ended, also of releases that are in the state. */
  readonly unfinished: readonly ReleaseRecord[];
}

/** What is compared. */
export interface Comparison {
  readonly declared: readonly DeclaredResource[];
  /** Addresses that the state holds. */
  readonly inState: ReadonlySet<string>;
  readonly creations: readonly Creation[];
  /** When the first of the runs began that were killed; undefined where no journal tells. */
  readonly begun: string | undefined;
  /** Whether what is older than that is taken in as well. */
  readonly takesOlder: boolean;
}

const NO_RELEASE: ReleaseStanding = { unfinished: [], importable: false, since: undefined };

/** Clocks of two machines may differ by so much. */
const SKEW_MS = 5 * 60_000;

/** What the JSON of a stack declares. */
export function declaredResources(json: unknown): DeclaredResource[] {
  return Object.entries(asObject(at(json, 'resource'))).flatMap(([type, resources]) =>
    Object.entries(asObject(resources)).map(([name, resource]) => ({
      address: `${type}.${name}`,
      type,
      identity: identityOf(type, resource),
    })),
  );
}

/**
 * Compares what is declared, what was made, and what a state holds with what is there.
 *
 * @param client not needed for a stack that has nothing in a cluster
 * @throws Failure when the cluster does not answer
 */
export async function lookForOrphans(
  client: ClusterClient | undefined,
  comparison: Comparison,
): Promise<Look> {
  const { declared, inState, creations } = comparison;
  const made = new Map(creations.map((creation) => [creation.address, creation]));
  const looked = await forEachOf(declared, async (resource) => {
    const known = inState.has(resource.address);
    const creation = made.get(resource.address);
    const look = new ResourceLook(client, resource, creation, comparison);
    return await look.result(known);
  });
  const addresses = new Set(declared.map(({ address }) => address));
  const undeclared = creations
    .filter(
      ({ address, how }) => !addresses.has(address) && !inState.has(address) && how !== 'failed',
    )
    .map(undeclaredOrphan);
  return {
    orphans: [...looked.flatMap(({ orphans }) => orphans), ...undeclared],
    unfinished: looked.flatMap(({ unfinished }) => unfinished),
  };
}

class ResourceLook {
  private readonly cluster: ClusterClient | undefined;
  private readonly resource: DeclaredResource;
  private readonly creation: Creation | undefined;
  private readonly comparison: Comparison;

  constructor(
    cluster: ClusterClient | undefined,
    resource: DeclaredResource,
    creation: Creation | undefined,
    comparison: Comparison,
  ) {
    this.cluster = cluster;
    this.resource = resource;
    this.creation = creation;
    this.comparison = comparison;
  }

  async result(inState: boolean): Promise<Look> {
    const { identity } = this.resource;
    if (identity.kind === 'release') return await this.release(identity, inState);
    if (inState) return { orphans: [], unfinished: [] };
    return { orphans: [await this.orphan(identity)], unfinished: [] };
  }

  private get client(): ClusterClient {
    if (this.cluster !== undefined) return this.cluster;
    throw new Failure(`${this.resource.address} is in a cluster, and none is at hand`);
  }

  private async orphan(identity: Exclude<Identity, { kind: 'release' }>): Promise<Orphan> {
    if (identity.kind === 'object') return await this.object(identity);
    if (identity.kind === 'elsewhere') return this.ask(identity.importId);
    if (identity.kind === 'none') return this.nowhere();
    // What the run was told to have made is an id that its provider may take.
    const { idValue } = this.creation ?? {};
    return idValue === undefined ? this.untold(identity.because) : this.ask(idValue);
  }

  private async object({ importId, path }: Extract<Identity, { kind: 'object' }>): Promise<Orphan> {
    const live = await this.client.get(path);
    if (live === undefined) return this.with({ what: 'absent' });
    if (asText(at(live, 'metadata', 'deletionTimestamp')) !== undefined) {
      const because = 'it is being removed; wait until it is gone, and look again';
      return this.with({ what: 'unresolved', because });
    }
    return this.there(importId, asText(at(live, 'metadata', 'creationTimestamp')));
  }

  private async release(
    { importId, ...release }: Extract<Identity, { kind: 'release' }>,
    inState: boolean,
  ): Promise<Look> {
    const standing = standingOfRelease(await recordsOf(this.client, release));
    const { unfinished, importable, since } = standing ?? NO_RELEASE;
    if (inState) return { orphans: [], unfinished: importable ? unfinished : [] };
    if (standing === undefined) return { orphans: [this.with({ what: 'absent' })], unfinished };
    const there = this.there(importId, since);
    // What is not ours is not mended either.
    if (there.what === 'older') return { orphans: [there], unfinished: [] };
    return { orphans: [importable ? there : this.with({ what: 'absent' })], unfinished };
  }

  private there(importId: string, since = ''): Orphan {
    const { begun, takesOlder } = this.comparison;
    const older = begun !== undefined && Date.parse(since) < Date.parse(begun) - SKEW_MS;
    const byRun = this.creation?.how === 'made';
    if (older && !byRun && !takesOlder) return this.with({ what: 'older', importId, since });
    return this.with({ what: 'import', importId, since, ...this.made() });
  }

  private ask(importId: string): Orphan {
    return this.with({ what: 'ask', importId, ...this.made() });
  }

  private nowhere(): Orphan {
    const { how } = this.creation ?? {};
    return how === undefined || how === 'failed'
      ? this.with({ what: 'absent' })
      : this.with({ what: 'duplicated', made: how });
  }

  private untold(because: string): Orphan {
    const { how } = this.creation ?? {};
    if (how === undefined || how === 'failed') return this.with({ what: 'absent' });
    return this.with({ what: 'unresolved', because: `it was ${how}, and ${because}` });
  }

  private made(): { readonly made?: Creation['how'] } {
    return this.creation === undefined ? {} : { made: this.creation.how };
  }

  private with<T extends object>(rest: T): T & { readonly address: string; readonly type: string } {
    const { address, type } = this.resource;
    return { address, type, ...rest };
  }
}

/** Tofu takes in only what is declared. */
function undeclaredOrphan({ address, type, how, idValue }: Creation): Orphan {
  const id = idValue === undefined ? '' : ` with the id ${idValue}`;
  return {
    address,
    type,
    what: 'unresolved',
    because: `it was ${how}${id}, and is no longer declared; synthesize what was applied then, or remove it by hand`,
  };
}
