import type { Json } from '../good/parts.ts';
import type { Draft } from '../good-cluster.ts';
import type { FaultExample } from './fault-example.ts';

export const ACCESS_FAULTS: readonly FaultExample[] = [
  {
    rule: 'rbac-wildcard',
    fault: 'a role that holds every verb',
    change: (draft) => {
      role(draft).rule[0].verbs = ['*'];
    },
    finds: [
      {
        resource: 'services: kubernetes_role_v1.api',
        problem: 'Role api holds * in verbs: apiGroups ""; resources configmaps; verbs *',
      },
    ],
  },
  {
    rule: 'rbac-wildcard',
    fault: 'a cluster role that holds a part of every resource',
    change: (draft) => {
      draft.stack('gitlab').resource.kubernetes_cluster_role_v1.lane.rule[0].resources = [
        '*/finalizers',
      ];
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.lane',
        problem:
          'ClusterRole lane holds * in resources: apiGroups ""; resources */finalizers; verbs create, get, patch',
      },
    ],
  },
  {
    rule: 'rbac-wildcard',
    fault: 'the role that a chart makes when it is given no rules',
    change: (draft) => {
      draft.values('docker').rbac.rules = [];
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Role/docker',
        problem: 'Role docker holds * in resources and verbs: apiGroups ""; resources *; verbs *',
      },
    ],
  },
  {
    rule: 'rbac-wildcard',
    fault: 'a binding of cluster-admin',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_role_binding_v1.api.role_ref = {
        kind: 'ClusterRole',
        name: 'cluster-admin',
      };
    },
    finds: [
      {
        resource: 'services: kubernetes_role_binding_v1.api',
        problem: 'binds cluster-admin, which holds every right',
      },
    ],
  },
  {
    rule: 'token-automount',
    fault: 'a token in a pod whose account has no rights (W-C9)',
    change: (draft) => {
      delete draft.stack('services').resource.kubernetes_role_binding_v1;
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'the pods of Deployment api mount the token of the account apps/api, which has no rights',
      },
    ],
  },
  {
    rule: 'token-automount',
    fault: 'a token that is mounted because nobody said otherwise',
    change: (draft) => {
      const { store } = draft.stack('services').resource.kubernetes_deployment_v1;
      delete store.spec.template.spec.automount_service_account_token;
      delete draft.stack('services').resource.kubernetes_service_account_v1.store;
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.store',
        problem:
          'the pods of Deployment store mount the token of the account apps/store, which has no rights',
      },
    ],
  },
  {
    rule: 'token-automount',
    fault: 'a token in the jobs of a runner',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(
        'automount_service_account_token = false',
        'automount_service_account_token = true',
      );
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'the pods of jobs of docker mount the token of the account jobs/docker-job, which has no rights',
      },
    ],
  },
  {
    rule: 'secret-value',
    fault: 'a GitLab token in a configuration file (W-A3, S3)',
    change: (draft) => {
      configMap(draft).note = 'token = "glrt-0123456789abcdefghij"';
    },
    finds: [
      {
        resource: 'services: kubernetes_config_map_v1.api-config',
        problem: 'data.note holds a GitLab token (not shown)',
      },
    ],
  },
  {
    rule: 'secret-value',
    fault: 'a private key in the values of a chart',
    change: (draft) => {
      draft.values('scale-set').githubConfigSecret = {
        github_app_private_key:
          '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----',
      };
    },
    finds: [
      {
        resource: 'github: helm_release.scale-set',
        problem: 'githubConfigSecret.github_app_private_key holds a private key (not shown)',
      },
    ],
  },
  {
    rule: 'secret-value',
    fault: 'random text of no known shape',
    change: (draft) => {
      draft.stack('services').output.note = { value: 'q9Zr2TfK7vXw4LmB8nYs3HdJ6gPc1Aeu' };
    },
    finds: [
      {
        resource: 'services: output.note',
        problem: 'value holds random text such as a key (not shown)',
      },
    ],
  },
  {
    rule: 'secret-value',
    fault: 'a plain value of a variable that is named like a secret (W-A2)',
    change: (draft) => {
      environment(draft).push({ name: 'DB_PASSWORD', value: 'hunter2' });
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'DB_PASSWORD of Deployment api, container api, holds a plain value of a variable that is named like a secret (not shown)',
      },
    ],
  },
  {
    rule: 'secret-value',
    fault: 'a password in a line of a configuration file (W-A2)',
    change: (draft) => {
      configMap(draft)['app.yaml'] = 'user: app\npassword: hunter22\n';
    },
    finds: [
      {
        resource: 'services: kubernetes_config_map_v1.api-config',
        problem: 'data.app.yaml holds a value for password (not shown)',
      },
    ],
  },
  {
    rule: 'secret-value',
    fault: 'a Secret whose values stand in the JSON',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_secret_v1 = {
        plain: { metadata: { name: 'plain', namespace: 'apps' }, data: { key: 'abc' } },
      };
    },
    finds: [
      {
        resource: 'services: kubernetes_secret_v1.plain',
        problem: 'data holds the values of a Secret (not shown)',
      },
    ],
  },
  {
    rule: 'secret-of-two-kinds',
    fault: 'one Secret under two kinds (Q7)',
    change: (draft) => {
      draft.stack('services').output.required_secrets.value[1].name = 'api-s3';
    },
    finds: [
      {
        resource: 'services: output.required_secrets',
        problem: 'the Secret apps/api-s3 is s3-credentials and object-store-root at once',
      },
    ],
  },
  {
    rule: 'secret-of-two-kinds',
    fault: 'a key that no Secret of that kind has (Q7)',
    change: (draft) => {
      environment(draft).push({
        name: 'SIGNING',
        value_from: { secret_key_ref: { name: 'api-s3', key: 'keypair' } },
      });
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'the pods of Deployment api read keypair of the Secret apps/api-s3, which as s3-credentials has only access-key-id, secret-access-key, credentials',
      },
    ],
  },
];

function role(draft: Draft): Json {
  return draft.stack('services').resource.kubernetes_role_v1.api;
}

function configMap(draft: Draft): Json {
  return draft.stack('services').resource.kubernetes_config_map_v1['api-config'].data;
}

function environment(draft: Draft): Json[] {
  return draft.stack('services').resource.kubernetes_deployment_v1.api.spec.template.spec
    .container[0].env;
}
