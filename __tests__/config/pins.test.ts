import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CHARTS_FILE, readCharts } from '../../config/charts.ts';
import { IMAGES_FILE, readImages } from '../../config/images.ts';
import { refusalOf } from '../support/refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-pins-'));
afterAll(() => rmSync(folder, { recursive: true }));

const IMAGES = readFileSync(IMAGES_FILE, 'utf8');
const CHARTS = readFileSync(CHARTS_FILE, 'utf8');

function changed(text: string, from: string | RegExp, to: string): string {
  const file = join(folder, 'pins.yaml');
  const result = text.replace(from, to);
  expect(result).not.toBe(text);
  writeFileSync(file, result);
  return file;
}

/** A refusal without the places, which move with every new pin. */
function refusal(run: () => unknown): string {
  return refusalOf(run).replaceAll(/^\S+?:\d+:\d+ {2}/gm, '');
}

describe('the shipped images', () => {
  test('have a digest each, or a comment that says why none is known (W-C1, W-C2)', () => {
    const unresolved = Object.entries(readImages()).filter(
      ([, { digest }]) => digest === undefined,
    );
    expect(unresolved.map(([name]) => name)).toContain('dashboard');
    for (const [name] of unresolved) expect(IMAGES).toMatch(new RegExp(`^#.*\\n${name}:$`, 'm'));
  });

  test('stand in the order of their names', () => {
    const names = Object.keys(parse(IMAGES) as object);
    expect(names).toEqual(names.toSorted());
  });
});

describe('readImages', () => {
  const Digest = 'sha256:85fe1e81d6758c208f3e1eed4338a1997e19d4be002d4dd32d3100c9a8c010a0';

  test.each([
    [
      'the tag latest (W-C1)',
      'tag: 3.23.6',
      'tag: latest',
      'alpine.tag must be a tag other than latest, got "latest"\n    name the version',
    ],
    [
      'a tag that YAML reads as a number',
      'tag: "8"',
      'tag: 8',
      'rocky8.tag must be text, got 8\n    put it into quotes',
    ],
    [
      'a digest that was cut',
      Digest,
      Digest.slice(0, 40),
      `alpine.digest must be sha256: and 64 hexadecimal digits, or unresolved, got "${Digest.slice(0, 40)}"`,
    ],
    [
      'an invented word for a digest',
      Digest,
      'unknown',
      'alpine.digest must be sha256: and 64 hexadecimal digits, or unresolved, got "unknown"',
    ],
    [
      'a name without a registry',
      'docker.io/library/alpine',
      'alpine',
      'alpine.name must be a registry and a repository, got "alpine"\n    write docker.io/library/node',
    ],
    [
      'an image that nobody uses',
      /^attic:$/m,
      'atic:',
      'attic must be a map of keys, got nothing\n    add it\natic must be a key that exists\n    did you mean attic?',
    ],
    [
      'a key that no pin has',
      'tag: 3.23.6',
      'tag: 3.23.6\n  arch: amd64',
      'alpine.arch must be a key that exists\n    known here: name, tag, digest, seen',
    ],
  ])('rejects %s', (_, from, to, message) => {
    const file = changed(IMAGES, from, to);
    const text = refusal(() => readImages(file));
    expect(text).toBe(message);
  });
});

describe('readCharts', () => {
  test('reads every chart at one exact version (W-C2)', () => {
    expect(Object.values(readCharts()).map(String)).toEqual([
      'plugin-barman-cloud 0.7.0',
      'cloudnative-pg 0.29.0',
      'gha-runner-scale-set-controller 0.14.2',
      'gha-runner-scale-set 0.14.2',
      'gitlab-runner 0.86.0',
    ]);
  });

  test.each([
    [
      'a range',
      'version: 0.86.0',
      'version: ^0.86.0',
      'gitlab-runner.version must be one exact version, got "^0.86.0"\n    write 1.2.3, not a range',
    ],
    [
      'a repository without encryption',
      'https://charts.gitlab.io',
      'http://charts.gitlab.io',
      'gitlab-runner.repository must be a chart repository, got "http://charts.gitlab.io"\n    write https://host/path or oci://host/path, without credentials',
    ],
    [
      'a version that is missing',
      '\n  version: 0.86.0',
      '',
      'gitlab-runner.version must be text, got nothing\n    add it',
    ],
  ])('rejects %s', (_, from, to, message) => {
    const file = changed(CHARTS, from, to);
    expect(refusal(() => readCharts(file))).toBe(message);
  });
});
