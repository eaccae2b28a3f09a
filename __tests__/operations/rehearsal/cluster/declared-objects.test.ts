import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../../config/read-settings.ts';
import {
  declaredObjects,
  nodesOf,
  storageClassNames,
} from '../../../../operations/rehearsal/cluster/declared-objects.ts';
import { exampleFile } from '../../../support/examples.ts';

const TINYLAND = readSettings(exampleFile('tinyland'));

function named(settings: typeof TINYLAND, kind: string): string[] {
  return declaredObjects(settings)
    .filter(({ object }) => object.kind === kind)
    .map(({ object }) => object.metadata.name);
}

describe('what is there before anything is applied', () => {
  test('are the nodes of the settings, with the label by which OpenEBS chooses them', () => {
    expect(named(TINYLAND, 'Node')).toEqual(['honey', 'bumble']);
    const bumble = declaredObjects(TINYLAND).find(
      ({ object }) => object.kind === 'Node' && object.metadata.name === 'bumble',
    );
    expect(bumble?.object).toMatchObject({
      metadata: { labels: { 'openebs.io/nodename': 'bumble', 'kubernetes.io/hostname': 'bumble' } },
      status: { allocatable: { cpu: '16', memory: '64Gi', pods: '110' } },
    });
  });

  test('is one node where the settings name none', () => {
    const none = { ...TINYLAND, cluster: { ...TINYLAND.cluster, nodes: [] } };
    expect(nodesOf(none).map(({ name }) => name)).toEqual(['honey']);
  });

  test('has the labels that pools want of their nodes', () => {
    const { gitlab } = TINYLAND.runners;
    const [first] = Object.entries(gitlab.pools);
    const pools = {
      ...gitlab.pools,
      ...(first && { [first[0]]: { ...first[1], nodeSelector: { 'example.org/gpu': 'yes' } } }),
    };
    const settings = {
      ...TINYLAND,
      runners: { ...TINYLAND.runners, gitlab: { ...gitlab, pools } },
    };
    const [node] = declaredObjects(settings).filter(({ object }) => object.kind === 'Node');
    expect(node?.object.metadata).toMatchObject({ labels: { 'example.org/gpu': 'yes' } });
  });

  test('are the classes that the settings name and no stack defines', () => {
    expect(storageClassNames(TINYLAND)).toEqual(['local-path']);
    const named = {
      ...TINYLAND,
      cluster: { ...TINYLAND.cluster, storageClass: 'fast' },
      bazelCache: { ...TINYLAND.bazelCache, volume: { storageClass: 'slow' } },
    } as typeof TINYLAND;
    expect(storageClassNames(named)).toEqual(['fast', 'slow']);
    const classes = declaredObjects(named).filter(({ object }) => object.kind === 'StorageClass');
    expect(
      classes.map(({ object }) => [
        object.metadata.name,
        (object.metadata.annotations as Record<string, string>)[
          'storageclass.kubernetes.io/is-default-class'
        ],
      ]),
    ).toEqual([
      ['fast', 'true'],
      ['slow', undefined],
    ]);
  });

  test('is cert-manager only where the settings say so', () => {
    expect(named(TINYLAND, 'ClusterIssuer')).toEqual(['letsencrypt-prod']);
    const certManager = { ...TINYLAND.cluster.certManager, installed: false };
    const without = { ...TINYLAND, cluster: { ...TINYLAND.cluster, certManager } };
    expect(named(without, 'ClusterIssuer')).toEqual([]);
    expect(named(without, 'CustomResourceDefinition')).toEqual([]);
  });

  test('is no type that a chart brings', () => {
    expect(
      named(TINYLAND, 'CustomResourceDefinition').filter(
        (name) => !name.endsWith('.cert-manager.io'),
      ),
    ).toEqual([]);
  });

  test('is the ingress class, and the namespace of its controller unless every cluster has it', () => {
    expect(named(TINYLAND, 'IngressClass')).toEqual(['traefik']);
    expect(named(TINYLAND, 'Namespace')).toEqual([]);
    const ingress = { class: 'nginx', namespace: 'ingress' };
    const other = { ...TINYLAND, cluster: { ...TINYLAND.cluster, ingress } } as typeof TINYLAND;
    expect(named(other, 'Namespace')).toEqual(['ingress']);
  });
});
