import { describe, expect, test } from 'vitest';
import { PublicEntry, type PublicEntryProps } from '../../constructs/public-entry.ts';
import { type Json, named, synthesizeConstruct } from '../support/synthesized.ts';

function ingress(change: Partial<PublicEntryProps> = {}): Json {
  const json = synthesizeConstruct((stack, namespace) => {
    new PublicEntry(stack, 'entry', {
      namespace,
      name: 'app',
      labels: {},
      host: 'app.example.org',
      service: { name: 'app', port: 80 },
      names: { ingressClass: 'nginx', issuer: 'letsencrypt-prod', externalDnsTtlSec: 300 },
      ...change,
    });
  });
  return named(json, 'kubernetes_ingress_v1', 'app');
}

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
});
