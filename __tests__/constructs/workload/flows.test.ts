import { describe, expect, test } from 'vitest';
import {
  apiServerFlow,
  dnsFlow,
  egressRules,
  ingressControllerFlow,
  ingressRules,
  internetFlow,
  namespaceFlow,
} from '../../../constructs/workload/flows.ts';
import { NETWORK } from '../../support/synthesized.ts';

const TCP = 'TCP';
const namespaceOf = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});

describe('a flow', () => {
  test('to the internet spares the private ranges', () => {
    expect(egressRules([internetFlow(NETWORK, 443)])).toEqual([
      {
        to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }],
        ports: [{ port: '443', protocol: TCP }],
      },
    ]);
  });

  test('to the API server goes to its declared addresses and ports', () => {
    expect(egressRules([apiServerFlow(NETWORK)])).toEqual([
      {
        to: [{ ipBlock: { cidr: '10.43.0.1/32' } }],
        ports: [
          { port: '443', protocol: TCP },
          { port: '6443', protocol: TCP },
        ],
      },
    ]);
  });

  test('to the cluster DNS uses both protocols', () => {
    expect(egressRules([dnsFlow(NETWORK)])[0]?.ports).toEqual([
      { port: '53', protocol: 'UDP' },
      { port: '53', protocol: TCP },
    ]);
  });

  test('from the ingress controller comes from its namespace', () => {
    expect(ingressRules([ingressControllerFlow(NETWORK, 3000)])).toEqual([
      { from: [namespaceOf('ingress')], ports: [{ port: '3000', protocol: TCP }] },
    ]);
  });

  test('between namespaces names every port', () => {
    expect(ingressRules([namespaceFlow('jobs', 80, 443)])).toEqual([
      {
        from: [namespaceOf('jobs')],
        ports: [
          { port: '80', protocol: TCP },
          { port: '443', protocol: TCP },
        ],
      },
    ]);
  });
});
