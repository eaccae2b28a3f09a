import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import {
  CacheWarming,
  type CacheWarmingProps,
} from '../../../constructs/attic-cache/cache-warming.ts';
import { factsOf } from '../../../constructs/facts.ts';
import { namespaceFlow } from '../../../constructs/workload/flows.ts';
import { parseCron5 } from '../../../values/cron.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { resources } from '../../../values/resources.ts';
import { type Json, NETWORK, named, synthesizeConstruct } from '../../support/synthesized.ts';
import { atticProps, environmentOf, PUBLIC_KEY, podOf } from './attic-parts.ts';

function synthesize(change: Partial<CacheWarmingProps> = {}) {
  const facts: { notes: Json[]; weakenings: string[]; secrets: string[] } = {
    notes: [],
    weakenings: [],
    secrets: [],
  };
  const json = synthesizeConstruct((stack, namespace) => {
    new CacheWarming(stack, 'warming', {
      namespace,
      image: atticProps(namespace).images.node,
      network: NETWORK,
      schedule: parseCron5('0 2 * * *'),
      suspended: false,
      installables: ['github:example/one#a', 'github:example/two'],
      client: 'github:NixOS/nixpkgs/0123#attic-client',
      resources: resources(['500m', '2'], ['1Gi', '4Gi']),
      server: Endpoint.service('http', 'attic', 'nix-cache'),
      cache: { name: 'main', publicKey: PUBLIC_KEY, upstreamKeyNames: ['cache.nixos.org-1'] },
      flows: [namespaceFlow('nix-cache', 8080)],
      ...change,
    });
    facts.notes = factsOf(stack, 'note');
    facts.weakenings = factsOf(stack, 'weakening').map(({ what }) => what);
    facts.secrets = factsOf(stack, 'secret').map(({ kind, name }) => `${kind} ${name}`);
  });
  const task = named(json, 'kubernetes_cron_job_v1', 'cache-warming');
  const { data } = named(json, 'kubernetes_config_map_v1', 'cache-warming');
  return { task, data, container: podOf(task).container[0], json, ...facts };
}

describe('CacheWarming', () => {
  test('builds, pushes and reads back what is declared (W-B9, L16)', () => {
    expect(synthesize().container.command).toEqual([
      '/bin/sh',
      '/etc/warming/attic/warm-cache.sh',
      'main',
      'http://attic.nix-cache.svc.cluster.local/main',
      'github:NixOS/nixpkgs/0123#attic-client',
      'github:example/one#a',
      'github:example/two',
    ]);
  });

  test('is there and does nothing while writes are quarantined (Q2)', () => {
    const { task, notes } = synthesize({ suspended: true });
    expect(task.spec.suspend).toBe(true);
    expect(notes).toEqual([
      {
        subject: 'home/cache-warming',
        note: 'suspended, because writes to the cache are quarantined (attic.writes)',
      },
    ]);
    expect(synthesize().task.spec).toMatchObject({ suspend: false, schedule: '0 2 * * *' });
  });

  test('covers nothing of the store in its image (L8)', () => {
    const paths = synthesize().container.volume_mount.map((mount: Json) => mount.mount_path);
    expect(paths).toEqual(['/etc/warming/attic', '/run/secrets/attic']);
  });

  test('gives up what Nix needs and no more, in writing (W-B9)', () => {
    const { weakenings, container, task } = synthesize();
    expect(weakenings).toEqual(['root user', 'writable root file system']);
    expect(podOf(task).security_context).toMatchObject({ run_as_user: '0' });
    expect(container.security_context).toMatchObject({
      privileged: false,
      allow_privilege_escalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('finds its token in a file that its client is told of (Q7)', () => {
    const { data, secrets, container } = synthesize();
    expect(parse(data['config.toml'])).toEqual({
      'default-server': 'cluster',
      servers: {
        cluster: {
          endpoint: 'http://attic.nix-cache.svc.cluster.local/',
          'token-file': '/run/secrets/attic/token',
        },
      },
    });
    expect(secrets).toEqual(['attic-push-token attic-push-token']);
    expect(environmentOf(container)).toMatchObject({
      TOKEN_FILE: '/run/secrets/attic/token',
      XDG_CONFIG_HOME: '/etc/warming',
    });
  });

  test('builds as the one user there is, and asks the cache first when its key is known', () => {
    expect(environmentOf(synthesize().container).NIX_CONFIG?.split('\n')).toEqual([
      'experimental-features = nix-command flakes',
      'build-users-group =',
      'sandbox = false',
      'fallback = true',
      'connect-timeout = 5',
      'extra-substituters = http://attic.nix-cache.svc.cluster.local/main',
      `extra-trusted-public-keys = ${PUBLIC_KEY}`,
    ]);
    const unknown = synthesize({ cache: { name: 'main', upstreamKeyNames: [] } });
    expect(environmentOf(unknown.container).NIX_CONFIG).not.toContain('substituters');
  });

  test('knows the signatures of upstream as a pattern', () => {
    const pattern = (upstreamKeyNames: string[]) =>
      environmentOf(synthesize({ cache: { name: 'main', upstreamKeyNames } }).container)
        .UPSTREAM_KEY_NAMES;
    expect(pattern(['cache.nixos.org-1', 'b'])).toBe('cache\\.nixos\\.org-1|b');
    expect(pattern([])).toBe('^$');
  });

  test('has a limit for what it builds into its own file system (L7)', () => {
    expect(synthesize().container.resources).toMatchObject({
      requests: { 'ephemeral-storage': '2Gi' },
      limits: { 'ephemeral-storage': '40Gi' },
    });
    const own = resources(['1', '2'], ['1Gi', '4Gi'], ['1Gi', '8Gi']);
    expect(synthesize({ resources: own }).container.resources.limits).toMatchObject({
      'ephemeral-storage': '8Gi',
    });
  });

  test('reaches the declared ways and the internet', () => {
    const { json } = synthesize();
    const rules = named(json, 'kubernetes_network_policy_v1', 'cache-warming').spec.egress;
    expect(rules.slice(1)).toEqual([
      {
        to: [
          {
            namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'nix-cache' } },
          },
        ],
        ports: [{ port: '8080', protocol: 'TCP' }],
      },
      {
        to: [{ ip_block: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }],
        ports: [{ port: '443', protocol: 'TCP' }],
      },
    ]);
  });
});
