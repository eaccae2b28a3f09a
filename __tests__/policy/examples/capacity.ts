import { Quantity } from '../../../values/quantity.ts';
import type { Json } from '../good/parts.ts';
import type { Draft } from '../good-cluster.ts';
import type { FaultExample } from './fault-example.ts';

export const CAPACITY_FAULTS: readonly FaultExample[] = [
  {
    rule: 'capacity-quota',
    fault: 'jobs that together request more than the quota (W-B25)',
    change: (draft) => {
      hard(draft)['requests.cpu'] = '1';
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem:
          'jobs: requests.cpu of up to 1.3 CPU, more than the 1 CPU of the quota (jobs of docker: 4 x 0.3 CPU; Deployment docker: 1 x 0.1 CPU)',
      },
    ],
  },
  {
    rule: 'capacity-quota',
    fault: 'jobs that together may use more than the quota (W-B25)',
    change: (draft) => {
      hard(draft)['limits.memory'] = '4Gi';
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem:
          'jobs: limits.memory of up to 5.25 GiB, more than the 4 GiB of the quota (jobs of docker: 4 x 1.25 GiB; Deployment docker: 1 x 0.25 GiB)',
      },
    ],
  },
  {
    rule: 'capacity-quota',
    fault: 'more pods than the quota counts (W-B25)',
    change: (draft) => {
      hard(draft).pods = '4';
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem:
          'jobs: up to 5 pods, more than the 4 of the quota (jobs of docker: 4 x 1; Deployment docker: 1 x 1)',
      },
    ],
  },
  {
    rule: 'capacity-quota',
    fault: 'one manager more, which brings its jobs with it (W-B24)',
    change: (draft) => {
      draft.values('docker').replicas = 2;
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem:
          'jobs: requests.cpu of up to 2.6 CPU, more than the 2 CPU of the quota (jobs of docker: 8 x 0.3 CPU; Deployment docker: 2 x 0.1 CPU)',
      },
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem:
          'jobs: requests.memory of up to 3.25 GiB, more than the 3 GiB of the quota (jobs of docker: 8 x 0.38 GiB; Deployment docker: 2 x 0.13 GiB)',
      },
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem:
          'jobs: limits.cpu of up to 12.4 CPU, more than the 8 CPU of the quota (jobs of docker: 8 x 1.5 CPU; Deployment docker: 2 x 0.2 CPU)',
      },
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem:
          'jobs: limits.memory of up to 10.5 GiB, more than the 10 GiB of the quota (jobs of docker: 8 x 1.25 GiB; Deployment docker: 2 x 0.25 GiB)',
      },
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem:
          'jobs: up to 10 pods, more than the 5 of the quota (jobs of docker: 8 x 1; Deployment docker: 2 x 1)',
      },
    ],
  },
  {
    rule: 'capacity-quota',
    fault: 'a quota that is no amount',
    change: (draft) => {
      hard(draft)['requests.memory'] = '3 GB';
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_resource_quota_v1.jobs',
        problem: 'jobs: the quota for requests.memory, "3 GB", is no amount',
      },
    ],
  },
  {
    rule: 'capacity-quota',
    fault: 'runners without a maximum',
    change: (draft) => {
      delete draft.values('scale-set').maxRunners;
    },
    finds: [
      {
        resource: 'github: helm_release.scale-set AutoscalingRunnerSet/set',
        problem:
          'nothing limits how many pods of runners of set there are, so no quota or node is known to hold them',
      },
    ],
  },
  {
    rule: 'capacity-quota',
    fault: 'a CronJob whose runs may overlap',
    change: (draft) => {
      delete draft.stack('services').resource.kubernetes_cron_job_v1.nightly.spec
        .concurrency_policy;
    },
    finds: [
      {
        resource: 'services: kubernetes_cron_job_v1.nightly',
        problem:
          'nothing limits how many pods of CronJob nightly there are, so no quota or node is known to hold them',
      },
    ],
  },
  {
    rule: 'capacity-nodes',
    fault: 'more requests than the nodes offer (L5)',
    change: (draft) => {
      node(draft).cpu = Quantity.parse('cpu', 2);
    },
    finds: [
      {
        resource: 'cluster',
        problem:
          'all pods together request up to 3.7 CPU, more than the 2 CPU of node1 (jobs of docker: 4 x 0.3 CPU; jobs of lane: 4 x 0.3 CPU; runners of set: 3 x 0.1 CPU)',
      },
    ],
  },
  {
    rule: 'capacity-nodes',
    fault: 'more pods than the nodes hold',
    change: (draft) => {
      node(draft).pods = 10;
    },
    finds: [
      {
        resource: 'cluster',
        problem: 'all pods together are up to 20, more than the 10 that fit on node1',
      },
    ],
  },
  {
    rule: 'capacity-nodes',
    fault: 'a pod that fits on no node',
    change: (draft) => {
      const [container] =
        draft.stack('services').resource.kubernetes_deployment_v1.api.spec.template.spec.container;
      container.resources = {
        requests: { cpu: '9', memory: '128Mi' },
        limits: { cpu: '9', memory: '256Mi' },
      };
      draft.declared.nodes.push({
        name: 'node2',
        allocatable: { ...node(draft), cpu: Quantity.parse('cpu', 8) },
      });
      node(draft).cpu = Quantity.parse('cpu', 8);
    },
    finds: [
      {
        resource: 'cluster',
        problem:
          'all pods together request up to 21.5 CPU, more than the 16 CPU of node1, node2 (Deployment api: 2 x 9 CPU; jobs of docker: 4 x 0.3 CPU; jobs of lane: 4 x 0.3 CPU)',
      },
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'one pod of Deployment api requests 9 CPU, more than the 8 CPU of the largest node',
      },
    ],
  },
  {
    rule: 'capacity-nodes',
    fault: 'a pod bound to a node that is not declared (T1)',
    change: (draft) => bind(draft, 'node9'),
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem: 'Deployment store is bound to the node node9, which is not declared',
      },
    ],
  },
  {
    rule: 'capacity-nodes',
    fault: 'pods bound to one node that together request more than it offers',
    change: (draft) => {
      bind(draft, 'small');
      draft.declared.nodes.push({
        name: 'small',
        allocatable: { ...node(draft), memory: Quantity.parse('memory', '64Mi') },
      });
    },
    finds: [
      {
        resource: 'cluster',
        problem:
          'pods bound to small request up to 0.13 GiB of memory, more than the 0.06 GiB of memory of small (Deployment store: 1 x 0.13 GiB)',
      },
    ],
  },
  {
    rule: 'capacity-nodes',
    fault: 'nodes that nobody declared, as not known',
    change: (draft) => {
      draft.declared.nodes = [];
    },
    finds: [
      {
        resource: 'cluster',
        problem:
          'whether 3.7 CPU and 4.63 GiB of memory in up to 20 pods fit is not known: no nodes are declared',
        severity: 'notice',
      },
    ],
  },
  {
    rule: 'capacity-nodes-memory',
    fault: 'limits above the memory of the nodes (L5)',
    change: (draft) => {
      node(draft).memory = Quantity.parse('memory', '6Gi');
    },
    finds: [
      {
        resource: 'cluster',
        problem:
          'all pods together may use up to 13.25 GiB of memory, more than the 6 GiB of memory of the nodes (jobs of docker: 4 x 1.25 GiB; jobs of lane: 4 x 1.25 GiB; runners of set: 3 x 0.25 GiB)',
        severity: 'warning',
      },
    ],
  },
];

function hard(draft: Draft): Json {
  return draft.stack('gitlab').resource.kubernetes_resource_quota_v1.jobs.spec.hard;
}

function node(draft: Draft): Json {
  return draft.declared.nodes[0].allocatable;
}

function bind(draft: Draft, name: string): void {
  const { store } = draft.stack('services').resource.kubernetes_deployment_v1;
  store.spec.template.spec.node_selector = { 'kubernetes.io/hostname': name };
}
