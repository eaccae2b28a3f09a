import { describe, expect, test } from 'vitest';
import { readImages } from '../../../config/images.ts';
import { factsOf } from '../../../constructs/facts.ts';
import type { PostgresBackup } from '../../../constructs/postgres/cluster-manifests.ts';
import {
  PostgresCluster,
  type PostgresClusterProps,
} from '../../../constructs/postgres/postgres-cluster.ts';
import { podFlow } from '../../../constructs/workload/flows.ts';
import { parseCron6 } from '../../../values/cron.ts';
import { Duration } from '../../../values/duration.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { Quantity } from '../../../values/quantity.ts';
import { resources } from '../../../values/resources.ts';
import { SecretRef } from '../../../values/secret-ref.ts';
import { type Json, NETWORK, named, synthesizeConstruct } from '../../support/synthesized.ts';

const BACKUP: PostgresBackup = {
  schedule: parseCron6('0 30 1 * * *'),
  retention: Duration.parse('retention', '30d'),
  sharesFailureDomain: true,
  access: {
    bucket: 'pg-backup',
    region: 'us-east-1',
    endpoint: Endpoint.service('http', 'store', 'home', 9000),
    credentials: SecretRef.of('s3-credentials', 'home', 'pg-backup-s3'),
    flows: [podFlow('home', { name: 'store' }, 9000)],
    dependsOn: [],
  },
};

function synthesize(change: Partial<PostgresClusterProps> = {}) {
  const facts: { component: Json; warnings: Json[]; secrets: string[]; construct: Json } = {
    component: undefined,
    warnings: [],
    secrets: [],
    construct: undefined,
  };
  const json = synthesizeConstruct((stack, namespace) => {
    facts.construct = new PostgresCluster(stack, 'database', {
      namespace,
      name: 'attic-pg',
      network: NETWORK,
      image: readImages().postgresql,
      database: 'attic',
      instances: 1,
      volume: { size: Quantity.parse('storage', '10Gi'), storageClass: undefined },
      resources: resources(['250m', '1'], ['512Mi', '1Gi']),
      backup: undefined,
      pullSecret: undefined,
      operatorNamespace: 'cnpg-system',
      clients: [{ app: 'attic' }, { app: 'attic-gc' }],
      keep: true,
      claimsHighAvailability: false,
      dependsOn: [],
      ...change,
    });
    [facts.component] = factsOf(stack, 'component');
    facts.warnings = factsOf(stack, 'warning');
    facts.secrets = factsOf(stack, 'secret').map(({ kind, name }) => `${kind} ${name}`);
  });
  const release = named(json, 'helm_release', 'attic-pg');
  const { objects } = JSON.parse(release.values[0]);
  const ofKind = (kind: string) => objects.find((object: Json) => object.kind === kind);
  const policy = ofKind('NetworkPolicy').spec;
  return { release, objects, ofKind, cluster: ofKind('Cluster'), policy, ...facts };
}

