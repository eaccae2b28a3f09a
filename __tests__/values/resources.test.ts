import { describe, expect, test } from 'vitest';
import {
  excessiveRequests,
  requireOrdered,
  resourceMap,
  resources,
} from '../../values/resources.ts';
import { refusalOf } from '../support/refusal.ts';

describe('resources', () => {
  test('are written request before limit, under the names of Kubernetes (L5)', () => {
    const given = resources(['100m', '2'], ['256Mi', '2Gi'], ['1Gi', '10Gi']);
    expect(resourceMap(given.requests)).toEqual({
      cpu: '100m',
      memory: '256Mi',
      'ephemeral-storage': '1Gi',
    });
    expect(resourceMap(given.limits)).toEqual({
      cpu: '2',
      memory: '2Gi',
      'ephemeral-storage': '10Gi',
    });
  });

  test('say nothing of what is written outside of volumes unless asked', () => {
    const given = resources(['1', '1'], ['1Gi', '1Gi']);
    expect(resourceMap(given.limits)).toEqual({ cpu: '1', memory: '1Gi' });
    expect(requireOrdered(given)).toBe(given);
  });

  test.each([
    [
      ['2', '1'],
      ['1Gi', '1Gi'],
      'must request at most the limit of 1 cpu, got "2"; raise the limit or lower the request',
    ],
    [
      ['1', '1'],
      ['2Gi', '1Gi'],
      'must request at most the limit of 1Gi memory, got "2Gi"; raise the limit or lower the request',
    ],
  ] as const)('reject a request above its limit: cpu %j, memory %j', (cpu, memory, message) => {
    expect(refusalOf(() => resources(cpu, memory))).toBe(message);
  });

  test('name every resource of which too much is requested', () => {
    const { requests, limits } = resources(['1', '4'], ['1Gi', '4Gi'], ['1Gi', '2Gi']);
    const excess = excessiveRequests({ requests: limits, limits: requests });
    expect(excess.map(({ name, request, limit }) => `${name} ${request} > ${limit}`)).toEqual([
      'cpu 4 > 1',
      'memory 4Gi > 1Gi',
      'ephemeral 2Gi > 1Gi',
    ]);
  });
});
