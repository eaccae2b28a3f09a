import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChartRelease, type ChartReleaseProps } from '../../constructs/helm.ts';
import { ChartPin } from '../../values/chart-pin.ts';
import { type Json, named, synthesizeConstruct } from '../support/synthesized.ts';

const CLASSIC = ChartPin.of({
  repository: 'https://charts.example.org',
  name: 'thing',
  version: '1.2.3',
});
const OCI = ChartPin.of({
  repository: 'oci://registry.example.org/charts',
  name: 'thing',
  version: '1.2.3',
});
const MIRROR = 'node_modules/.cache/test-mirror';

beforeAll(() => {
  mkdirSync(MIRROR, { recursive: true });
  writeFileSync(join(MIRROR, 'thing-1.2.3.tgz'), 'not unpacked here');
});
afterAll(() => rmSync(MIRROR, { recursive: true }));

function release(change: Partial<ChartReleaseProps> = {}): Json {
  const json = synthesizeConstruct((stack) => {
    new ChartRelease(stack, 'thing', {
      chart: CLASSIC,
      releaseName: 'thing',
      namespace: 'home',
      values: { b: 1, a: 2 },
      ...change,
    });
  });
  return named(json, 'helm_release', 'thing');
}

describe('ChartRelease', () => {
  test('installs exactly the pinned version, with its values in a fixed order', () => {
    expect(release()).toMatchObject({
      repository: 'https://charts.example.org',
      chart: 'thing',
      version: '1.2.3',
      values: ['{"a":2,"b":1}'],
      wait: false,
    });
  });

  test('takes an OCI chart from its own registry', () => {
    expect(release({ chart: OCI })).toMatchObject({
      repository: 'oci://registry.example.org/charts',
      chart: 'thing',
    });
  });

  test('takes every chart from an OCI mirror where there is one', () => {
    const mirror = { location: 'oci://mirror.example.org/charts' };
    expect(release({ mirror })).toMatchObject({
      repository: 'oci://mirror.example.org/charts',
      chart: 'thing',
    });
  });

  test('carries a chart of a mirror folder in the stack itself', () => {
    const { chart, repository } = release({ mirror: { location: MIRROR } });
    expect(repository).toBeUndefined();
    expect(chart).toMatch(
      /^\.\/assets\/thing_chart_[0-9A-F]{8}\/[0-9A-F]{32}\/thing-1\.2\.3\.tgz$/,
    );
  });

  test('rejects a mirror folder without the chart, and says how to get it', () => {
    const mirror = { location: 'node_modules/.cache/empty-mirror' };
    expect(() => release({ mirror })).toThrow(
      `ChartRelease 'stack/thing': mirror must hold thing-1.2.3.tgz, got "node_modules/.cache/empty-mirror"; run: helm pull thing --repo https://charts.example.org --version 1.2.3 -d node_modules/.cache/empty-mirror`,
    );
    expect(() => release({ mirror, chart: OCI })).toThrow(
      'run: helm pull oci://registry.example.org/charts/thing --version 1.2.3 -d',
    );
  });
});
