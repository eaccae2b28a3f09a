import { describe, expect, test } from 'vitest';
import { ABSENT, differences, fieldOf, shown } from '../../../operations/drift/deviation.ts';

/** Fields with what is declared and what is live. */
function found(declared: unknown, live: unknown): [string, unknown, unknown][] {
  return differences(declared, live).map((one) => [fieldOf(one.path), one.declared, one.live]);
}

describe('what differs between two pieces of JSON', () => {
  test('is told leaf by leaf, with its place', () => {
    const declared = { spec: { replicas: 1, paused: false }, kind: 'Deployment' };
    const live = { spec: { replicas: 3, paused: false, minReadySeconds: 5 }, kind: 'Deployment' };
    expect(found(declared, live)).toEqual([
      ['spec.replicas', 1, 3],
      ['spec.minReadySeconds', undefined, 5],
    ]);
  });

  test('is nothing where only the order of named items differs', () => {
    const a = { name: 'A', value: '1' };
    const b = { name: 'B', value: '2' };
    expect(found({ env: [a, b] }, { env: [b, a] })).toEqual([]);
    expect(found({ env: [a, b] }, { env: [b, { ...a, value: '9' }] })).toEqual([
      ['env.A.value', '1', '9'],
    ]);
  });

  test('goes by the number of an item where items have no names of their own', () => {
    expect(found({ verbs: ['get'] }, { verbs: ['get', 'list'] })).toEqual([
      ['verbs.1', undefined, 'list'],
    ]);
    const twice = [{ name: 'A' }, { name: 'A' }];
    expect(found({ of: twice }, { of: [{ name: 'A' }, { name: 'B' }] })).toEqual([
      ['of.1.name', 'A', 'B'],
    ]);
  });

  test('is nothing where one says nothing and the other says that there is none', () => {
    expect(found({ a: [], b: {}, c: null }, {})).toEqual([]);
    expect(found({ a: false }, {})).toEqual([['a', false, undefined]]);
  });
});

test('a key with a dot or a slash stands in brackets', () => {
  expect(fieldOf(['metadata', 'labels', 'app.kubernetes.io/name'])).toBe(
    'metadata.labels[app.kubernetes.io/name]',
  );
});

test('a value is printed short, and on one line', () => {
  expect(shown(undefined)).toBe(ABSENT);
  expect(shown('two\nlines')).toBe('two\\nlines');
  expect(shown({ a: [1, true] })).toBe('{"a":[1,true]}');
  expect(shown('x'.repeat(100))).toBe(`${'x'.repeat(70)}…`);
});
