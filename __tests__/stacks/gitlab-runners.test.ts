import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../config/settings.ts';
import {
  exampleContext,
  type Json,
  named,
  resourcesOf,
  synthesizeStacks,
} from '../support/synthesized.ts';

function synthesize(example: string, change?: (settings: Settings) => Settings): Json {
  return JSON.parse(synthesizeStacks(exampleContext(example, change))['gitlab-runners'] ?? '{}');
}

const tinyland = synthesize('tinyland');

const valuesOf = (json: Json, release: string) =>
  JSON.parse(named(json, 'helm_release', release).values[0].replaceAll('$${', '${'));

const kubernetesOf = (json: Json, pool: string): Json => {
  const { runners }: Json = parse(valuesOf(json, pool).runners.config);
  return runners[0].kubernetes;
};

const labelsOf = (json: Json, namespace: string) =>
  valuesOf(json, `namespace-${namespace}`).objects[0].metadata.labels;

describe('the stack gitlab-runners of tinyland', () => {
  test('keeps its state under the key of the contract (S1, S2)', () => {
    expect(tinyland.terraform.backend.s3).toMatchObject({
      bucket: 'tofu-state',
      key: 'tinyland-infra/gitlab-runners/terraform.tfstate',
      use_lockfile: true,
    });
  });

  test('has a namespace for each trust level (W-A16)', () => {
    expect(tinyland.output.namespaces.value).toEqual([
      'gitlab-runners',
      'gitlab-runners-privileged',
      'tinyland-nix-operator',
    ]);
    const enforced = tinyland.output.namespaces.value.map(
      (name: string) => labelsOf(tinyland, name)['pod-security.kubernetes.io/enforce'],
    );
    expect(enforced).toEqual(['baseline', 'privileged', 'baseline']);
  });

  test('puts privileged containers into the privileged namespace and nowhere else (W-A16)', () => {
    const pools = Object.keys(tinyland.output.pools.value);
    const privileged = pools.filter((pool) => kubernetesOf(tinyland, pool).privileged);
    expect(privileged).toEqual(['dind-runner']);
    expect(kubernetesOf(tinyland, 'dind-runner').namespace).toBe('gitlab-runners-privileged');
  });

  test('attaches Nix jobs to the addresses of the contract (T3, T5, T9)', () => {
    const { runners }: Json = parse(valuesOf(tinyland, 'nix-runner').runners.config);
    expect(runners[0].environment).toEqual(
      expect.arrayContaining([
        'ATTIC_SERVER=http://attic.nix-cache.svc.cluster.local',
        'ATTIC_CACHE=main',
        'BAZEL_REMOTE_CACHE=grpc://bazel-cache.nix-cache.svc.cluster.local:9092',
      ]),
    );
  });

  test('never substitutes from where things are only published (T6)', () => {
    expect(JSON.stringify(tinyland)).not.toContain('flakehub');
  });

  test('has one lane that applies stacks, one job at a time, in a namespace of its own', () => {
    const lane = 'tinyland-nix-operator';
    expect(tinyland.output.pools.value[lane]).toEqual({
      namespace: lane,
      tags: [lane],
      protected: true,
      token_secret: `${lane}-token`,
    });
    expect(valuesOf(tinyland, lane)).toMatchObject({ replicas: 1, concurrent: 1 });
    const bindings = resourcesOf(tinyland, 'kubernetes_cluster_role_binding_v1');
    expect(bindings.flatMap(({ subject }) => subject)).toEqual([
      { kind: 'ServiceAccount', name: 'flywheel-operator', namespace: lane },
    ]);
  });

  test('gives the account of the lane to no other pool', () => {
    const accounts = Object.keys(tinyland.output.pools.value).map((pool) => [
      pool,
      kubernetesOf(tinyland, pool).service_account,
    ]);
    expect(accounts.filter(([, account]) => account !== 'flywheel-jobs')).toEqual([
      ['tinyland-nix-operator', 'flywheel-operator'],
    ]);
  });

  test('names the Secret of every token, and that a person brings it (L3)', () => {
    const tokens = tinyland.output.required_secrets.value.filter(
      ({ kind }: Json) => kind === 'runner-token',
    );
    expect(tokens.map(({ namespace, name }: Json) => `${namespace}/${name}`)).toEqual([
      'gitlab-runners-privileged/dind-runner-token',
      'gitlab-runners/docker-runner-token',
      'gitlab-runners/nix-runner-token',
      'gitlab-runners/rocky8-runner-token',
      'gitlab-runners/rocky9-runner-token',
      'tinyland-nix-operator/tinyland-nix-operator-token',
    ]);
    expect(tokens[0].keys).toEqual(['runner-token', 'runner-registration-token']);
  });

  test('has no monitor unless the settings want them', () => {
    expect(tinyland.data).toBeUndefined();
    expect(JSON.stringify(tinyland)).not.toContain('monitoring.coreos.com/v1');
  });

  test('is watched where the settings want it, managers from the namespace of Prometheus only', () => {
    const json = synthesize('tinyland', (settings) => ({
      ...settings,
      monitoring: { ...settings.monitoring, enabled: true },
    }));
    const { objects } = valuesOf(json, 'monitors-gitlab-runners');
    const monitors = objects.filter(({ kind }: Json) => kind === 'PodMonitor');
    expect(monitors.map(({ metadata }: Json) => metadata.namespace)).toEqual([
      'gitlab-runners',
      'gitlab-runners-privileged',
      'tinyland-nix-operator',
    ]);
    expect(monitors[0].spec.selector.matchExpressions[0].values).toEqual([
      'docker-runner',
      'nix-runner',
      'rocky8-runner',
      'rocky9-runner',
    ]);
    const { ingress } = named(json, 'kubernetes_network_policy_v1', 'nix-runner-managers').spec;
    expect(JSON.stringify(ingress)).toContain('"kubernetes.io/metadata.name":"monitoring"');
  });

  test('gives the lane no result that any job may have written, unless writing takes an account', () => {
    const lane = 'tinyland-nix-operator';
    const environment = (json: Json): readonly string[] => {
      const { runners }: Json = parse(valuesOf(json, lane).runners.config);
      return runners[0].environment.map((line: string) => line.split('=')[0]);
    };
    expect(environment(tinyland)).toEqual(['ATTIC_SERVER', 'ATTIC_CACHE', 'NIX_CONFIG']);
    const json = synthesize('tinyland', (settings) => ({
      ...settings,
      bazelCache: { ...settings.bazelCache, authenticatedWrites: true },
    }));
    expect(environment(json)).toContain('BAZEL_REMOTE_CACHE');
  });

  test('reaches a GitLab of its own at the addresses that the settings name', () => {
    const json = synthesize('tinyland', (settings) => ({
      ...settings,
      runners: {
        ...settings.runners,
        gitlab: { ...settings.runners.gitlab, cidrs: ['192.168.7.9/32'] },
      },
    }));
    for (const policy of ['nix-runner-managers', 'nix-runner-jobs']) {
      const { egress } = named(json, 'kubernetes_network_policy_v1', policy).spec;
      expect(JSON.stringify(egress)).toContain('"192.168.7.9/32"');
    }
  });

  test('substitutes from Attic as soon as its key is known (W-B11)', () => {
    const key = 'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=';
    const json = synthesize('tinyland', (settings) => {
      const { main } = settings.attic.caches;
      if (main === undefined) throw new Error('the example has a cache main');
      return {
        ...settings,
        attic: { ...settings.attic, caches: { main: { ...main, publicKey: key } } },
      };
    });
    const text = JSON.stringify(valuesOf(json, 'nix-runner'));
    expect(text).toContain('http://attic.nix-cache.svc.cluster.local/main https://cache.nixos.org');
    expect(text).toContain(key);
  });

  test('never asks a cache of which a job would need a token', () => {
    const json = synthesize('tinyland', (settings) => {
      const { main } = settings.attic.caches;
      if (main === undefined) throw new Error('the example has a cache main');
      const closed = { ...main, public: false, publicKey: `main:${'A'.repeat(43)}=` };
      return { ...settings, attic: { ...settings.attic, caches: { main: closed } } };
    });
    expect(JSON.stringify(valuesOf(json, 'nix-runner'))).not.toContain('local/main');
  });

  test('lets ordinary jobs read from Attic while writes are quarantined, and the lane also write', () => {
    const flows = (json: Json, policy: string) =>
      JSON.stringify(named(json, 'kubernetes_network_policy_v1', policy).spec.egress);
    expect(flows(tinyland, 'nix-runner-jobs')).not.toContain('8443');
    expect(flows(tinyland, 'tinyland-nix-operator-jobs')).toContain('8443');
  });
});

