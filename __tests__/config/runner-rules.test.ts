import { describe, expect, test } from 'vitest';
import { RUNNER_RULES } from '../../config/runner-rules.ts';
import { settingsSchema } from '../../config/settings.ts';

/** What the rules say of settings with these runners, each problem in one line. */
function problemsOf(runners: unknown): string[] {
  const settings = settingsSchema.parse({
    organization: { name: 'example', domain: 'example.org' },
    cluster: { name: 'ci' },
    objectStore: { kind: 'rustfs' },
    runners,
  });
  return RUNNER_RULES.flatMap((rule) => rule(settings)).map(
    ({ path, rule, value, remedy }) => `${path.join('.')} must ${rule}, got ${value}; ${remedy}`,
  );
}

const LANE = { type: 'nix', lane: 'operator', protected: true, concurrent: 1 };
const SET = {
  type: 'nix',
  lane: 'operator',
  runners: { max: 1 },
  url: 'https://github.com/a',
  runnerGroup: 'protected',
};
const SPOT = { key: 'spot', effect: 'NoExecute' };

describe('the rules of runner pools', () => {
  test('have nothing against lanes, quotas and pools that are right', () => {
    expect(
      problemsOf({
        gitlab: { pools: { lane: LANE, builds: { type: 'docker', tolerations: [SPOT] } } },
        github: { scaleSets: { 'other-lane': SET } },
        quotas: { 'gitlab-runners': quota(), lane: quota(), 'other-lane': quota() },
      }),
    ).toEqual([]);
  });

  test('rejects an operator lane that runs several jobs at a time', () => {
    const remedy = 'two jobs would only wait for the lock of the state: write 1';
    expect(
      problemsOf({
        gitlab: { pools: { lane: { ...LANE, managers: 2, concurrent: 3 } } },
        github: { scaleSets: { 'other-lane': { ...SET, runners: { max: 4 } } } },
      }),
    ).toEqual([
      `runners.gitlab.pools.lane.managers must be 1 in the operator lane, got 2; ${remedy}`,
      `runners.gitlab.pools.lane.concurrent must be 1 in the operator lane, got 3; ${remedy}`,
      `runners.github.scaleSets.other-lane.runners.max must be 1 in the operator lane, got 4; ${remedy}`,
    ]);
  });

  test('rejects the group of everybody for an operator lane, in whatever case', () => {
    const runnerGroup = 'Default';
    expect(problemsOf({ github: { scaleSets: { lane: { ...SET, runnerGroup } } } })).toEqual([
      'runners.github.scaleSets.lane.runnerGroup must be a group of its own in the operator lane, got Default; every workflow may use the group default: make one in the organization that only protected workflows may use, and name it',
    ]);
  });

  test('rejects a tag that leads jobs to pools of different trust, where it is written (W-A16)', () => {
    const dind = { type: 'dind', privilegedReason: 'images are built by a daemon' };
    const shared = (tag: string, path: string, less: string, more: string) =>
      `runners.gitlab.pools.${path} must not lead to pools of different trust, got ${tag}; GitLab gives a runner every job whose tags are among its own, so jobs for ${less} would run in ${more}; choose another tag`;
    const problems = (pools: unknown) => problemsOf({ gitlab: { pools } });
    expect(problems({ lane: { ...LANE, tags: ['dind'] }, images: dind })).toEqual([
      shared('dind', 'lane.tags.0', 'images', 'lane'),
    ]);
    expect(problems({ images: dind, builds: { type: 'docker', tags: ['dind'] } })).toEqual([
      shared('dind', 'builds.tags.0', 'builds', 'images'),
    ]);
    expect(problems({ images: { ...dind, tags: ['linux'] } })).toEqual([
      shared('linux', 'images.tags.0', 'the type docker', 'images'),
    ]);
  });

  test('lets pools of one trust share tags, and a lane have as many of its own as it likes', () => {
    const pools = {
      lane: { ...LANE, tags: ['apply', 'nix-apply'] },
      one: { type: 'docker', tags: ['team'] },
      two: { type: 'rocky9', tags: ['team', 'docker'] },
    };
    expect(problemsOf({ gitlab: { pools } })).toEqual([]);
  });

  test('lets two lanes have the same name for their Secrets, each in its own namespace', () => {
    const lane = { ...LANE, tokenSecret: 'token' };
    expect(problemsOf({ gitlab: { pools: { one: lane, two: lane } } })).toEqual([]);
  });

  test('lets a forge lie at a private address that is named for it, or at a public one', () => {
    expect(
      problemsOf({
        gitlab: { url: 'https://192.168.7.9', cidrs: ['192.168.7.8/29'] },
        github: { url: 'https://140.82.121.4/example' },
      }),
    ).toEqual([]);
    expect(
      problemsOf({ gitlab: { url: 'https://192.168.7.16', cidrs: ['192.168.7.8/29'] } }),
    ).toHaveLength(1);
  });

  test('rejects an operator lane whose jobs would run without its account', () => {
    const containerMode = 'kubernetes-novolume';
    expect(problemsOf({ github: { scaleSets: { lane: { ...SET, containerMode } } } })).toEqual([
      'runners.github.scaleSets.lane.containerMode must be none in the operator lane, got kubernetes-novolume; in the other modes the job runs in a pod without the account of the lane',
    ]);
  });

  test.each(['lane', 'gitlab-runners-privileged'])(
    'rejects two trust levels in the namespace %s',
    (name) => {
      const gitlab = name === 'lane' ? { gitlab: { pools: { lane: LANE } } } : {};
      expect(problemsOf({ ...gitlab, github: { scaleSets: { [name]: SET } } })).toEqual([
        `runners.github.scaleSets.${name} must bear a name of its own, since a lane makes a namespace of its name, got ${name}; another pool has that namespace: rename this one`,
      ]);
    },
  );

  test('rejects a quota that would bound nothing', () => {
    expect(problemsOf({ quotas: { 'nix-cache': quota() } })).toEqual([
      'runners.quotas.nix-cache must be the quota of a namespace with runners: gitlab-runners, arc-runners, got nix-cache; name one of them',
    ]);
  });

  test('rejects a pool in a name that the project gives away itself', () => {
    expect(problemsOf({ gitlab: { pools: { 'flywheel-jobs': { type: 'docker' } } } })).toEqual([
      'runners.gitlab.pools.flywheel-jobs must not begin with "flywheel-", got flywheel-jobs; accounts and tasks of the project are named so; choose another name',
    ]);
  });

  test('rejects a taint with two effects for GitLab, which keeps one', () => {
    const tolerations = [SPOT, { ...SPOT, effect: 'NoSchedule' }];
    expect(problemsOf({ gitlab: { pools: { builds: { type: 'docker', tolerations } } } })).toEqual([
      'runners.gitlab.pools.builds.tolerations.1 must be of a taint that is named once, got spot; GitLab Runner keeps one effect for each taint; remove one of the two',
    ]);
    expect(
      problemsOf({
        github: { scaleSets: { builds: { type: 'docker', tolerations, url: SET.url } } },
      }),
    ).toEqual([]);
  });
});

function quota() {
  const amounts = { cpu: 16, memory: '32Gi' };
  return { requests: amounts, limits: amounts, pods: 50 };
}
