// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of OpenTofu are what is tested
import { FORBIDDEN_NAMES } from '../../../policy/rules/contract.ts';
import type { Json } from '../good/parts.ts';
import type { Draft } from '../good-cluster.ts';
import type { FaultExample } from './fault-example.ts';

export const TEXT_FAULTS: readonly FaultExample[] = [
  {
    rule: 'out-of-contract',
    fault: 'a name that was true once (O1, T2)',
    change: (draft) => {
      environment(draft).push({ name: 'OLD', value: `https://${FORBIDDEN_NAMES[0]}.example.org` });
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'spec.template.spec.container.0.env.4.value holds attic-cache-dev, which is out of contract',
      },
    ],
  },
  {
    rule: 'literal-template',
    fault: 'text that OpenTofu would evaluate',
    change: (draft) => {
      environment(draft).push({ name: 'FOLDER', value: '${HOME}/work' });
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'spec.template.spec.container.0.env.4.value holds ${HOME}, which refers to nothing of this stack',
      },
    ],
  },
  {
    rule: 'literal-template',
    fault: 'a directive of OpenTofu',
    change: (draft) => {
      environment(draft).push({ name: 'DATE', value: '%{if true}x%{endif}' });
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'spec.template.spec.container.0.env.4.value holds %{if true}, which refers to nothing of this stack',
      },
    ],
  },
  {
    rule: 'literal-template',
    fault: 'a reference to a resource of another stack (S1)',
    change: (draft) => {
      draft.stack('services').output.url.value = '${helm_release.docker.name}';
    },
    finds: [
      {
        resource: 'services: output.url',
        problem: 'value holds ${helm_release.docker.name}, which refers to nothing of this stack',
      },
    ],
  },
  {
    rule: 'unresolved-token',
    fault: 'a token that somebody changed before it was resolved',
    change: (draft) => {
      environment(draft).push({ name: 'UPPER', value: '$${TFTOKEN[TOKEN.6]}' });
    },
    finds: [
      {
        resource: 'services: kubernetes_deployment_v1.api',
        problem:
          'spec.template.spec.container.0.env.4.value holds an unresolved token: $${TFTOKEN[TOKEN.6]}',
      },
    ],
  },
  {
    rule: 'absolute-path',
    fault: 'a chart at a path of one machine',
    change: (draft) => {
      draft.stack('gitlab').resource.helm_release.docker.chart = '/home/me/charts/gitlab-runner';
    },
    finds: [
      {
        resource: 'gitlab: helm_release.docker',
        problem: 'chart is /home/me/charts/gitlab-runner, a path of one machine',
      },
    ],
  },
  {
    rule: 'absolute-path',
    fault: 'a provider that reads a file of one machine',
    change: (draft) => {
      draft.stack('gitlab').provider.kubernetes[0].config_path = '~/.kube/config';
    },
    finds: [
      {
        resource: 'gitlab: provider.kubernetes',
        problem: '0.config_path is ~/.kube/config, a path of one machine',
      },
    ],
  },
  {
    rule: 'absolute-path',
    fault: 'an expression that reads a file of one machine',
    change: (draft) => {
      draft.stack('services').output.url.value = '${file("/etc/hostname")}';
    },
    finds: [
      {
        resource: 'services: output.url',
        problem: 'value is ${file("/etc/hostname")}, a path of one machine',
      },
    ],
  },
  {
    rule: 'resource-type',
    fault: 'a resource that asks for its type while planning (W-C16)',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_manifest = { monitor: { manifest: {} } };
    },
    finds: [
      {
        resource: 'services: kubernetes_manifest.monitor',
        problem:
          'kubernetes_manifest asks the cluster for its type while planning, so a first apply cannot be planned',
      },
    ],
  },
  {
    rule: 'resource-type',
    fault: 'a resource without a version in its type',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_service = { old: {} };
    },
    finds: [
      {
        resource: 'services: kubernetes_service.old',
        problem: 'kubernetes_service is the deprecated name without a version',
      },
    ],
  },
  {
    rule: 'resource-type',
    fault: 'a kind that no rule knows',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_csi_driver_v1 = { driver: {} };
    },
    finds: [
      {
        resource: 'services: kubernetes_csi_driver_v1.driver',
        problem: 'nothing is known of kubernetes_csi_driver_v1, so no rule has judged it',
      },
    ],
  },
  {
    rule: 'schedule-syntax',
    fault: 'a CronJob of six fields',
    change: (draft) => {
      draft.stack('services').resource.kubernetes_cron_job_v1.nightly.spec.schedule = '0 0 2 * * *';
    },
    finds: [
      {
        resource: 'services: kubernetes_cron_job_v1.nightly',
        problem:
          'CronJob nightly: spec.schedule must have 5 fields, not 6, got "0 0 2 * * *"; a Kubernetes CronJob reads five fields, minute first',
      },
    ],
  },
  {
    rule: 'schedule-syntax',
    fault: 'a backup of five fields (W-B4)',
    change: (draft) => {
      draft.objects('database')[2].spec.schedule = '30 1 * * *';
    },
    finds: [
      {
        resource: 'services: helm_release.database ScheduledBackup/db',
        problem:
          'ScheduledBackup db: spec.schedule must have 6 fields, not 5, got "30 1 * * *"; CloudNativePG reads six fields, second first: "0 0 0 * * *" is daily, and five fields would run hourly',
      },
    ],
  },
  {
    rule: 'duration-syntax',
    fault: 'a retention of backups that Barman cannot read',
    change: (draft) => {
      draft.objects('database')[1].spec.retentionPolicy = '30 days';
    },
    finds: [
      {
        resource: 'services: helm_release.database ObjectStore/db-backup',
        problem:
          'ObjectStore db-backup: spec.retentionPolicy must be a retention period, got "30 days"; write 30d, 4w or 6m',
      },
    ],
  },
  {
    rule: 'duration-syntax',
    fault: 'a retention of the cache that Attic cannot read',
    change: (draft) => serverToml(draft, '3 months', '3 moons'),
    finds: [
      {
        resource: 'services: kubernetes_config_map_v1.api-config',
        problem:
          'ConfigMap api-config: server.toml garbage-collection.default-retention-period must be a duration in words, got "3 moons"; write 12 hours or 3 months',
      },
    ],
  },
  {
    rule: 'duration-syntax',
    fault: 'a garbage collector that ends at once and is restarted for ever',
    change: (draft) => serverToml(draft, '12 hours', '0s'),
    finds: [
      {
        resource: 'services: kubernetes_config_map_v1.api-config',
        problem:
          'ConfigMap api-config: server.toml garbage-collection.interval is 0s, so the collector ends at once and is restarted for ever',
      },
    ],
  },
  {
    rule: 'duration-syntax',
    fault: 'an alert with a duration in words',
    change: (draft) => {
      draft.objects('database')[3].spec.groups[0].rules[0].for = '5 minutes';
    },
    finds: [
      {
        resource: 'services: helm_release.database PrometheusRule/alerts',
        problem:
          'PrometheusRule alerts: ApiDown.for must be a Prometheus duration, got "5 minutes"; write 30s, 5m or 1h30m',
      },
    ],
  },
  {
    rule: 'unknown-signing-key',
    fault: 'a cache whose key nobody knows (W-B11)',
    change: (draft) => {
      draft.stack('services').output.caches.value[0].public_key = null;
    },
    finds: [
      {
        resource: 'services: output.caches',
        problem:
          'nobody can verify what comes from the cache main: its public key is not known, so no reader is told to trust it',
        severity: 'warning',
      },
    ],
  },
];

function environment(draft: Draft): Json[] {
  return draft.stack('services').resource.kubernetes_deployment_v1.api.spec.template.spec
    .container[0].env;
}

function serverToml(draft: Draft, from: string, to: string): void {
  const { data } = draft.stack('services').resource.kubernetes_config_map_v1['api-config'];
  data['server.toml'] = data['server.toml'].replace(from, to);
}
