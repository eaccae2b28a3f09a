import type { Conflict } from './cross-rules.ts';
import { namespaceOfPool, type RunnerNamespace } from './runner-namespaces.ts';
import { RUNNER_TYPES, type RunnerTypeName, runnerType } from './runner-types.ts';
import type { Settings } from './settings.ts';

/** By which overlays reach runners that are hosted elsewhere. */
const FOREIGN_TAG = 'kubernetes';

/** What the jobs of a pool may touch; a job must never end up in a pool of a higher rank than it asked for. */
const RANKS: Readonly<Record<RunnerNamespace['trust'], number>> = {
  jobs: 0,
  'privileged-jobs': 1,
  operator: 2,
};

/** What decides about the tags of a GitLab pool. */
interface TaggedPool {
  readonly type: RunnerTypeName;
  readonly lane?: 'operator' | undefined;
  readonly tags: readonly string[];
}

/** Something that a tag leads to: a pool, or a type of which a pool may be made tomorrow. */
interface Server {
  readonly name: string;
  readonly rank: number;
  readonly tags: readonly string[];
}

interface ServingPool extends Server {
  readonly path: readonly string[];
  /** The tags that stand in the settings, at their places. */
  readonly written: readonly string[];
}

/**
 * The tags that a GitLab pool serves: those of its type, then its own.
 *
 * The operator lane has its own only, or else its name. GitLab gives a runner every job whose tags are among its own, so
 * with those of its type the lane would run the jobs of anybody who asks for that type.
 */
export function gitlabTags(name: string, { type, lane, tags }: TaggedPool): string[] {
  if (lane === 'operator') return tags.length === 0 ? [name] : [...new Set(tags)];
  return [...new Set([...runnerType(type).tags, ...tags])];
}

/** What must hold of the tags of GitLab pools. */
export const TAG_RULES: readonly ((settings: Settings) => Conflict[])[] = [
  function trustLevelsShareNoTag(settings) {
    const pools = servingPools(settings);
    return pools.flatMap((pool, index) => {
      const others = [...pools.slice(0, index), ...pools.slice(index + 1)].filter(
        // Two lanes have accounts of their own, so the second has to keep apart from the first too.
        (other) => other.rank < pool.rank || (isLane(pool) && pools.indexOf(other) < index),
      );
      return pool.tags.flatMap((tag) => {
        const other = [...others, ...typesBelow(pool)].find(({ tags }) => tags.includes(tag));
        return other === undefined ? [] : [sharedTag(tag, pool, other)];
      });
    });
  },
  function poolsLeaveTheTagOfHostedRunners(settings) {
    return servingPools(settings).flatMap(({ path, written }) =>
      written.flatMap((tag, index) =>
        tag === FOREIGN_TAG
          ? [
              {
                path: [...path, 'tags', index],
                rule: `be another than ${FOREIGN_TAG}`,
                value: tag,
                remedy:
                  'overlays use it to reach runners that are hosted elsewhere; choose another',
              },
            ]
          : [],
      ),
    );
  },
];

function servingPools(settings: Settings): ServingPool[] {
  const { pools } = settings.runners.gitlab;
  return Object.entries(pools).map(([name, pool]) => ({
    name,
    path: ['runners', 'gitlab', 'pools', name],
    rank: RANKS[namespaceOfPool(settings, 'gitlab', name, pool).trust],
    tags: gitlabTags(name, pool),
    written: pool.tags,
  }));
}

function isLane({ rank }: Server): boolean {
  return rank === RANKS.operator;
}

/** The types whose jobs are less trusted: a pool of them may be made at any time, here or elsewhere. */
function typesBelow({ rank }: Server): Server[] {
  return (Object.keys(RUNNER_TYPES) as RunnerTypeName[])
    .map((name) => {
      const { tags, privilegedBecause } = runnerType(name);
      const trust = privilegedBecause === undefined ? 'jobs' : 'privileged-jobs';
      return { name: `the type ${name}`, rank: RANKS[trust], tags };
    })
    .filter((type) => type.rank < rank);
}

/** Points at a tag that somebody wrote, which is the one to change. */
function sharedTag(tag: string, pool: ServingPool, other: Server | ServingPool): Conflict {
  const pools = 'written' in other ? [pool, other] : [pool];
  const writer = pools.find(({ written }) => written.includes(tag));
  return {
    path: writer === undefined ? pool.path : [...writer.path, 'tags', writer.written.indexOf(tag)],
    rule: 'not lead to pools of different trust',
    value: tag,
    remedy: `GitLab gives a runner every job whose tags are among its own, so jobs for ${other.name} would run in ${pool.name}; choose another tag`,
  };
}
