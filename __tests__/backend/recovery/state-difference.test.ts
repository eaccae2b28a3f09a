import { describe, expect, test } from 'vitest';
import {
  differenceOf,
  holdSame,
  instancesOf,
  parsedState,
} from '../../../backend/recovery/state-difference.ts';

function state(resources: readonly object[], outputs: object = {}) {
  return parsedState(JSON.stringify({ version: 4, serial: 1, lineage: 'l', outputs, resources }));
}
const one = (name: string, attributes: object, more: object = {}) => ({
  mode: 'managed',
  type: 'terraform_data',
  name,
  instances: [{ attributes, ...more }],
});

describe('what two states hold', () => {
  test('is the same whatever the serial, the order of resources, and the order of keys', () => {
    const first = state([one('a', { id: '1', input: 'x' }), one('b', { id: '2' })]);
    const second = state([one('b', { id: '2' }), one('a', { input: 'x', id: '1' })]);
    expect(holdSame(differenceOf(first, { ...(second as object), serial: 9 }))).toBe(true);
  });

  test('is told by address, and by the names of outputs, without any value', () => {
    const first = state([one('a', { id: 'secret-1' }), one('b', { id: '2' })], {
      url: { value: 1 },
    });
    const second = state([one('a', { id: 'secret-2' }), one('c', { id: '3' })], {
      url: { value: 2 },
    });
    const difference = differenceOf(first, second);
    expect(difference).toEqual({
      onlyFirst: ['terraform_data.b'],
      onlySecond: ['terraform_data.c'],
      changed: ['terraform_data.a'],
      outputs: ['url'],
    });
    expect(JSON.stringify(difference)).not.toContain('secret');
  });

  test('differs by a taint and by a deposed instance', () => {
    const plain = state([one('a', { id: '1' })]);
    const tainted = state([one('a', { id: '1' }, { status: 'tainted' })]);
    const deposed = state([
      { ...one('a', { id: '1' }), instances: [{ attributes: { id: '1' } }, { deposed: 'x' }] },
    ]);
    expect(differenceOf(plain, tainted).changed).toEqual(['terraform_data.a']);
    expect(differenceOf(plain, deposed).changed).toEqual(['terraform_data.a']);
  });

  test('has the addresses that tofu gives to modules and to keys', () => {
    const resources = [
      { ...one('a', { id: '1' }), module: 'module.m' },
      { ...one('b', {}), instances: [{ index_key: 0 }, { index_key: 'k' }] },
      { ...one('c', {}), mode: 'data' },
    ];
    expect(instancesOf(state(resources)).map(({ address }) => address)).toEqual([
      'module.m.terraform_data.a',
      'terraform_data.b[0]',
      'terraform_data.b["k"]',
    ]);
  });

  test('is not seen in what is no state, or is encrypted', () => {
    expect(parsedState('<html>')).toBeUndefined();
    expect(parsedState('{"encrypted_data":"x","encryption_version":"v0"}')).toBeUndefined();
  });
});
