import type { V1NetworkPolicy, V1NetworkPolicySpec } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import {
  evaluate,
  type PolicyEnd,
  type PolicyPod,
  selects,
} from '../../../../operations/rehearsal/cluster/network-policy.ts';

const NAMESPACES = {
  a: { 'kubernetes.io/metadata.name': 'a', team: 'one' },
  b: { 'kubernetes.io/metadata.name': 'b' },
};
const CLIENT = pod('a', 'client', { app: 'client' });
const SERVER = pod('b', 'server', { app: 'server' }, { http: 8080 });
const WORLD: PolicyEnd = { kind: 'address', address: '93.184.216.34' };

function pod(
  namespace: string,
  name: string,
  labels: Record<string, string>,
  ports: Record<string, number> = {},
): PolicyPod {
  return { kind: 'pod', namespace, name, labels, ports };
}

function policy(namespace: string, name: string, spec: object): V1NetworkPolicy {
  return { metadata: { name, namespace }, spec: spec as V1NetworkPolicySpec };
}

const DENY_IN = policy('b', 'deny', { podSelector: {}, policyTypes: ['Ingress'] });
const DENY_OUT = policy('a', 'deny', { podSelector: {}, policyTypes: ['Egress'] });

function letIn(from: object[], ports: object[] = []): V1NetworkPolicy {
  const rule = { ...(from.length > 0 ? { from } : {}), ...(ports.length > 0 ? { ports } : {}) };
  return policy('b', 'let-in', {
    podSelector: { matchLabels: { app: 'server' } },
    ingress: [rule],
  });
}

function letOut(to: object[], ports: object[] = []): V1NetworkPolicy {
  const rule = { ...(to.length > 0 ? { to } : {}), ...(ports.length > 0 ? { ports } : {}) };
  return policy('a', 'let-out', { podSelector: {}, policyTypes: ['Egress'], egress: [rule] });
}

const IN_A = { namespaceSelector: { matchLabels: { team: 'one' } } };
const CLIENTS = { podSelector: { matchLabels: { app: 'client' } } };

describe('a connection', () => {
  test.each<[string, V1NetworkPolicy[], PolicyEnd, PolicyEnd, number, 'allowed' | 'denied']>([
    ['no policy is about', [], CLIENT, SERVER, 80, 'allowed'],
    [
      'a policy of another namespace is about',
      [{ ...DENY_IN, metadata: { name: 'x', namespace: 'c' } }],
      CLIENT,
      SERVER,
      80,
      'allowed',
    ],
    ['nobody lets in', [DENY_IN], CLIENT, SERVER, 80, 'denied'],
    ['nobody lets out', [DENY_OUT], CLIENT, SERVER, 80, 'denied'],
    [
      'one of two policies lets in',
      [DENY_IN, letIn([{ ...IN_A, ...CLIENTS }])],
      CLIENT,
      SERVER,
      80,
      'allowed',
    ],
    ['that is let in but not out', [DENY_OUT, letIn([])], CLIENT, SERVER, 80, 'denied'],
    [
      'that is let out and in',
      [DENY_OUT, DENY_IN, letOut([{ podSelector: {}, namespaceSelector: {} }]), letIn([IN_A])],
      CLIENT,
      SERVER,
      80,
      'allowed',
    ],
    [
      'of the wrong namespace',
      [letIn([{ namespaceSelector: { matchLabels: { team: 'two' } } }])],
      CLIENT,
      SERVER,
      80,
      'denied',
    ],
    ['of pods of its own namespace alone', [letIn([CLIENTS])], CLIENT, SERVER, 80, 'denied'],
    ['of a port by number', [letIn([], [{ port: 80 }])], CLIENT, SERVER, 80, 'allowed'],
    [
      'of a port as text, as the Kubernetes provider writes it',
      [letIn([], [{ port: '80' }])],
      CLIENT,
      SERVER,
      80,
      'allowed',
    ],
    ['of another port', [letIn([], [{ port: 81 }])], CLIENT, SERVER, 80, 'denied'],
    [
      'of a range of ports',
      [letIn([], [{ port: 80, endPort: 90 }])],
      CLIENT,
      SERVER,
      90,
      'allowed',
    ],
    [
      'beyond a range of ports',
      [letIn([], [{ port: 80, endPort: 90 }])],
      CLIENT,
      SERVER,
      91,
      'denied',
    ],
    ['of a port by name', [letIn([], [{ port: 'http' }])], CLIENT, SERVER, 8080, 'allowed'],
    [
      'of a name that the pod does not have',
      [letIn([], [{ port: 'grpc' }])],
      CLIENT,
      SERVER,
      8080,
      'denied',
    ],
    [
      'of another protocol',
      [letIn([], [{ port: 80, protocol: 'UDP' }])],
      CLIENT,
      SERVER,
      80,
      'denied',
    ],
    [
      'from an address in a block',
      [letIn([{ ipBlock: { cidr: '93.0.0.0/8' } }])],
      WORLD,
      SERVER,
      80,
      'allowed',
    ],
    [
      'from an address in a hole of a block',
      [letIn([{ ipBlock: { cidr: '0.0.0.0/0', except: ['93.184.0.0/16'] } }])],
      WORLD,
      SERVER,
      80,
      'denied',
    ],
    [
      'from a pod, by a block of addresses',
      [letIn([{ ipBlock: { cidr: '0.0.0.0/0' } }])],
      CLIENT,
      SERVER,
      80,
      'denied',
    ],
    [
      'to an address',
      [letOut([{ ipBlock: { cidr: '0.0.0.0/0' } }])],
      CLIENT,
      WORLD,
      443,
      'allowed',
    ],
    [
      'to an address, by a choice of pods',
      [letOut([{ podSelector: {} }])],
      CLIENT,
      WORLD,
      443,
      'denied',
    ],
  ])('%s', (_, policies, from, to, port, expected) => {
    expect(evaluate(policies, NAMESPACES, from, to, { port }).verdict).toBe(expected);
  });

  test('that is denied says by whom', () => {
    expect(evaluate([DENY_IN, letIn([CLIENTS])], NAMESPACES, CLIENT, SERVER, { port: 80 })).toEqual(
      {
        verdict: 'denied',
        because: 'b/server is chosen by deny, let-in, and no ingress rule lets it in',
      },
    );
    expect(evaluate([DENY_OUT], NAMESPACES, CLIENT, WORLD, { port: 443 })).toEqual({
      verdict: 'denied',
      because: 'a/client is chosen by deny, and no egress rule lets it out',
    });
  });

  test('out of a pod is not restricted by a policy that lists what comes in', () => {
    const listed = policy('a', 'in', { podSelector: {}, ingress: [] });
    expect(evaluate([listed], NAMESPACES, CLIENT, SERVER, { port: 80 }).verdict).toBe('allowed');
    expect(evaluate([listed], NAMESPACES, SERVER, CLIENT, { port: 80 }).verdict).toBe('denied');
  });
});

describe('a selector', () => {
  const labels = { app: 'x', tier: 'y' };
  test.each([
    [true, {}],
    [true, { matchLabels: { app: 'x' } }],
    [false, { matchLabels: { app: 'x', tier: 'z' } }],
    [true, { matchExpressions: [{ key: 'app', operator: 'In', values: ['w', 'x'] }] }],
    [false, { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['x'] }] }],
    [true, { matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['x'] }] }],
    [true, { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }],
    [false, { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }],
  ])('is %s for %j', (expected, selector) => {
    expect(selects(selector, labels)).toBe(expected);
  });
});
