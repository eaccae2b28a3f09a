import type { Json } from '../good/parts.ts';
import type { Draft } from '../good-cluster.ts';
import type { FaultExample } from './fault-example.ts';

export const STATE_FAULTS: readonly FaultExample[] = [
  {
    rule: 'state-key',
    fault: 'two stacks under one key (S2)',
    change: (draft) => {
      backend(draft).key = 'gitlab/terraform.tfstate';
    },
    finds: [
      {
        resource: 'gitlab: terraform.backend',
        problem:
          'services and gitlab keep their state under the same key, state/gitlab/terraform.tfstate',
      },
    ],
  },
  {
    rule: 'state-backend',
    fault: 'state kept by HTTP (S1, S4)',
    change: (draft) => {
      draft.stack('services').terraform.backend = { http: {} };
    },
    finds: [{ resource: 'services: terraform.backend', problem: 'keeps its state in http' }],
  },
  {
    rule: 'state-backend',
    fault: 'a stack without a backend (S1)',
    change: (draft) => {
      delete draft.stack('services').terraform.backend;
    },
    finds: [
      {
        resource: 'services: terraform.backend',
        problem: 'keeps its state in no backend, so a local file',
      },
    ],
  },
  {
    rule: 'state-backend',
    fault: 'state without a lock (S11)',
    change: (draft) => {
      delete backend(draft).use_lockfile;
    },
    finds: [
      {
        resource: 'services: terraform.backend',
        problem: 'does not set use_lockfile, so two applies may write at once',
      },
    ],
  },
  {
    rule: 'state-backend',
    fault: 'address and credentials of the store in the JSON (S3)',
    change: (draft) => {
      Object.assign(backend(draft), {
        endpoints: { s3: 'https://s3.example.org' },
        access_key: 'me',
      });
    },
    finds: [{ resource: 'services: terraform.backend', problem: 'names access_key, endpoints' }],
  },
  {
    rule: 'state-backend',
    fault: 'checks that only AWS passes',
    change: (draft) => {
      delete backend(draft).skip_requesting_account_id;
    },
    finds: [
      {
        resource: 'services: terraform.backend',
        problem: 'does not set skip_requesting_account_id, so a store that is not AWS is refused',
      },
    ],
  },
  {
    rule: 'state-backend',
    fault: 'a backend without a bucket',
    change: (draft) => {
      backend(draft).bucket = '';
    },
    finds: [{ resource: 'services: terraform.backend', problem: 'names no bucket' }],
  },
  {
    rule: 'state-backend',
    fault: 'the state of another stack as an input',
    change: (draft) => {
      draft.stack('services').data = { terraform_remote_state: { gitlab: { backend: 's3' } } };
    },
    finds: [
      { resource: 'services: terraform.backend', problem: 'reads the state of another stack' },
    ],
  },
  {
    rule: 'state-store-change',
    fault: 'what restarts the store of the state',
    change: (draft) => {
      container(draft).image = 'registry.example/store:2@sha256:new';
      container(draft).resources.limits.memory = '512Mi';
      container(draft).env.push({ name: 'MODE', value: 'strict' });
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem:
          'the next apply restarts the state store: image registry.example/app:1.0.0@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef -> registry.example/store:2@sha256:new; resources limits memory 256Mi -> 512Mi; env MODE added',
        severity: 'notice',
      },
    ],
  },
  {
    rule: 'state-store-change',
    fault: 'what changes its volume',
    change: (draft) => {
      draft.objects('apps-namespace')[1].spec.resources.requests.storage = '200Gi';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem:
          'the next apply changes the state store: volume claim store-data resources requests storage 100Gi -> 200Gi',
        severity: 'notice',
      },
    ],
  },
  {
    rule: 'state-store-change',
    fault: 'its replacement',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_deployment_v1.store.metadata.name = 'store2';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem:
          'the next apply replaces the state store: Deployment apps/store -> Deployment apps/store2',
        severity: 'warning',
      },
    ],
  },
  {
    rule: 'state-store-change',
    fault: 'its removal',
    change: (draft) => {
      delete draft.stack('services').resource.kubernetes_deployment_v1.store;
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem: 'the next apply removes the state store: Deployment apps/store',
        severity: 'warning',
      },
    ],
  },
  {
    rule: 'availability-claim',
    fault: 'high availability of one pod (H1)',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_deployment_v1.api.spec.replicas = '1';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem: 'Deployment api claims high availability with 1 pod at the least',
      },
    ],
  },
  {
    rule: 'availability-claim',
    fault: 'high availability of one node and its volume (H1)',
    change: (draft) => {
      storeAnnotations(draft)['flywheel/availability'] = 'ha';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem: 'Deployment store claims high availability with 1 pod at the least',
      },
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem:
          'Deployment store claims high availability on the volume claim store-data, which one node mounts at a time',
      },
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem:
          'Deployment store claims high availability, and its failure domain is "the node and its volume"',
      },
    ],
  },
  {
    rule: 'availability-claim',
    fault: 'high availability of a database with one instance (H1)',
    change: (draft) => {
      draft.objects('database')[0].metadata.annotations['flywheel/availability'] = 'ha';
    },
    finds: [
      {
        resource: 'services: helm_release.database Cluster/db',
        problem: 'Cluster db claims high availability with 1 pod at the least',
      },
      {
        resource: 'services: helm_release.database Cluster/db',
        problem: 'Cluster db claims high availability and states no flywheel/failure-domain',
      },
    ],
  },
  {
    rule: 'availability-claim',
    fault: 'a claim in other words',
    change: (draft) => {
      storeAnnotations(draft)['flywheel/availability'] = 'five nines';
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem:
          'Deployment store has flywheel/availability "five nines", which is neither ha nor interim',
      },
    ],
  },
  {
    rule: 'same-failure-domain',
    fault: 'backups that are lost with the data (H2)',
    change: (draft) => {
      draft.objects('database')[0].metadata.annotations['flywheel/backup'] = 'same-failure-domain';
    },
    finds: [
      {
        resource: 'services: helm_release.database Cluster/db',
        problem: 'the backups of Cluster db lie in the store that is lost together with the data',
        severity: 'warning',
      },
    ],
  },
  {
    rule: 'same-failure-domain',
    fault: 'backups that lie elsewhere only in words (H2)',
    change: (draft) => {
      draft.objects('database')[1].spec.configuration.endpointURL =
        'http://store.apps.svc.cluster.local:9000';
    },
    finds: [
      {
        resource: 'services: helm_release.database ObjectStore/db-backup',
        problem:
          'the backups of Cluster db are said to lie elsewhere, and their store is http://store.apps.svc.cluster.local:9000, a Service of this cluster',
        severity: 'warning',
      },
    ],
  },
];

function backend(draft: Draft): Json {
  return draft.stack('services').terraform.backend.s3;
}

function container(draft: Draft): Json {
  return draft.stack('services').resource.kubernetes_deployment_v1.store.spec.template.spec
    .container[0];
}

function storeAnnotations(draft: Draft): Json {
  return draft.stack('services').resource.kubernetes_deployment_v1.store.metadata.annotations;
}
