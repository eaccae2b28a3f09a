import { runnerType } from './runner-types.ts';
import type { Settings } from './settings.ts';

/** Where the jobs of a pool run, by how far they are trusted. */
export interface RunnerNamespace {
  readonly name: string;
  readonly trust: 'jobs' | 'privileged-jobs' | 'operator';
}

type Forge = 'gitlab' | 'github';
type Pool = Pick<Settings['runners']['gitlab']['pools'][string], 'type' | 'lane'>;

/** The namespace of one pool: the forge's own, its privileged twin, or that of the operator lane. */
export function namespaceOfPool(
  { namespaces }: Settings,
  forge: Forge,
  name: string,
  pool: Pool,
): RunnerNamespace {
  const common = forge === 'gitlab' ? namespaces.gitlabRunners : namespaces.arcRunners;
  if (pool.lane === 'operator') return { name, trust: 'operator' };
  return runnerType(pool.type).privilegedBecause === undefined
    ? { name: common, trust: 'jobs' }
    : { name: `${common}-privileged`, trust: 'privileged-jobs' };
}

/** Every namespace that a forge's pools need, the common one always among them. */
export function runnerNamespaces(settings: Settings, forge: Forge): RunnerNamespace[] {
  const { gitlab, github } = settings.runners;
  const pools: Readonly<Record<string, Pool>> =
    forge === 'gitlab' ? gitlab.pools : github.scaleSets;
  const common =
    forge === 'gitlab' ? settings.namespaces.gitlabRunners : settings.namespaces.arcRunners;
  const found = new Map<string, RunnerNamespace>([[common, { name: common, trust: 'jobs' }]]);
  for (const name of Object.keys(pools).sort()) {
    const pool = pools[name];
    if (pool === undefined) continue;
    const namespace = namespaceOfPool(settings, forge, name, pool);
    found.set(namespace.name, namespace);
  }
  return [...found.values()];
}
