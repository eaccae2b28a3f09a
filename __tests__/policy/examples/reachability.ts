import type { Json } from '../good/parts.ts';
import type { FaultExample } from './fault-example.ts';
import { grant, jobsMay, mountToken, right } from './job-rights.ts';

const RBAC = 'rbac.authorization.k8s.io';

export const REACHABILITY_FAULTS: readonly FaultExample[] = [
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may read Secrets of another trust level (W-A8)',
    change: (draft) => jobsMay(draft, 'apps', right('', 'secrets', 'get')),
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of apps (services): api-s3 (s3-credentials), store-root (object-store-root); the way: the pods of jobs of docker hold the token of jobs/docker-job -> may get secrets in apps by Role apps/jobs-may',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may read one Secret of another trust level by its name',
    change: (draft) =>
      jobsMay(draft, 'apps', { ...right('', 'secrets', 'get'), resource_names: ['api-s3'] }),
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of apps (services): api-s3 (s3-credentials); the way: the pods of jobs of docker hold the token of jobs/docker-job -> may get secrets api-s3 in apps by Role apps/jobs-may',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may make pods where another account is',
    change: (draft) => {
      jobsMay(draft, 'runners', right('', 'pods', 'create'));
      grant(draft, 'more', 'apps', right('', 'secrets', 'list'), 'runners', 'set-job');
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of runners (jobs): github-app (github-app); the way: the pods of jobs of docker hold the token of jobs/docker-job -> may create pods in runners by Role runners/jobs-may -> a pod there mounts any Secret of runners',
      },
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of apps (services): api-s3 (s3-credentials), store-root (object-store-root); the way: the pods of jobs of docker hold the token of jobs/docker-job -> may create pods in runners by Role runners/jobs-may -> a pod there runs under any account of runners -> acts as runners/set-job -> may list secrets in apps by Role apps/more',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may make workloads, which make pods',
    change: (draft) => jobsMay(draft, 'apps', right('apps', 'deployments', 'patch')),
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of apps (services): api-s3 (s3-credentials), store-root (object-store-root), db-app, db-ca, db-replication, db-server, db-superuser; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may patch deployments in apps by Role apps/jobs-may -> a pod there mounts any Secret of apps',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that get into the manager beside them, and with it to its token',
    change: (draft) => jobsMay(draft, 'jobs', right('', 'pods/exec', 'create')),
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of jobs (jobs): docker-token (runner-token); the way: the pods of jobs of docker hold the token of jobs/docker-job -> may create pods/exec in jobs by Role jobs/jobs-may -> the pods of Deployment docker read the Secret docker-token',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may change the image of a running pod',
    change: (draft) => jobsMay(draft, 'apps', right('', 'pods', 'patch')),
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of apps (services): api-s3 (s3-credentials), store-root (object-store-root), db-app, db-ca, db-replication, db-server, db-superuser; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may patch pods in apps by Role apps/jobs-may -> the pods of Deployment api read the Secret api-s3',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may be anybody',
    change: (draft) => jobsMay(draft, undefined, right('', 'users', 'impersonate')),
    finds: [
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach cluster-admin; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may impersonate users in every namespace by ClusterRole jobs-may',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may ask for the token of an account of the operator lane',
    change: (draft) => jobsMay(draft, 'lane', right('', 'serviceaccounts/token', 'create')),
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach the operator lane lane; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may create serviceaccounts/token in lane by Role lane/jobs-may',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may make a Secret which asks for a token, and read it',
    change: (draft) => jobsMay(draft, 'lane', right('', 'secrets', 'create', 'get')),
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach the operator lane lane; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may get secrets in lane by Role lane/jobs-may',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may bind any role',
    change: (draft) => jobsMay(draft, undefined, right(RBAC, 'clusterroles', 'bind')),
    finds: [
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach cluster-admin; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may bind clusterroles in every namespace by ClusterRole jobs-may -> acts as an account of the control plane in kube-system',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may bind one role, which can do more than they',
    change: (draft) => {
      jobsMay(draft, 'apps', { ...right(RBAC, 'roles', 'bind'), resource_names: ['reader'] });
      const { kubernetes_role_v1: roles } = draft.stack('services').resource;
      roles.reader = {
        metadata: { name: 'reader', namespace: 'apps' },
        rule: [right('', 'secrets', 'get')],
      };
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of apps (services): api-s3 (s3-credentials), store-root (object-store-root); the way: the pods of jobs of docker hold the token of jobs/docker-job -> may bind roles reader in apps by Role apps/jobs-may -> may get secrets in apps by role reader',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may give a role more than they have',
    change: (draft) => jobsMay(draft, 'apps', right(RBAC, 'roles', 'escalate')),
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of apps (services): api-s3 (s3-credentials), store-root (object-store-root), db-app, db-ca, db-replication, db-server, db-superuser; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may escalate roles in apps by Role apps/jobs-may -> holds every right in apps',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may change what the API server asks before it lets a pod be',
    change: (draft) =>
      jobsMay(
        draft,
        undefined,
        right('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'update'),
      ),
    finds: [
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach cluster-admin; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may update mutatingwebhookconfigurations in every namespace by ClusterRole jobs-may',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may talk to the kubelet of a node',
    change: (draft) => jobsMay(draft, undefined, right('', 'nodes/proxy', 'get')),
    finds: [
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach cluster-admin; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may get nodes/proxy in every namespace by ClusterRole jobs-may',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may change what a namespace enforces, and make pods in it',
    change: (draft) =>
      jobsMay(draft, undefined, right('', 'namespaces', 'patch'), right('', 'pods', 'create')),
    finds: [
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach a node, and with it what every pod there holds; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may patch namespaces in every namespace by ClusterRole jobs-may and create pods: the labels of a namespace say which pods are refused there',
      },
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach cluster-admin; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may create pods in every namespace by ClusterRole jobs-may -> acts as an account of the control plane in kube-system',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs that may do everything everywhere',
    change: (draft) => jobsMay(draft, undefined, right('*', '*', '*')),
    finds: [
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach every Secret of the cluster; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may * secrets in every namespace by ClusterRole jobs-may',
      },
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach cluster-admin; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may * groups, users in every namespace by ClusterRole jobs-may',
      },
      {
        resource: 'gitlab: kubernetes_cluster_role_v1.jobs-may',
        problem:
          'jobs of docker in jobs (jobs) reach a node, and with it what every pod there holds; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may * persistentvolumes in every namespace by ClusterRole jobs-may and create pods: a volume can be a path of the node',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'a right that every account has',
    change: (draft) => {
      mountToken(draft);
      grant(draft, 'everybody', 'lane', right('', 'secrets', 'get'), 'jobs', 'unused');
      const [subject] = draft.stack('gitlab').resource.kubernetes_role_binding_v1.everybody.subject;
      Object.assign(subject, { kind: 'Group', name: 'system:serviceaccounts:jobs' });
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_role_v1.everybody',
        problem:
          'jobs of docker in jobs (jobs) reach the operator lane lane; the way: the pods of jobs of docker hold the token of jobs/docker-job -> may get secrets in lane by Role lane/everybody',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'an account that a job may choose for itself',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(
        /^image = /m,
        'service_account_overwrite_allowed = "^docker$"\nimage = ',
      );
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Role/docker',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of jobs (jobs): docker-token (runner-token); the way: a job may choose the account jobs/docker -> may get secrets in jobs by Role jobs/docker',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'a namespace that a job may choose for itself',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(
        /^image = /m,
        'namespace_overwrite_allowed = "lane"\nservice_account_overwrite_allowed = ".*"\nimage = ',
      );
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker in jobs (jobs) reach the operator lane lane; the way: a job may choose the account lane/lane-job',
      },
      {
        resource: 'gitlab: helm_release.docker Role/docker',
        problem:
          'jobs of docker in jobs (jobs) reach Secrets of jobs (jobs): docker-token (runner-token); the way: a job may choose the account jobs/docker -> may get secrets in jobs by Role jobs/docker',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'runners that make the pods of their jobs, and so read the GitHub App beside them',
    change: (draft) => {
      const { template, ...values } = draft.values('scale-set');
      delete template.spec.serviceAccountName;
      delete template.spec.automountServiceAccountToken;
      Object.assign(draft.values('scale-set'), {
        ...values,
        containerMode: { type: 'kubernetes' },
      });
    },
    finds: [
      {
        resource: 'github: helm_release.scale-set Role/set-gha-rs-kube-mode',
        problem:
          'runners of set in runners (jobs) reach Secrets of runners (jobs): github-app (github-app); the way: the pods of runners of set hold the token of runners/set-gha-rs-kube-mode -> may get, list secrets in runners by Role runners/set-gha-rs-kube-mode',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'a role that nobody knows',
    change: (draft) => {
      jobsMay(draft, 'apps', right('', 'pods', 'get'));
      const [binding] = Object.values<Json>(
        draft.stack('gitlab').resource.kubernetes_role_binding_v1,
      );
      binding.role_ref = { kind: 'ClusterRole', name: 'made-elsewhere' };
    },
    finds: [
      {
        resource: 'gitlab: kubernetes_role_binding_v1.jobs-may',
        problem:
          'jobs of docker reach the account jobs/docker-job, which is bound to ClusterRole made-elsewhere; no stack defines that role',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'jobs with the run of their node',
    change: (draft) => {
      const [namespace] = draft.objects('jobs-namespace');
      namespace.metadata.labels['pod-security.kubernetes.io/enforce'] = 'privileged';
      const { runners } = draft.values('docker');
      runners.config = runners.config.replace(/^image = /m, 'privileged = true\nimage = ');
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker in jobs reach their node, and with it what every pod there holds: container init-permissions is privileged',
        severity: 'warning',
      },
    ],
  },
  {
    rule: 'privilege-reachability',
    fault: 'a path of the node in the jobs of a runner',
    change: (draft) => {
      const { runners } = draft.values('docker');
      runners.config +=
        '\n[[runners.kubernetes.volumes.host_path]]\nname = "socket"\nmount_path = "/run/docker.sock"\n';
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker Deployment/docker',
        problem:
          'jobs of docker in jobs reach their node, and with it what every pod there holds: the pod mounts /run/docker.sock of its node',
        severity: 'warning',
      },
    ],
  },
];
