import type { Conflict } from './cross-rules.ts';
import { FORGE_RULES } from './forge-addresses.ts';
import { namespaceOfPool, runnerNamespaces } from './runner-namespaces.ts';
import { TAG_RULES } from './runner-tags.ts';
import type { Settings } from './settings.ts';

type Path = readonly string[];

/** Names that begin so belong to the project, in every namespace of runners. */
const OWN_PREFIX = 'flywheel-';

/** The group that GitHub makes by itself, in lower case; names of groups have no case. */
const EVERYBODYS_GROUP = 'default';

const SHARED_NAMESPACE = {
  rule: 'bear a name of its own, since a lane makes a namespace of its name',
  remedy: 'another pool has that namespace: rename this one',
};

/** What must hold between the runner pools and the rest of the settings. */
export const RUNNER_RULES: readonly ((settings: Settings) => Conflict[])[] = [
  function operatorLanesRunOneJobAtATime(settings) {
    const remedy = 'two jobs would only wait for the lock of the state: write 1';
    const gitlab = lanesOf(settings.runners.gitlab.pools).flatMap(([name, pool]) =>
      (['managers', 'concurrent'] as const)
        .filter((field) => pool[field] !== 1)
        .map((field) => ({ at: [...gitlabPool(name), field], value: pool[field] })),
    );
    const github = lanesOf(settings.runners.github.scaleSets)
      .filter(([, { runners }]) => runners.max !== 1)
      .map(([name, { runners }]) => ({
        at: [...scaleSet(name), 'runners', 'max'],
        value: runners.max,
      }));
    return [...gitlab, ...github].map(({ at, value }) => ({
      path: at,
      rule: 'be 1 in the operator lane',
      value,
      remedy,
    }));
  },
  function operatorLanesRunTheirJobsThemselves({ runners }) {
    return lanesOf(runners.github.scaleSets)
      .filter(([, { containerMode }]) => containerMode?.startsWith('kubernetes'))
      .map(([name, { containerMode }]) => ({
        path: [...scaleSet(name), 'containerMode'],
        rule: 'be none in the operator lane',
        value: containerMode,
        remedy: 'in the other modes the job runs in a pod without the account of the lane',
      }));
  },
  function operatorLanesHaveARunnerGroup({ runners }) {
    return lanesOf(runners.github.scaleSets)
      .filter(([, { runnerGroup }]) => runnerGroup.toLowerCase() === EVERYBODYS_GROUP)
      .map(([name, { runnerGroup }]) => ({
        path: [...scaleSet(name), 'runnerGroup'],
        rule: 'be a group of its own in the operator lane',
        value: runnerGroup,
        remedy:
          'every workflow may use the group default: make one in the organization that only protected workflows may use, and name it',
      }));
  },
  function poolsShareNoToken(settings) {
    const taken = new Set<string>();
    return Object.entries(settings.runners.gitlab.pools).flatMap(([name, pool]) => {
      const secret = pool.tokenSecret ?? `${name}-token`;
      const place = `${namespaceOfPool(settings, 'gitlab', name, pool).name}/${secret}`;
      const again = taken.has(place);
      taken.add(place);
      return again
        ? [
            {
              path: [...gitlabPool(name), 'tokenSecret'],
              rule: 'be a Secret of its own',
              value: secret,
              remedy:
                'a token is that of one runner, with one set of tags in GitLab: two pools with it take the jobs of each other',
            },
          ]
        : [];
    });
  },
  function lanesOfBothForgesDiffer(settings) {
    const { namespaces } = settings;
    const taken = new Set(
      [namespaces.gitlabRunners, namespaces.arcRunners].map((common) => `${common}-privileged`),
    );
    const lanes = [
      ...lanesOf(settings.runners.gitlab.pools).map(([name]) => ({ name, path: gitlabPool(name) })),
      ...lanesOf(settings.runners.github.scaleSets).map(([name]) => ({
        name,
        path: scaleSet(name),
      })),
    ];
    return lanes.flatMap(({ name, path }) => {
      const again = taken.has(name);
      taken.add(name);
      return again ? [{ path, ...SHARED_NAMESPACE, value: name }] : [];
    });
  },
  function quotasAreOfRunnerNamespaces(settings) {
    const known = (['gitlab', 'github'] as const)
      .flatMap((forge) => runnerNamespaces(settings, forge))
      .map(({ name }) => name);
    return Object.keys(settings.runners.quotas)
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: ['runners', 'quotas', name],
        rule: `be the quota of a namespace with runners: ${known.join(', ')}`,
        value: name,
        remedy: 'name one of them',
      }));
  },
  function poolsKeepOurNamesFree({ runners }) {
    const paths = [
      ...Object.keys(runners.gitlab.pools).map(gitlabPool),
      ...Object.keys(runners.github.scaleSets).map(scaleSet),
    ];
    return paths
      .filter((path) => path.at(-1)?.startsWith(OWN_PREFIX))
      .map((path) => ({
        path,
        rule: `not begin with "${OWN_PREFIX}"`,
        value: path.at(-1),
        remedy: 'accounts and tasks of the project are named so; choose another name',
      }));
  },
  function gitlabTaintsHaveOneEffect({ runners }) {
    return Object.entries(runners.gitlab.pools).flatMap(([name, { tolerations }]) =>
      tolerations.flatMap(({ key, value }, index) =>
        tolerations.findIndex((other) => other.key === key && other.value === value) === index
          ? []
          : [
              {
                path: [...gitlabPool(name), 'tolerations', index],
                rule: 'be of a taint that is named once',
                value: value === '' ? key : `${key}=${value}`,
                remedy: 'GitLab Runner keeps one effect for each taint; remove one of the two',
              },
            ],
      ),
    );
  },
  ...TAG_RULES,
  ...FORGE_RULES,
];

function lanesOf<P extends { readonly lane?: 'operator' | undefined }>(
  pools: Readonly<Record<string, P>>,
): [string, P][] {
  return Object.entries(pools).filter(([, { lane }]) => lane === 'operator');
}

function gitlabPool(name: string): Path {
  return ['runners', 'gitlab', 'pools', name];
}

function scaleSet(name: string): Path {
  return ['runners', 'github', 'scaleSets', name];
}
