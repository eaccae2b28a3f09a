import { describe, expect, test } from 'vitest';
import { factsOf } from '../../constructs/facts.ts';
import { PublicEntry, type PublicEntryProps } from '../../constructs/public-entry.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import {
  type Json,
  NETWORK,
  named,
  resourcesOf,
  synthesizeConstruct,
} from '../support/synthesized.ts';

const PROPS: Omit<PublicEntryProps, 'namespace'> = {
  name: 'app',
  labels: {},
  host: 'app.example.org',
  service: { name: 'app', port: 80 },
  names: { ingressClass: 'nginx', issuer: 'letsencrypt-prod', externalDnsTtlSec: 300 },
  network: NETWORK,
};

function synthesize(change: Partial<PublicEntryProps> = {}): Json {
  return synthesizeConstruct((stack, namespace) => {
    new PublicEntry(stack, 'entry', { ...PROPS, namespace, ...change });
  });
}

const ingress = (change: Partial<PublicEntryProps> = {}): Json =>
  named(synthesize(change), 'kubernetes_ingress_v1', 'app');

describe('PublicEntry', () => {
  test('serves its host with TLS from the Service', () => {
    expect(ingress().spec).toMatchObject({
      ingress_class_name: 'nginx',
      rule: [{ host: 'app.example.org' }],
      tls: [{ hosts: ['app.example.org'], secret_name: 'app-tls' }],
    });
  });

  test('asks for a certificate and a DNS record where someone listens', () => {
    expect(ingress().metadata.annotations).toEqual({
      'cert-manager.io/cluster-issuer': 'letsencrypt-prod',
      'external-dns.alpha.kubernetes.io/hostname': 'app.example.org',
      'external-dns.alpha.kubernetes.io/ttl': '300',
    });
    const names = { ingressClass: 'nginx', issuer: undefined, externalDnsTtlSec: undefined };
    expect(ingress({ names }).metadata.annotations).toEqual({});
  });

  test('lets large and long transfers through', () => {
    expect(ingress({ maxBodyMiB: 10_240, timeoutSec: 3600 }).metadata.annotations).toMatchObject({
      'nginx.ingress.kubernetes.io/proxy-body-size': '10240m',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600',
      'nginx.ingress.kubernetes.io/proxy-send-timeout': '3600',
      'nginx.ingress.kubernetes.io/proxy-request-buffering': 'off',
    });
  });

  test('lets the ingress controller reach the pod that proves its name to the issuer', () => {
    const policy = named(synthesize(), 'kubernetes_network_policy_v1', 'app-acme');
    expect(policy.spec).toEqual({
      pod_selector: { match_labels: { 'acme.cert-manager.io/http01-solver': 'true' } },
      policy_types: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [
            {
              namespace_selector: {
                match_labels: { 'kubernetes.io/metadata.name': NETWORK.ingress.namespace },
              },
            },
          ],
          ports: [{ port: '8089', protocol: 'TCP' }],
        },
      ],
    });
  });

  test('asks a person for the certificate where none is made, and nobody where one is', () => {
    const asked = (issuer: string | undefined) => {
      const facts: unknown[] = [];
      synthesizeConstruct((stack, namespace) => {
        new PublicEntry(stack, 'entry', {
          ...PROPS,
          namespace,
          names: { ingressClass: 'nginx', issuer, externalDnsTtlSec: undefined },
        });
        facts.push(...factsOf(stack, 'secret'));
      });
      return facts;
    };
    expect(asked(undefined)).toEqual([SecretRef.of('tls-certificate', 'home', 'app-tls')]);
    expect(asked('letsencrypt-prod')).toEqual([]);
  });

  test('opens nothing where certificates are made by hand', () => {
    const names = { ingressClass: 'nginx', issuer: undefined, externalDnsTtlSec: undefined };
    const policies = resourcesOf(synthesize({ names }), 'kubernetes_network_policy_v1');
    expect(policies.filter(({ metadata }) => metadata.name === 'app-acme')).toEqual([]);
  });
});
