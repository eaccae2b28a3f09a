import { describe, expect, test } from 'vitest';
import { readImages } from '../../config/images.ts';
import { RUNNER_TYPES, type RunnerTypeName, runnerType } from '../../config/runner-types.ts';
import { requireOrdered } from '../../values/resources.ts';

const TYPES = Object.keys(RUNNER_TYPES) as RunnerTypeName[];

describe('the table of runner types', () => {
  test('knows every kind of job of the system', () => {
    expect(TYPES).toEqual(['docker', 'dind', 'nix', 'rocky8', 'rocky9', 'l40s', 'a100']);
  });

  test.each(TYPES)(
    'gives %s a pinned image, tags, and requests below limits (L5, L7, W-C1)',
    (name) => {
      const { image, tags, job, purpose } = runnerType(name);
      expect(readImages()[image].tag).not.toBe('latest');
      expect(tags.length).toBeGreaterThan(0);
      expect(new Set(tags).size).toBe(tags.length);
      expect(requireOrdered(job)).toBe(job);
      expect(job.limits.ephemeral).toBeDefined();
      expect(purpose).not.toBe('');
    },
  );

  test('calls only the Docker daemon privileged, and says why (W-A16)', () => {
    const privileged = TYPES.filter((name) => runnerType(name).privilegedBecause !== undefined);
    expect(privileged).toEqual(['dind']);
  });

  test('never offers the tag kubernetes, by which overlays reach hosted runners', () => {
    expect(TYPES.flatMap((name) => [...runnerType(name).tags])).not.toContain('kubernetes');
  });

  test('lets no job for another type into a privileged pool: GitLab needs one common tag for that (W-A16)', () => {
    const tagsWhere = (privileged: boolean) =>
      TYPES.filter(
        (name) => (runnerType(name).privilegedBecause !== undefined) === privileged,
      ).flatMap((name) => [...runnerType(name).tags]);
    expect(tagsWhere(true)).toEqual(['dind', 'privileged']);
    expect(tagsWhere(false).filter((tag) => tagsWhere(true).includes(tag))).toEqual([]);
  });

  test('hands a GPU to the types that are named after one', () => {
    const withDevice = TYPES.filter((name) => runnerType(name).device !== undefined);
    expect(withDevice).toEqual(['l40s', 'a100']);
  });
});
