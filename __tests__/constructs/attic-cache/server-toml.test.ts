import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import {
  allowedHosts,
  renderServerToml,
  type ServerOptions,
} from '../../../constructs/attic-cache/server-toml.ts';
import { Duration } from '../../../values/duration.ts';
import { Endpoint } from '../../../values/endpoint.ts';

const OPTIONS: ServerOptions = {
  service: 'attic',
  namespace: 'nix-cache',
  address: Endpoint.parse('developer', 'https://nix-cache.example.org'),
  publicHost: 'nix-cache.example.org',
  store: {
    bucket: 'attic',
    region: 'us-east-1',
    endpoint: Endpoint.service('http', 'store', 'nix-cache', 9000),
  },
  chunking: { narSizeThreshold: 65_536, minSize: 16_384, avgSize: 65_536, maxSize: 262_144 },
  compression: { type: 'zstd', level: 8 },
  collection: {
    interval: Duration.parse('humantime', '12 hours'),
    retention: Duration.parse('humantime', '3 months'),
  },
  tokens: { audiences: [] },
};

const render = (change: Partial<ServerOptions> = {}) =>
  parse(renderServerToml({ ...OPTIONS, ...change }));

describe('server.toml', () => {
  test('is what was reviewed, and holds no secret (W-A2, W-A3)', async () => {
    await expect(renderServerToml(OPTIONS)).toMatchFileSnapshot('__snapshots__/server.toml');
  });

  test('has the table that is demanded although its one value comes from the environment', () => {
    expect(renderServerToml(OPTIONS)).toMatch(/^\[database\]$/m);
    expect(render().database).toEqual({});
  });

  test('tells clients the declared address, which ends in "/" (L13)', () => {
    expect(render()).toMatchObject({
      'api-endpoint': 'https://nix-cache.example.org/',
      'substituter-endpoint': 'https://nix-cache.example.org/',
    });
    const inside = render({ address: Endpoint.service('http', 'attic', 'nix-cache') });
    expect(inside['api-endpoint']).toBe('http://attic.nix-cache.svc.cluster.local/');
  });

  test('listens on all addresses of the pod (L12)', () => {
    expect(render().listen).toBe('[::]:8080');
  });

  test('leaves the endpoint out for AWS itself, which the region names', () => {
    const storage = render({
      store: { bucket: 'chunks', region: 'eu-west-1', endpoint: undefined },
    }).storage;
    expect(storage).toEqual({ type: 's3', bucket: 'chunks', region: 'eu-west-1' });
  });

  test('gives no level to a compression that has none', () => {
    expect(render({ compression: { type: 'none', level: 8 } }).compression).toEqual({
      type: 'none',
    });
  });

  test('binds tokens to an issuer and audiences where they are given', () => {
    expect(render().jwt).toEqual({});
    expect(render({ tokens: { issuer: 'flywheel', audiences: ['a', 'b'] } }).jwt).toEqual({
      'token-bound-issuer': 'flywheel',
      'token-bound-audiences': ['a', 'b'],
    });
  });

  test('has only keys that the server knows, for it refuses all others', () => {
    expect(Object.keys(render()).sort()).toEqual([
      'allowed-hosts',
      'api-endpoint',
      'chunking',
      'compression',
      'database',
      'garbage-collection',
      'jwt',
      'listen',
      'require-proof-of-possession',
      'storage',
      'substituter-endpoint',
    ]);
  });
});

describe('the allowed hosts', () => {
  test('are every name of the Service and the public one, with and without their ports', () => {
    expect(allowedHosts(OPTIONS)).toEqual([
      'attic.nix-cache.svc.cluster.local',
      'attic.nix-cache.svc.cluster.local:80',
      'attic.nix-cache.svc',
      'attic.nix-cache.svc:80',
      'attic.nix-cache',
      'attic.nix-cache:80',
      'attic',
      'attic:80',
      'nix-cache.example.org',
      'nix-cache.example.org:443',
    ]);
  });

  test('have no public name where there is none', () => {
    expect(allowedHosts({ service: 'attic', namespace: 'nix-cache' }).at(-1)).toBe('attic:80');
  });
});