/** The kinds of the objects that Helm leaves in place. */
function keptKinds(objects: readonly Json[]): string[] {
  return objects
    .filter(({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'] === 'keep')
    .map(({ kind }) => kind);
}

describe('a PostgresCluster', () => {
  test('is what was reviewed', async () => {
    const text = `${JSON.stringify(synthesize().cluster, undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot('__snapshots__/cluster.json');
  });

  test('ends statements that take too long, and says how a session gets out of that', () => {
    const { cluster, construct } = synthesize();
    const limits = Object.keys(cluster.spec.postgresql.parameters).filter((name) =>
      name.endsWith('_timeout'),
    );
    const lifted = limits.map((name) => `-c ${name}=0`).join(' ');
    expect(lifted).toBe('-c statement_timeout=0');
    expect(construct.patientSession).toBe(lifted);
  });

  test('goes through a release, for no plan knows its type on an empty cluster (W-C16)', () => {
    const { release, objects } = synthesize();
    expect(release.chart).toMatch(/^\.\/assets\/manifests-chart\//);
    expect(release.wait).toBe(false);
    expect(objects.map(({ kind }: Json) => kind)).toEqual(['Cluster', 'NetworkPolicy']);
  });

  test('outlives destroy together with its policy and is adopted, unless the settings say otherwise', () => {
    const kept = synthesize();
    expect(kept.release.take_ownership).toBe(true);
    expect(keptKinds(kept.objects)).toEqual(['Cluster', 'NetworkPolicy']);
    const fleeting = synthesize({ keep: false });
    expect(fleeting.release.take_ownership).toBe(false);
    expect(keptKinds(fleeting.objects)).toEqual([]);
  });

  test('lets in nobody without TLS and a SCRAM password', () => {
    const { postgresql } = synthesize().cluster.spec;
    expect(postgresql.pg_hba).toEqual([
      'hostssl all all all scram-sha-256',
      'hostnossl all all all reject',
    ]);
    expect(postgresql.parameters.password_encryption).toBe('scram-sha-256');
  });

  test('puts declared parameters before its own, and a change of them into the plan (W-B5)', () => {
    const changed = synthesize({ parameters: { max_connections: '200', work_mem: '8MB' } });
    expect(changed.cluster.spec.postgresql.parameters).toMatchObject({
      max_connections: '200',
      work_mem: '8MB',
      statement_timeout: '60s',
    });
    expect(changed.release.lifecycle).toBeUndefined();
  });

  test('reserves no more shared memory than the operator allows', () => {
    const buffers = (memory: [string, string]) =>
      synthesize({ resources: resources(['1', '1'], memory) }).cluster.spec.postgresql.parameters
        .shared_buffers;
    expect(buffers(['512Mi', '1Gi'])).toBe('256MB');
    expect(buffers(['96Mi', '1Gi'])).toBe('48MB');
  });

  test('blocks no drain while it has one instance', () => {
    expect(synthesize().cluster.spec).toMatchObject({ instances: 1, enablePDB: false });
    expect(synthesize({ instances: 2 }).cluster.spec).toMatchObject({ enablePDB: true });
  });

  test('keeps several instances on several nodes, since preferring it is not HA (H1)', () => {
    const type = (instances: number) =>
      synthesize({ instances }).cluster.spec.affinity.podAntiAffinityType;
    expect([1, 2, 3].map(type)).toEqual(['preferred', 'required', 'required']);
  });

  test('takes the declared StorageClass, and else that of the cluster', () => {
    expect(synthesize().cluster.spec.storage).toEqual({ size: '10Gi' });
    const volume = { size: Quantity.parse('storage', '20Gi'), storageClass: 'zfs' };
    expect(synthesize({ volume }).cluster.spec.storage).toEqual({
      size: '20Gi',
      storageClass: 'zfs',
    });
  });

  test('pulls from a private registry where there is one', () => {
    expect(synthesize({ pullSecret: 'ghcr-auth' }).cluster.spec.imagePullSecrets).toEqual([
      { name: 'ghcr-auth' },
    ]);
  });

  test('is reached by the Secret that the operator writes', () => {
    const { url, flows } = synthesize().construct;
    expect(url).toMatchObject({ key: 'uri', secret: { namespace: 'home', name: 'attic-pg-app' } });
    expect(flows).toEqual([podFlow('home', { 'cnpg.io/cluster': 'attic-pg' }, 5432)]);
  });
});

describe('its network policy', () => {
  const peer = ({ from, to, ports }: Json) => {
    const [{ podSelector, namespaceSelector, ipBlock }] = from ?? to;
    const name = Object.values(podSelector?.matchLabels ?? {})[0];
    const namespace = namespaceSelector?.matchLabels['kubernetes.io/metadata.name'];
    return `${ipBlock?.cidr ?? name ?? namespace} ${ports.map(({ port }: Json) => port).join()}`;
  };

  test('chooses the pods of the operator by its label', () => {
    expect(synthesize().policy.podSelector.matchLabels).toEqual({
      'cnpg.io/cluster': 'attic-pg',
    });
  });

  test('lets in clients, operator and peers, each at its ports (W-B5)', () => {
    expect(synthesize().policy.ingress.map(peer)).toEqual([
      'attic 5432',
      'attic-gc 5432',
      'cnpg-system 8000,5432',
      'attic-pg 5432,8000',
    ]);
  });

  test('lets Prometheus in where there is one', () => {
    const { policy } = synthesize({ monitoringNamespace: 'monitoring' });
    expect(policy.ingress.map(peer)).toContain('monitoring 9187');
  });

  test('lets out to DNS, the API server and peers, and to the store of its backups (W-B5)', () => {
    const basic = ['kube-system 53,53', '10.43.0.1/32 443,6443', 'attic-pg 5432,8000'];
    expect(synthesize().policy.egress.map(peer)).toEqual(basic);
    expect(synthesize({ backup: BACKUP }).policy.egress.map(peer)).toEqual([
      ...basic,
      'store 9000',
    ]);
  });
});

describe('its backups', () => {
  test('are made on a schedule of six fields, by the plugin (W-B4)', () => {
    expect(synthesize({ backup: BACKUP }).ofKind('ScheduledBackup').spec).toEqual({
      schedule: '0 30 1 * * *',
      cluster: { name: 'attic-pg' },
      method: 'plugin',
      pluginConfiguration: { name: 'barman-cloud.cloudnative-pg.io' },
      backupOwnerReference: 'cluster',
      immediate: true,
    });
  });

  test('lie where the declared bucket is, and the log goes there too (W-B6)', () => {
    const { ofKind, cluster } = synthesize({ backup: BACKUP });
    const { metadata, spec } = ofKind('ObjectStore');
    expect(spec).toMatchObject({
      retentionPolicy: '30d',
      configuration: {
        destinationPath: 's3://pg-backup/',
        endpointURL: 'http://store.home.svc.cluster.local:9000',
        s3Credentials: {
          accessKeyId: { name: 'pg-backup-s3', key: 'access-key-id' },
          secretAccessKey: { name: 'pg-backup-s3', key: 'secret-access-key' },
        },
      },
    });
    expect(cluster.spec.plugins).toEqual([
      {
        name: 'barman-cloud.cloudnative-pg.io',
        isWALArchiver: true,
        parameters: { barmanObjectName: metadata.name },
      },
    ]);
    expect(cluster.spec.backup).toBeUndefined();
  });

  test('ask no metadata service and send no checksums that other stores refuse (L11)', () => {
    const { env } = synthesize({ backup: BACKUP }).ofKind('ObjectStore').spec
      .instanceSidecarConfiguration;
    expect(env).toEqual([
      { name: 'AWS_DEFAULT_REGION', value: 'us-east-1' },
      { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' },
      { name: 'AWS_REQUEST_CHECKSUM_CALCULATION', value: 'when_required' },
      { name: 'AWS_RESPONSE_CHECKSUM_VALIDATION', value: 'when_required' },
    ]);
  });

  test('are flagged where they are lost together with the data (H2)', () => {
    const { cluster, warnings, component, secrets } = synthesize({ backup: BACKUP });
    expect(cluster.metadata.annotations['flywheel/backup']).toBe('same-failure-domain');
    expect(component.backup).toBe(
      '0 30 1 * * *, kept 30d, bucket pg-backup in the same failure domain',
    );
    expect(warnings).toEqual([
      {
        subject: 'home/attic-pg',
        note: 'the backups lie in the store that is lost together with the data; give attic.database.backup.endpoint another store',
      },
    ]);
    expect(secrets).toEqual(['s3-credentials pg-backup-s3']);
  });

  test('are good elsewhere, and their absence is said (H2)', () => {
    const elsewhere = synthesize({ backup: { ...BACKUP, sharesFailureDomain: false } });
    expect(elsewhere.cluster.metadata.annotations['flywheel/backup']).toBe('elsewhere');
    expect(elsewhere.warnings).toEqual([]);
    const none = synthesize();
    expect(none.cluster.metadata.annotations['flywheel/backup']).toBe('none');
    expect(none.component.backup).toBe('none');
  });

  test('need no endpoint at AWS, which the region names', () => {
    const access = { ...BACKUP.access, endpoint: undefined, region: 'eu-west-1' };
    const { configuration, instanceSidecarConfiguration } = synthesize({
      backup: { ...BACKUP, access },
    }).ofKind('ObjectStore').spec;
    expect(configuration.endpointURL).toBeUndefined();
    expect(instanceSidecarConfiguration.env[0].value).toBe('eu-west-1');
  });
});

describe('what it says of its availability', () => {
  test('is what its instances make of it, whatever is claimed (H1)', () => {
    expect(synthesize({ claimsHighAvailability: true }).component).toMatchObject({
      replicas: '1',
      failureDomain: 'the node and its volume',
      highlyAvailable: false,
    });
    expect(synthesize({ instances: 3 }).component).toMatchObject({
      replicas: '3',
      failureDomain: 'all nodes with an instance',
      highlyAvailable: true,
    });
  });

  test('carries the claim to where the rules see it (H1)', () => {
    const availability = (claimsHighAvailability: boolean) =>
      synthesize({ claimsHighAvailability }).cluster.metadata.annotations['flywheel/availability'];
    expect([true, false].map(availability)).toEqual(['ha', 'interim']);
  });
});
