import { describe, expect, test } from 'vitest';
import { Manifests } from '../../../constructs/manifests/manifests.ts';
import { named, synthesizeConstruct } from '../../support/synthesized.ts';

const OBJECT = {
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name: 'thing', namespace: 'home' },
  spec: { b: 1, a: '${x}' },
};

describe('Manifests', () => {
  test('carries custom resources through a chart of our own, so that the first plan needs no type of theirs (W-C16)', () => {
    const json = synthesizeConstruct((stack) => {
      new Manifests(stack, 'things', {
        releaseName: 'things',
        namespace: 'home',
        objects: [OBJECT],
      });
    });
    const release = named(json, 'helm_release', 'things');
    expect(release.chart).toMatch(/^\.\/assets\/manifests-chart\/[0-9A-F]{32}$/);
    expect(release).toMatchObject({ wait: false, take_ownership: false });
    // Sorted, and with the template of another language kept as text.
    expect(release.values).toEqual([
      '{"objects":[{"apiVersion":"example.org/v1","kind":"Thing","metadata":{"name":"thing","namespace":"home"},"spec":{"a":"$${x}","b":1}}]}',
    ]);
  });

  test('stores the chart in a stack once, however many releases use it', () => {
    const json = synthesizeConstruct((stack) => {
      for (const name of ['one', 'two']) {
        new Manifests(stack, name, { releaseName: name, namespace: 'home', objects: [OBJECT] });
      }
    });
    expect(named(json, 'helm_release', 'one').chart).toBe(named(json, 'helm_release', 'two').chart);
  });

  test('stops the plan where a precondition does not hold', () => {
    const preconditions = [{ condition: '${true}', errorMessage: 'install it first' }];
    const json = synthesizeConstruct((stack) => {
      new Manifests(stack, 'things', {
        releaseName: 'things',
        namespace: 'home',
        objects: [OBJECT],
        preconditions,
      });
    });
    expect(named(json, 'helm_release', 'things').lifecycle.precondition).toEqual([
      { condition: '${true}', error_message: 'install it first' },
    ]);
  });
});