describe('the stack gitlab-runners of single-node-r2', () => {
  const single = synthesize('single-node-r2');

  test('has a lane with a tag that nothing else serves', () => {
    const { value } = single.output.pools;
    expect(Object.entries<Json>(value).map(([name, { tags }]) => [name, tags])).toEqual([
      ['docker-runner', ['docker', 'linux', 'amd64']],
      ['nix-runner', ['nix', 'flakes']],
      ['node1-operator', ['node1-operator']],
    ]);
  });

  test('asks Cachix after Attic and before cache.nixos.org', () => {
    expect(JSON.stringify(valuesOf(single, 'nix-runner'))).toContain(
      'substituters = https://homelab.cachix.org https://cache.nixos.org',
    );
  });

  test('needs no way to a store in the cluster, because there is none', () => {
    const policy = named(single, 'kubernetes_network_policy_v1', 'node1-operator-jobs');
    expect(JSON.stringify(policy)).not.toContain('"9000"');
  });
});

describe('where jobs push what they built', () => {
  test('is first the primary cache, whose failure fails the job, then Attic, whose failure is counted (L10)', () => {
    expect(synthesize('single-node-r2').output.cache_pushes.value).toEqual([
      { address: 'https://homelab.cachix.org', role: 'primary', failure: 'fails the job' },
      {
        pod_address: 'http://attic.nix-cache.svc.cluster.local/dev-cache',
        role: 'supplementary',
        failure: 'is counted and tolerated',
      },
    ]);
  });

  test('is Attic alone where no other is named, and then that is the primary one', () => {
    expect(synthesize('minimal').output.cache_pushes.value).toMatchObject([
      { pod_address: 'http://attic.nix-cache.svc.cluster.local/main', role: 'primary' },
    ]);
  });

  test('is nowhere while writes are quarantined', () => {
    expect(tinyland.output.cache_pushes.value).toEqual([]);
  });
});
