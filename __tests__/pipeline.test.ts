import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readImages } from '../config/images.ts';
import { readSettings } from '../config/read-settings.ts';
import { gitlabTags } from '../config/runner-tags.ts';

interface Job {
  readonly extends?: string;
  readonly stage?: string;
  readonly image?: string;
  readonly tags?: readonly string[];
  readonly script?: readonly string[];
  readonly before_script?: readonly string[];
  readonly needs?: readonly string[];
  readonly rules?: readonly { readonly if: string; readonly when?: string }[];
  readonly retry?: unknown;
  readonly after_script?: readonly string[];
  readonly resource_group?: string;
  readonly parallel?: { readonly matrix: readonly { readonly STACK: readonly string[] }[] };
  readonly interruptible?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
  readonly cache?: { readonly policy: string };
  readonly artifacts?: { readonly paths: readonly string[]; readonly when?: string };
}

const TEXT = readFileSync('.gitlab-ci.yml', 'utf8');
const PIPELINE = parse(TEXT) as {
  readonly stages: readonly string[];
  readonly default: Job;
  readonly variables: Readonly<Record<string, string>>;
  readonly workflow: {
    readonly rules: readonly { readonly if: string; readonly variables?: object }[];
  };
};
const RESERVED = new Set(['stages', 'default', 'variables', 'workflow', 'include']);
const ENTRIES = Object.entries(PIPELINE as unknown as Record<string, Job>).filter(
  ([name]) => !RESERVED.has(name),
);
const TEMPLATES = Object.fromEntries(ENTRIES.filter(([name]) => name.startsWith('.')));
const JOBS = ENTRIES.filter(([name]) => !name.startsWith('.')).map(([name, job]): [string, Job] => [
  name,
  { ...PIPELINE.default, ...inherited(job), ...job },
]);

/** What a job has from the templates that it extends, one behind the other. */
function inherited({ extends: name }: Job): Job {
  const template = TEMPLATES[name ?? ''];
  return template === undefined ? {} : { ...inherited(template), ...template };
}

const RECIPES = [
  ...readFileSync('justfile', 'utf8').matchAll(/^([a-z][a-z-]*)(?: [^:=\n]*)?:(?!=)/gm),
].map(([, name = '']) => name);
const LISTER = 'tools/gitlab-ci-local/node_modules/.bin/gitlab-ci-local';

const ON_BRANCH = '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH';
const UNSCHEDULED = '$CI_PIPELINE_SOURCE != "schedule"';

/** Jobs that reach a state: they are not for merge requests. */
const STATEFUL = JOBS.filter(([, { script = [] }]) => /just tofu-/.test(script.join()));
const CANARY = JOBS.filter(([name]) => name === 'canary');
const OTHERS = JOBS.filter((job) => !STATEFUL.includes(job) && !CANARY.includes(job));

/** The tags of every GitLab pool: of the operator lane, which is for protected branches, or of all others. */
function poolTags(lane?: 'operator'): string[][] {
  const { pools } = readSettings('config/tinyland.yaml').runners.gitlab;
  return Object.entries(pools)
    .filter(([, pool]) => pool.lane === lane && pool.protected === (lane === 'operator'))
    .map(([name, pool]) => gitlabTags(name, pool));
}

