import { describe, expect, test } from 'vitest';
import { layoutOf } from '../../../backend/rustfs/drives.ts';
import { quorumWithout } from '../../../backend/rustfs/erasure-quorum.ts';

describe('layoutOf', () => {
  test('is one drive where RustFS is told nothing', () => {
    expect(layoutOf([])).toEqual({ servers: [], drives: ['/data'], total: 1 });
  });

  test('writes ranges out, of servers and of drives', () => {
    expect(layoutOf(['http://s-{0...1}.s:9000/data/rustfs{0...2}'])).toEqual({
      servers: ['s-0.s:9000', 's-1.s:9000'],
      drives: ['/data/rustfs0', '/data/rustfs1', '/data/rustfs2'],
      total: 6,
    });
    expect(layoutOf(['/data/a/', '/data/b'])).toEqual({
      servers: [],
      drives: ['/data/a', '/data/b'],
      total: 2,
    });
  });

  test('does not run away with a range that is absurd', () => {
    expect(layoutOf(['/data/{0...999999999}']).total).toBe(1024);
  });
});

describe('quorumWithout', () => {
  const of = (servers: number, drives = 1, parity?: number) => {
    const range = (name: string, count: number) => `${name}{0...${count - 1}}`;
    const volumes = [`http://${range('s-', servers)}:9000/${range('d', drives)}`];
    return quorumWithout(layoutOf(volumes), parity);
  };

  test.each([
    [1, 1, false],
    [2, 1, false],
    [3, 1, true],
    [4, 1, true],
    [4, 4, true],
    [8, 2, true],
  ])('of %i servers with %i drives, with one server away: %s', (servers, drives, survives) => {
    expect(of(servers, drives).survives).toBe(survives);
  });

  test('counts what a write has to reach', () => {
    expect(of(4)).toEqual({ set: 4, needed: 3, left: 3, survives: true });
    expect(of(4, 1, 1)).toEqual({ set: 4, needed: 3, left: 3, survives: true });
    expect(of(4, 1, 0)).toEqual({ set: 4, needed: 4, left: 3, survives: false });
  });
});
