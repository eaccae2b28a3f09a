import { describe, expect, test } from 'vitest';
import { readCharts } from '../../../config/charts.ts';
import { readImages } from '../../../config/images.ts';
import {
  PostgresOperator,
  type PostgresOperatorProps,
} from '../../../constructs/postgres/postgres-operator.ts';
import {
  type Json,
  NETWORK,
  named,
  resourcesOf,
  synthesizeConstruct,
} from '../../support/synthesized.ts';

const CHARTS = readCharts();
const IMAGES = readImages();
const PLUGIN = {
  chart: CHARTS['barman-cloud-plugin'],
  image: IMAGES['barman-cloud-plugin'],
  sidecarImage: IMAGES['barman-cloud-sidecar'],
};

function synthesize(change: Partial<PostgresOperatorProps> = {}): Json {
  return synthesizeConstruct((stack, namespace) => {
    new PostgresOperator(stack, 'operator', {
      namespace,
      network: NETWORK,
      chart: CHARTS['cloudnative-pg'],
      image: IMAGES['postgresql-operator'],
      instances: { namespace: 'nix-cache', cluster: 'attic-pg' },
      ...change,
    });
  });
}

const release = (json: Json, name: string) => named(json, 'helm_release', name);
const values = (json: Json, name: string) => JSON.parse(release(json, name).values[0]);
const policy = (json: Json, name: string) => named(json, 'kubernetes_network_policy_v1', name).spec;

describe('a PostgresOperator', () => {
  const json = synthesize();

  test('is waited for, because its webhooks refuse every cluster until they answer', () => {
    expect(release(json, 'cloudnative-pg')).toMatchObject({
      chart: 'cloudnative-pg',
      version: CHARTS['cloudnative-pg'].version,
      namespace: 'home',
      wait: true,
    });
  });

  test('runs by digest, with limits, and changes instances without restarting them (W-C2)', () => {
    expect(values(json, 'cloudnative-pg')).toEqual({
      config: { data: { ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES: 'true' } },
      image: {
        repository: 'ghcr.io/cloudnative-pg/cloudnative-pg',
        tag: expect.stringMatching(/^[\d.]+@sha256:[0-9a-f]{64}$/),
      },
      imagePullSecrets: [],
      monitoring: { podMonitorAdditionalLabels: {}, podMonitorEnabled: false },
      resources: {
        limits: { cpu: '500m', memory: '256Mi' },
        requests: { cpu: '100m', memory: '128Mi' },
      },
    });
  });

  test('is called by the API server, wherever that is, and calls its instances (W-B5)', () => {
    const { pod_selector, ingress, egress } = policy(json, 'cloudnative-pg');
    expect(pod_selector.match_labels).toEqual({ 'app.kubernetes.io/name': 'cloudnative-pg' });
    expect(ingress).toEqual([
      {
        from: [{ ip_block: { cidr: '0.0.0.0/0' } }],
        ports: [{ port: '9443', protocol: 'TCP' }],
      },
    ]);
    expect(egress.at(-1)).toEqual({
      to: [
        {
          namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'nix-cache' } },
          pod_selector: { match_labels: { 'cnpg.io/cluster': 'attic-pg' } },
        },
      ],
      ports: [
        { port: '8000', protocol: 'TCP' },
        { port: '5432', protocol: 'TCP' },
      ],
    });
  });

  test('has no plugin where nothing is backed up', () => {
    expect(resourcesOf(json, 'helm_release').map(({ name }) => name)).not.toContain(
      'plugin-barman-cloud',
    );
  });

  test('brings the plugin after itself, with both its images pinned in one file', () => {
    const backed = synthesize({ plugin: PLUGIN });
    expect(values(backed, 'plugin-barman-cloud')).toMatchObject({
      image: { registry: 'ghcr.io', repository: 'cloudnative-pg/plugin-barman-cloud' },
      sidecarImage: {
        registry: 'ghcr.io',
        repository: 'cloudnative-pg/plugin-barman-cloud-sidecar',
        tag: PLUGIN.sidecarImage.tagAndDigest,
      },
    });
    expect(release(backed, 'plugin-barman-cloud').depends_on.join()).toContain(
      'helm_release.operator_chart_',
    );
    expect(policy(backed, 'cloudnative-pg').egress.at(-1).ports).toEqual([
      { port: '9090', protocol: 'TCP' },
    ]);
    expect(policy(backed, 'plugin-barman-cloud').ingress).toEqual([
      {
        from: [
          {
            namespace_selector: { match_labels: { 'kubernetes.io/metadata.name': 'home' } },
            pod_selector: { match_labels: { 'app.kubernetes.io/name': 'cloudnative-pg' } },
          },
        ],
        ports: [{ port: '9090', protocol: 'TCP' }],
      },
    ]);
  });

  test('is monitored where there is a Prometheus', () => {
    const watched = synthesize({
      monitoring: { namespace: 'monitoring', labels: { release: 'prometheus' } },
    });
    expect(values(watched, 'cloudnative-pg').monitoring).toEqual({
      podMonitorAdditionalLabels: { release: 'prometheus' },
      podMonitorEnabled: true,
    });
    expect(policy(watched, 'cloudnative-pg').ingress[1].ports[0].port).toBe('8080');
  });

  test('pulls from a private registry where there is one', () => {
    const both = synthesize({ plugin: PLUGIN, pullSecret: 'ghcr-auth' });
    for (const name of ['cloudnative-pg', 'plugin-barman-cloud']) {
      expect(values(both, name).imagePullSecrets).toEqual([{ name: 'ghcr-auth' }]);
    }
  });
});