describe('the pipeline', () => {
  test('checks, tests, synthesizes, validates, plans and deploys', () => {
    expect(PIPELINE.stages).toEqual([
      'check',
      'test',
      'synth',
      'validate',
      'plan',
      'deploy',
      'canary',
    ]);
    expect(JOBS.map(([name, { stage }]) => `${stage}: ${name}`)).toEqual([
      'check: check',
      'test: test',
      'synth: cdktf-synth',
      'synth: cdktn-check',
      'validate: validate',
      'plan: plan',
      'deploy: deploy',
      'canary: canary',
    ]);
  });

  test.each(JOBS)('runs recipes only, and such as exist: %s', (_, { script = [] }) => {
    expect(script).toHaveLength(1);
    const recipe = /(?:^npx |--command )just ([a-z-]+)(?: "\$STACK"| --save canary)?$/.exec(
      script[0] ?? '',
    )?.[1];
    expect(RECIPES).toContain(recipe);
  });

  test.each(JOBS)('runs in an image at its pin: %s (W-C1, W-C2)', (_, { image }) => {
    expect(Object.values(readImages()).map(String)).toContain(image);
  });

  test.each(JOBS)('asks for tags that a pool of the stacks serves: %s (F5)', (name, job) => {
    const { tags = [] } = job;
    expect(tags.length).toBeGreaterThan(0);
    expect(tags).not.toContain('kubernetes');
    const needsLane = [...STATEFUL, ...CANARY].some(([other]) => other === name);
    const serving = poolTags(needsLane ? 'operator' : undefined).filter((served) =>
      tags.every((tag) => served.includes(tag)),
    );
    expect(serving).not.toEqual([]);
  });

  test.each(OTHERS)(
    'is cancelled by a newer commit, since nothing in it mutates: %s (L17, W-A13)',
    (_, { interruptible, script = [] }) => {
      expect(interruptible).toBe(true);
      expect(script.join()).not.toMatch(/apply|destroy|push|deploy|unlock|state/);
    },
  );

  test('holds no token and leaves no cache behind on a merge request (Q1)', () => {
    expect(TEXT).not.toMatch(/TOKEN|PASSWORD|SECRET/);
    const [request, branch] = PIPELINE.workflow.rules;
    expect(request).toEqual({ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' });
    expect(branch).toMatchObject({
      if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
      variables: { CACHE_POLICY: 'pull-push' },
    });
    expect(PIPELINE.variables.CACHE_POLICY).toBe('pull');
    for (const [, { cache }] of JOBS)
      expect(cache?.policy ?? '$CACHE_POLICY').toBe('$CACHE_POLICY');
  });

  test.each(OTHERS)('keeps no plan and no state where others can read it: %s (W-A4)', (_, job) => {
    const kept = job.artifacts?.paths ?? [];
    expect(kept.filter((path) => path !== 'cdktf.out/')).toEqual([]);
    // Nothing but a synthesis runs before these are kept, so that they hold what it wrote.
    if (kept.length > 0) expect(job.script).toEqual(['npx just cdktf-synth']);
  });

  test.each(JOBS)('downloads nothing that no lock file vouches for: %s (W-C3)', (_, job) => {
    const words = [...(job.before_script ?? []), ...(job.script ?? [])].join('\n');
    expect(words).not.toMatch(/curl|wget|apt-get|apk add|pip install|npm (i|install)\b|:latest/);
    const installs = (job.before_script ?? []).filter(
      (line) => !/(^|--command )npm ci /.test(line),
    );
    expect(installs).toEqual([]);
  });

  describe.each(STATEFUL)('in its job %s, which reaches states', (name, job) => {
    test('is never cut off, never tried again, and alone with its stack (L17, S7)', () => {
      const { interruptible, retry, resource_group } = job;
      expect({ interruptible, retry, resource_group }).toEqual({
        interruptible: false,
        retry: 0,
        resource_group: 'state-$STACK',
      });
      expect(job.parallel?.matrix).toEqual([
        { STACK: ['attic', 'gitlab-runners', 'arc-runners', 'runner-dashboard'] },
      ]);
    });

    test('runs on the default branch alone, and changes nothing unless a person starts it (Q1)', () => {
      const [rule, ...more] = job.rules ?? [];
      expect(more).toEqual([]);
      expect(rule?.if).toBe(`${ON_BRANCH} && ${UNSCHEDULED}`);
      expect(rule?.when).toBe(name === 'plan' ? undefined : 'manual');
    });

    test('makes a plan and applies it in one job, and keeps only what is encrypted (S8, W-A4)', () => {
      const [script = ''] = job.script ?? [];
      expect(script).toMatch(/just tofu-(plan|deploy) "\$STACK"$/);
      const kept = job.artifacts?.paths ?? [];
      expect(kept).toEqual(name === 'plan' ? [] : ['recovery-*.bundle']);
      if (kept.length === 0) return;
      expect(job.artifacts?.when).toBe('on_failure');
      expect(job.after_script?.join()).toContain(
        'just tofu-recovery-pack "$STACK" "recovery-$STACK.bundle"',
      );
    });
  });

  test('runs the canary on the operator lane of the default branch, by the hour alone (R5)', () => {
    const [[, job] = never()] = CANARY;
    expect(job.tags).toEqual(['tinyland-nix-operator']);
    expect(job.rules).toEqual([{ if: ON_BRANCH }]);
    for (const [, { rules }] of OTHERS) {
      expect(rules).toEqual([
        { if: '$CI_PIPELINE_SOURCE == "schedule"', when: 'never' },
        { when: 'on_success' },
      ]);
    }
  });

  test('keeps the evidence of the canary whatever it has found (R6)', () => {
    const [[, job] = never()] = CANARY;
    expect(job.script?.join()).toMatch(/just state-authority-canary --save canary$/);
    expect(job.artifacts).toMatchObject({ when: 'always', paths: ['canary/'] });
    const { interruptible, retry, needs, resource_group } = job;
    expect({ interruptible, retry, needs, resource_group }).toEqual({
      interruptible: false,
      retry: 0,
      needs: [],
      resource_group: 'canary',
    });
  });

  test('names only stages and needs that exist', () => {
    const names = JOBS.map(([name]) => name);
    for (const [, { stage, needs = [] }] of JOBS) {
      expect(PIPELINE.stages).toContain(stage);
      expect(needs.filter((need) => !names.includes(need))).toEqual([]);
    }
  });

  test.skipIf(!existsSync(LISTER))(
    "is read by GitLab's rules (not run until `just ci-list` has installed them)",
    () => {
      const { status, stdout, stderr } = spawnSync(
        'bash',
        ['tools/gitlab-ci-local/list.sh', '--list-json'],
        { encoding: 'utf8' },
      );
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      const listed = JSON.parse(stdout) as { name: string; stage: string }[];
      expect(listed.map(({ name, stage }) => `${stage}: ${name}`)).toEqual(
        JOBS.flatMap(([name, { stage, parallel }]) => {
          const stacks = parallel?.matrix[0]?.STACK.map((stack) => `${name}: [${stack}]`);
          return (stacks ?? [name]).map((each) => `${stage}: ${each}`);
        }),
      );
    },
  );
});

function never(): never {
  throw new Error('the pipeline has a canary');
}
