import { add, type BrokenSettings, change } from './broken-settings.ts';

/** A pool of GitLab on line 11, before those of GitHub. */
function gitlab(pools: string): string {
  return change('runners:', `runners:\n  gitlab: { pools: { ${pools} } }`);
}

const LANE = 'type: nix, lane: operator, protected: true, concurrent: 1';
const REASON = 'privilegedReason: images are built from Dockerfiles';

/** Runner pools that would take the wrong jobs, or none. */
export const BROKEN_RUNNERS: readonly BrokenSettings[] = [
  {
    kind: 'a lane with a tag that its type has',
    text: gitlab(`lane: { ${LANE}, tags: [apply, nix] }`),
    says: [
      '11:103  runners.gitlab.pools.lane.tags.1 must not lead to pools of different trust, got "nix"',
      '    GitLab gives a runner every job whose tags are among its own, so jobs for the type nix would run in lane; choose another tag',
    ],
  },
  {
    kind: 'a lane with the name of a tag that another pool has',
    text: gitlab(`apply: { ${LANE} }, builds: { type: docker, tags: [apply] }`),
    says: [
      '11:123  runners.gitlab.pools.builds.tags.0 must not lead to pools of different trust, got "apply"',
      '    GitLab gives a runner every job whose tags are among its own, so jobs for builds would run in apply; choose another tag',
    ],
  },
  {
    kind: 'a lane with the name of a tag of a type',
    text: gitlab(`flakes: { ${LANE} }`),
    says: [
      '11:30  runners.gitlab.pools.flakes must not lead to pools of different trust, got "flakes"',
      '    GitLab gives a runner every job whose tags are among its own, so jobs for the type nix would run in flakes; choose another tag',
    ],
  },
  {
    kind: 'two lanes with one tag',
    text: gitlab(`one: { ${LANE}, tags: [apply] }, two: { ${LANE}, tags: [apply] }`),
    says: [
      '11:178  runners.gitlab.pools.two.tags.0 must not lead to pools of different trust, got "apply"',
      '    GitLab gives a runner every job whose tags are among its own, so jobs for one would run in two; choose another tag',
    ],
  },
  {
    kind: 'a privileged pool for jobs of every image',
    text: gitlab(`images: { type: dind, ${REASON}, tags: [docker] }`),
    says: [
      '11:104  runners.gitlab.pools.images.tags.0 must not lead to pools of different trust, got "docker"',
      '    GitLab gives a runner every job whose tags are among its own, so jobs for the type docker would run in images; choose another tag',
    ],
  },
  {
    kind: 'a pool with the tag of hosted runners',
    text: gitlab('builds: { type: docker, tags: [kubernetes] }'),
    says: [
      '11:53  runners.gitlab.pools.builds.tags.0 must be another than kubernetes, got "kubernetes"',
      '    overlays use it to reach runners that are hosted elsewhere; choose another',
    ],
  },
  {
    kind: 'two pools with one token',
    text: gitlab('a: { type: docker, tokenSecret: b-token }, b: { type: nix }'),
    says: [
      '11:68  runners.gitlab.pools.b.tokenSecret must be a Secret of its own, got "b-token" (the default)',
      '    a token is that of one runner, with one set of tags in GitLab: two pools with it take the jobs of each other',
    ],
  },
  {
    kind: 'a lane in the group of everybody',
    text: add('      lane: { type: nix, lane: operator, runners: { max: 1 } }'),
    says: [
      '15:13  runners.github.scaleSets.lane.runnerGroup must be a group of its own in the operator lane, got "default" (the default)',
      '    every workflow may use the group default: make one in the organization that only protected workflows may use, and name it',
    ],
  },
  {
    kind: 'a type without the image that is its point',
    text: add('      packages: { type: rocky9 }'),
    says: [
      '15:17  runners.github.scaleSets.packages.containerMode must be a mode in which a job can name its image, which is what rocky9 is for, got "none" (the default)',
      '    write kubernetes-novolume: in the mode none jobs run in the image of the runner, and nothing there starts containers',
    ],
  },
  {
    kind: 'a lane of a type without its image',
    text: add(
      '      lane: { type: l40s, lane: operator, runnerGroup: g, runners: { max: 1 }, containerMode: none }',
    ),
    says: [
      '15:95  runners.github.scaleSets.lane.containerMode must be a mode in which a job can name its image, which is what l40s is for, got "none"',
      '    jobs of the operator lane run in the image of the runner: choose the type nix or docker',
    ],
  },
  {
    kind: 'a GitLab that no job reaches',
    text: change('runners:', 'runners:\n  gitlab: { url: "https://192.168.7.9:8443" }'),
    says: [
      '11:18  runners.gitlab.url must be reachable, and jobs reach no private address, got "https://192.168.7.9:8443"',
      '    add 192.168.7.9/32 to runners.gitlab.cidrs',
    ],
  },
  {
    kind: 'a GitHub that no job reaches, in a strange notation',
    text: change(
      'https://github.com/example',
      'https://0x0a.0.0.7/example\n    cidrs: [10.1.0.0/16]',
    ),
    says: [
      '12:10  runners.github.url must be reachable, and jobs reach no private address, got "https://0x0a.0.0.7/example"',
      '    add 10.0.0.7/32 to runners.github.cidrs',
    ],
  },
];
