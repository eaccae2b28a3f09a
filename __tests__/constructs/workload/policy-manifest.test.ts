import { expect, test } from 'vitest';
import { podFlow } from '../../../constructs/workload/flows.ts';
import { policyManifest } from '../../../constructs/workload/policy-manifest.ts';

test('a policy as an object names its ports by number, since text would be the name of one', () => {
  const { spec } = policyManifest({
    name: 'database',
    namespace: 'home',
    pods: { app: 'database' },
    ingress: [podFlow('home', { app: 'client' }, 5432)],
    egress: [
      {
        peer: { kind: 'addresses', cidrs: ['0.0.0.0/0'], except: ['10.0.0.0/8'] },
        ports: [{ port: 53, protocol: 'UDP' }],
      },
    ],
  });
  expect(spec).toEqual({
    podSelector: { matchLabels: { app: 'database' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'home' } },
            podSelector: { matchLabels: { app: 'client' } },
          },
        ],
        ports: [{ port: 5432, protocol: 'TCP' }],
      },
    ],
    egress: [
      {
        to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }],
        ports: [{ port: 53, protocol: 'UDP' }],
      },
    ],
  });
});

test('a policy without labels is about every pod, and writes even the lists that are empty', () => {
  const { spec } = policyManifest({ name: 'deny', namespace: 'home', ingress: [], egress: [] });
  expect(spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [],
  });
});
