import { describe, expect, test } from 'vitest';
import {
  type Demand,
  largestLimits,
  podDemand,
  timesDemand,
  totalDemand,
} from '../../../constructs/runner-pool/demand.ts';
import {
  jobPods,
  poolContainers,
  poolDemand,
} from '../../../constructs/runner-pool/pool-demand.ts';
import { resources } from '../../../values/resources.ts';
import { githubPool, gitlabPool } from './pool-fixtures.ts';

const SMALL = resources(['100m', '1'], ['128Mi', '1Gi']);
const LARGE = resources(['500m', '4'], ['1Gi', '8Gi']);

const shown = (demand: Demand) => JSON.parse(JSON.stringify(demand));

describe('demand', () => {
  test('of a pod is that of its containers together', () => {
    expect(shown(podDemand([SMALL, LARGE]))).toEqual({
      requests: { cpu: '600m', memory: '1152Mi' },
      limits: { cpu: '5', memory: '9Gi' },
      pods: 1,
    });
  });

  test('of several pods is that of one, so many times', () => {
    expect(shown(timesDemand(podDemand([SMALL]), 12))).toEqual({
      requests: { cpu: '1200m', memory: '1536Mi' },
      limits: { cpu: '12', memory: '12Gi' },
      pods: 12,
    });
  });

  test('of nothing is nothing', () => {
    expect(shown(totalDemand([]))).toEqual({
      requests: { cpu: '0', memory: '0' },
      limits: { cpu: '0', memory: '0' },
      pods: 0,
    });
  });

  test('knows the largest container, each resource by itself', () => {
    const tall = resources(['1', '2'], ['1Gi', '16Gi']);
    expect(JSON.parse(JSON.stringify(largestLimits([LARGE, tall, SMALL])))).toEqual({
      cpu: '4',
      memory: '16Gi',
    });
  });
});

describe('the demand of a pool', () => {
  test('counts for each GitLab job its helper and one service, and two generations of managers (W-B25)', () => {
    // 8 jobs of (500m + 50m + 50m), 4 managers of 50m; limits 8 of (4 + 1 + 1) and 4 of 500m.
    expect(shown(poolDemand(gitlabPool({ managers: 2, concurrent: 4 })))).toEqual({
      requests: { cpu: '5', memory: '10752Mi' },
      limits: { cpu: '50', memory: '77Gi' },
      pods: 12,
    });
  });

  test('counts a GitHub runner as the job itself, up to the maximum', () => {
    expect(shown(poolDemand(githubPool({ runners: { min: 0, max: 3 } })))).toEqual({
      requests: { cpu: '300m', memory: '768Mi' },
      limits: { cpu: '6', memory: '6Gi' },
      pods: 3,
    });
  });

  test('counts the Docker daemon beside a dind runner', () => {
    const pods = jobPods(githubPool({ type: 'dind', containerMode: 'dind' }));
    expect(pods.map((containers) => containers.length)).toEqual([2]);
  });

  test.each(['kubernetes', 'kubernetes-novolume'] as const)(
    'counts the runner and the pod it makes in the mode %s',
    (containerMode) => {
      const { pods } = poolDemand(githubPool({ containerMode, runners: { min: 0, max: 4 } }));
      expect(pods).toBe(8);
    },
  );

  test('has among its containers all that the limit range must allow (L5)', () => {
    const sizes = poolContainers(gitlabPool()).map(({ limits }) => String(limits.memory));
    expect(sizes).toEqual(['8Gi', '512Mi', '1Gi', '256Mi']);
  });
});
