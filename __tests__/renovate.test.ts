import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHARTS_FILE, readCharts } from '../config/charts.ts';
import { IMAGES_FILE, readImages } from '../config/images.ts';

interface Manager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
  readonly datasourceTemplate: string;
}

const { customManagers, packageRules } = JSON.parse(readFileSync('renovate.json', 'utf8')) as {
  customManagers: Manager[];
  packageRules: { versioning?: string }[];
};

/** What Renovate finds in a file: it applies each pattern again and again. */
function found(file: string, datasource: string): Record<string, string>[] {
  const managers = customManagers.filter(
    ({ managerFilePatterns, datasourceTemplate }) =>
      datasourceTemplate === datasource &&
      managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
  );
  const text = readFileSync(file, 'utf8');
  return managers.flatMap(({ matchStrings }) =>
    matchStrings.flatMap((pattern) =>
      [...text.matchAll(new RegExp(pattern, 'g'))].map(({ groups }) => ({ ...groups })),
    ),
  );
}

describe('Renovate', () => {
  test('finds every image that has a digest, with tag and digest apart (W-C2)', () => {
    const pinned = Object.values(readImages()).filter(({ digest }) => digest !== undefined);
    const images = found(IMAGES_FILE, 'docker');
    expect(
      images.map(
        ({ depName, currentValue, currentDigest }) => `${depName}:${currentValue}@${currentDigest}`,
      ),
    ).toEqual(pinned.map(String));
  });

  test('finds every chart, by its repository or its registry (W-C2)', () => {
    const charts = [
      ...found(CHARTS_FILE, 'helm').map(
        ({ registryUrl, depName, currentValue }) => `${registryUrl} ${depName} ${currentValue}`,
      ),
      ...found(CHARTS_FILE, 'docker').map(
        ({ folder, depName, currentValue }) => `oci://${folder} ${depName} ${currentValue}`,
      ),
    ];
    const pins = Object.values(readCharts()).map(
      ({ repository, name, version }) => `${repository} ${name} ${version}`,
    );
    expect(charts.toSorted()).toEqual(pins.toSorted());
  });

  test('understands tags that begin with a word', () => {
    const versionings = packageRules.flatMap(({ versioning }) => versioning ?? []);
    const pattern = new RegExp(versionings[0]?.replace('regex:', '') ?? '^$');
    const tags = Object.values(readImages())
      .filter(({ name }) => name.includes('gitlab-runner'))
      .map(({ tag }) => tag);
    expect(tags.length).toBe(2);
    for (const tag of tags) expect(tag).toMatch(pattern);
  });
});
