import { describe, expect, test } from 'vitest';
import { endpointFlow, publicNameFlows } from '../../../constructs/workload/address-flows.ts';
import { Endpoint } from '../../../values/endpoint.ts';
import { NETWORK } from '../../support/synthesized.ts';

describe('the way to an address', () => {
  test('leads to its namespace at any port, since the pods behind a Service have ports of their own', () => {
    expect(endpointFlow(Endpoint.parse('pod', 'http://minio.storage.svc.cluster.local'))).toEqual({
      peer: { kind: 'namespace', namespace: 'storage' },
      ports: [],
    });
  });

  test('leads anywhere at its port when it is no name of the cluster', () => {
    expect(endpointFlow(Endpoint.parse('pod', 'http://store.example.org:9000'))).toEqual({
      peer: { kind: 'addresses', cidrs: ['0.0.0.0/0'] },
      ports: [{ port: 9000 }],
    });
    expect(endpointFlow(Endpoint.parse('pod', 'https://store.example.org')).ports).toEqual([
      { port: 443 },
    ]);
  });
});

test('a public name is reached at the ingress controller, or from outside, or at its declared private addresses', () => {
  const network = { ...NETWORK, ingress: { ...NETWORK.ingress, cidrs: ['10.0.0.80/32'] } };
  expect(publicNameFlows(network).at(-1)).toEqual({
    peer: { kind: 'addresses', cidrs: ['10.0.0.80/32'] },
    ports: [{ port: 443 }],
  });
  expect(publicNameFlows(NETWORK)).toEqual([
    {
      peer: { kind: 'namespace', namespace: 'ingress' },
      ports: [{ port: 443 }, { port: 8443 }],
    },
    {
      peer: { kind: 'addresses', cidrs: ['0.0.0.0/0'], except: ['10.0.0.0/8'] },
      ports: [{ port: 443 }],
    },
  ]);
});
