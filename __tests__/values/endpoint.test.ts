import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Context,
  ENDPOINT_PATTERN,
  Endpoint,
  isBindAddress,
  isClusterName,
  isLoopback,
} from '../../values/endpoint.ts';
import { refusalOf } from '../support/refusal.ts';

const CONTEXTS: readonly Context[] = ['pod', 'operator', 'developer', 'host', 'container'];
const LOOPBACK = [
  'localhost',
  'cache.localhost',
  'LOCALHOST',
  'localhost.',
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
];
const BIND = ['0.0.0.0', '0', '[::]', '[0:0:0:0:0:0:0:0]'];

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const publicHost = fc.tuple(label, label).map(([name, domain]) => `${name}.${domain}.example`);

describe('Endpoint', () => {
  test.each<[Context, string, string]>([
    ['pod', 'http://attic.nix-cache.svc.cluster.local', 'http://attic.nix-cache.svc.cluster.local'],
    [
      'pod',
      'http://attic.nix-cache.svc.cluster.local:80/',
      'http://attic.nix-cache.svc.cluster.local',
    ],
    [
      'pod',
      'grpc://bazel.cache.svc.cluster.local:9092',
      'grpc://bazel.cache.svc.cluster.local:9092',
    ],
    ['pod', 'https://10.0.0.1:8443/base/', 'https://10.0.0.1:8443/base'],
    ['developer', 'https://Nix-Cache.Example.ORG:443/main', 'https://nix-cache.example.org/main'],
    ['developer', 'https://example.org:0443', 'https://example.org'],
    ['operator', 'grpcs://bazel.example.org', 'grpcs://bazel.example.org'],
    ['host', 'http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['host', 'http://[::1]:8080', 'http://[::1]:8080'],
    ['container', 'http://172.17.0.1:8080', 'http://172.17.0.1:8080'],
  ])('reads for a %s %s as %s', (context, text, printed) => {
    const endpoint = Endpoint.parse(context, text);
    expect(String(endpoint)).toBe(printed);
    expect(JSON.stringify(endpoint)).toBe(JSON.stringify(printed));
    expect(ENDPOINT_PATTERN.test(text)).toBe(true);
  });

  test('reads back what it prints', () => {
    fc.assert(
      fc.property(
        publicHost,
        fc.integer({ min: 1, max: 65_535 }),
        fc.constantFrom('https', 'grpcs'),
        (host, port, scheme) => {
          const endpoint = Endpoint.parse('developer', `${scheme}://${host}:${port}/a/b`);
          expect(Endpoint.parse('developer', String(endpoint))).toEqual(endpoint);
          expect(endpoint.portNumber).toBe(port);
        },
      ),
    );
  });

  test('names its parts', () => {
    const cache = Endpoint.parse('developer', 'https://nix-cache.example.org:8443').below('main');
    expect(cache).toMatchObject({ scheme: 'https', host: 'nix-cache.example.org', path: '/main' });
    expect(cache.authority).toBe('nix-cache.example.org:8443');
    expect(cache.portNumber).toBe(8443);
    expect(Endpoint.parse('developer', 'https://example.org').portNumber).toBe(443);
  });

  test('gives a Service its full cluster name (T3, T5)', () => {
    expect(String(Endpoint.service('http', 'attic', 'nix-cache'))).toBe(
      'http://attic.nix-cache.svc.cluster.local',
    );
    expect(String(Endpoint.service('http', 'attic', 'nix-cache', 80))).toBe(
      'http://attic.nix-cache.svc.cluster.local',
    );
    expect(String(Endpoint.service('grpc', 'bazel-cache', 'nix-cache', 9092))).toBe(
      'grpc://bazel-cache.nix-cache.svc.cluster.local:9092',
    );
  });

  test('keeps contexts apart in its type (D2, L12)', () => {
    // @ts-expect-error a developer does not take the address of a pod
    const substituter: Endpoint<'developer'> = Endpoint.service('http', 'attic', 'nix-cache');
    expect(substituter.context).toBe('pod');
  });

  test.each(CONTEXTS.filter((context) => context !== 'host'))(
    'rejects every way to write loopback for a %s (L12)',
    (context) => {
      for (const host of LOOPBACK) {
        expect(refusalOf(() => Endpoint.parse(context, `https://${host}:8080`))).toBe(
          `must be reachable from a ${context}, got "https://${host}:8080"; loopback is the ${context} itself; name the server`,
        );
      }
    },
  );

  test.each(CONTEXTS)('rejects every bind address for a %s (L12)', (context) => {
    for (const host of BIND) {
      expect(refusalOf(() => Endpoint.parse(context, `https://${host}:8080`))).toBe(
        `must be an address to call, got "https://${host}:8080"; 0.0.0.0 is where a server listens; name the server`,
      );
    }
  });

  test.each(CONTEXTS.filter((context) => context !== 'pod'))(
    'rejects a cluster name for a %s (D2)',
    (context) => {
      for (const host of ['attic.nix-cache.svc', 'attic.nix-cache.svc.cluster.local.']) {
        expect(refusalOf(() => Endpoint.parse(context, `https://${host}`))).toBe(
          `must be reachable from a ${context}, got "https://${host}"; a cluster name resolves only in pods; give the public address`,
        );
      }
    },
  );

  test.each(['operator', 'developer'] as const)('rejects plain text for a %s', (context) => {
    expect(refusalOf(() => Endpoint.parse(context, 'http://example.org'))).toBe(
      'must be encrypted outside the cluster, got "http://example.org"; write https://',
    );
    expect(refusalOf(() => Endpoint.parse(context, 'grpc://example.org:9092'))).toBe(
      'must be encrypted outside the cluster, got "grpc://example.org:9092"; write grpcs://',
    );
  });

  const Form = 'write https://host, http://host:port or grpc://host:port';

  test.each([
    ['', `must be an address, got ""; ${Form}`],
    ['example.org', `must be an address, got "example.org"; ${Form}`],
    ['ftp://example.org', `must be an address, got "ftp://example.org"; ${Form}`],
    ['constructor://example.org', `must be an address, got "constructor://example.org"; ${Form}`],
    ['https://exa mple.org', `must be an address, got "https://exa mple.org"; ${Form}`],
    ['https://example..org', `must be an address, got "https://example..org"; ${Form}`],
    ['https://-example.org', `must be an address, got "https://-example.org"; ${Form}`],
    ['https://256.1.1.1', `must be an address, got "https://256.1.1.1"; ${Form}`],
    ['https://example.org?q=1', `must be an address, got "https://example.org?q=1"; ${Form}`],
    ['https://example.org\n', `must be an address, got "https://example.org\\n"; ${Form}`],
    ['https://example.org:0', 'must have a port from 1 to 65535, got "https://example.org:0"'],
    [
      'https://example.org:65536',
      'must have a port from 1 to 65535, got "https://example.org:65536"',
    ],
    [
      'grpc://a.b.svc.cluster.local',
      'must name its port, got "grpc://a.b.svc.cluster.local"; write grpc://host:port',
    ],
    [
      'http://prometheus:9090',
      'must mean the same in every namespace, got "http://prometheus:9090"; write name.namespace.svc.cluster.local',
    ],
    [
      'https://user:secret@example.org',
      'must be an address without credentials, got a URL with a password (not shown); keep them in a Secret',
    ],
    [
      'https://token@example.org',
      'must be an address without credentials, got "https://token@example.org"; keep them in a Secret',
    ],
  ])('rejects %j for a pod', (text, message) => {
    expect(refusalOf(() => Endpoint.parse('pod', text))).toBe(message);
  });

  test('never throws anything but a refusal, whatever the text', () => {
    const part = fc.string({ unit: fc.constantFrom(...'aZ0.:/@[]-_?#% \n127'), maxLength: 20 });
    fc.assert(
      fc.property(fc.constantFrom(...CONTEXTS), part, (context, rest) => {
        try {
          return String(Endpoint.parse(context, `https://${rest}`)).length > 0;
        } catch (error) {
          return (error as Error).name === 'InvalidValue';
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the kinds of hosts', () => {
  test('are told apart however they are written', () => {
    expect(LOOPBACK.filter((host) => !isLoopback(host))).toEqual([]);
    expect(BIND.filter((host) => !isBindAddress(host))).toEqual([]);
    expect(
      ['a.b.svc', 'a.b.svc.', 'a.cluster.local'].filter((host) => !isClusterName(host)),
    ).toEqual([]);
    expect(
      ['example.org', '10.0.0.1', 'svc.example.org', '128.0.0.1'].filter(
        (host) => isLoopback(host) || isBindAddress(host) || isClusterName(host),
      ),
    ).toEqual([]);
  });
});
