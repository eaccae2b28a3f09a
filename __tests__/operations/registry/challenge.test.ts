import { describe, expect, test } from 'vitest';
import { parseChallenge } from '../../../operations/registry/challenge.ts';

const BEARER = {
  scheme: 'bearer',
  realm: 'https://auth.docker.io/token',
  service: 'registry.docker.io',
};

describe('parseChallenge', () => {
  test.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/node:pull"',
      { ...BEARER, scope: 'repository:library/node:pull' },
    ],
    [
      'bearer realm=https://auth.docker.io/token, service=registry.docker.io',
      { ...BEARER, scope: undefined },
    ],
    [
      'Bearer realm="https://auth.docker.io/token",service="a \\"b\\"",error="invalid_token"',
      { ...BEARER, service: 'a "b"', scope: undefined },
    ],
    [
      'Basic realm="registry", Bearer realm="https://auth.docker.io/token",service="registry.docker.io"',
      { ...BEARER, scope: undefined },
    ],
    [
      'Bearer scope="repository:a:pull,push",realm="https://auth.docker.io/token"',
      { ...BEARER, service: undefined, scope: 'repository:a:pull,push' },
    ],
    ['Basic realm="registry"', { scheme: 'basic' }],
    ['Bearer service="no realm"', undefined],
    ['Negotiate', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %s', (header, challenge) => {
    expect(parseChallenge(header)).toEqual(challenge);
  });
});
