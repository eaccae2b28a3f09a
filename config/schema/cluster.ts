import * as z from 'zod';
import { cidr, endpoint, name, quantity, shaped, whole } from './fields.ts';
import { publicDomain, publicName } from './public-name.ts';

/** Who runs this, and under which domain it is reached. */
export const organization = z
  .strictObject({
    name: name('dnsLabel').describe('Short name of who runs this; reports begin with it.'),
    domain: publicDomain('nix-cache').describe(
      'Domain below which public names are made, such as nix-cache.<domain>.',
    ),
  })
  .describe('Who runs this, and under which domain it is reached.');

const node = z
  .strictObject({
    name: name('dnsName').describe('The name of the node, as `kubectl get nodes` prints it.'),
    allocatable: z
      .strictObject({
        cpu: quantity('cpu').describe('Cores that pods can have.'),
        memory: quantity('memory').describe('Memory that pods can have.'),
        pods: whole(1, 10_000).default(110).describe('Pods that fit.'),
      })
      .describe(
        'What the node offers to pods; see the Allocatable block of `kubectl describe node`.',
      ),
  })
  .describe('A node.');

/** The one cluster that is deployed to, as far as the stacks have to know it. */
export const cluster = z
  .strictObject({
    name: name('dnsLabel').describe('The only cluster target. The preflight refuses any other.'),
    nodes: z
      .array(node)
      .default([])
      .describe('Its nodes, for the capacity rule. Without them the rule says "not known".'),
    storageClass: name('dnsName')
      .optional()
      .describe('StorageClass of volumes that name none. Without it the cluster decides.'),
    apiServer: z
      .strictObject({
        cidrs: z
          .array(cidr().describe('A range of addresses.'))
          .min(1)
          .default(['0.0.0.0/0'])
          .describe('Addresses of the API server, as pods see them behind the Service.'),
        ports: z
          .array(whole(1, 65_535).describe('A port.'))
          .min(1)
          .default([443, 6443])
          .describe('Its ports.'),
      })
      .prefault({})
      .describe('Where pods that use the Kubernetes API may connect to.'),
    dnsNamespace: name('dnsLabel').default('kube-system').describe('Namespace of the cluster DNS.'),
    privateRanges: z
      .array(cidr().describe('A range of addresses.'))
      .default(['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'])
      .describe(
        'Addresses that do not count as the internet: a job may reach the internet, not these.',
      ),
    ingress: z
      .strictObject({
        class: name('dnsLabel').default('traefik').describe('IngressClass.'),
        namespace: name('dnsLabel').default('kube-system').describe('Namespace of its pods.'),
        cidrs: z
          .array(cidr().describe('A range of addresses.'))
          .default([])
          .describe(
            'Private addresses that public names lead to, such as that of a load balancer on the LAN. Empty where they lead to the internet.',
          ),
      })
      .prefault({})
      .describe('The ingress controller that is there already.'),
    certManager: z
      .strictObject({
        installed: z.boolean().default(true).describe('cert-manager is there.'),
        issuer: name('dnsLabel')
          .default('letsencrypt-prod')
          .describe('ClusterIssuer for public names.'),
      })
      .prefault({})
      .describe('Certificates of public names, and of the backup plugin.'),
  })
  .describe('The one cluster that is deployed to.');

/** How public names come into the DNS. */
export const dns = z
  .discriminatedUnion('provider', [
    z.strictObject({
      provider: z.literal('external-dns').describe('external-dns is there and reads annotations.'),
      ttlSec: whole(60, 86_400).default(300).describe('Lifetime of the records in seconds.'),
    }),
    z.strictObject({
      provider: z.literal('route53').describe('Records are made by the AWS provider.'),
      zoneId: shaped(
        /^Z[A-Z0-9]{5,31}$/,
        'be the id of a hosted zone: Z and capital letters or digits',
        'Z0123456789ABCDEFGHIJ',
      ).describe('Hosted zone.'),
      target: publicName().describe('Name that the records point to: the ingress from outside.'),
      profile: name('dnsLabel')
        .default('flywheel-dns')
        .describe('Profile of the AWS configuration of the operator.'),
      ttlSec: whole(60, 86_400).default(300).describe('Lifetime of the records in seconds.'),
    }),
    z.strictObject({ provider: z.literal('none').describe('Records are made by hand.') }),
  ])
  .prefault({ provider: 'external-dns' })
  .describe('How public names come into the DNS.');

/** The namespaces; the five of the contract always exist. */
export const namespaces = z
  .strictObject({
    cache: name('dnsLabel').default('nix-cache').describe('Caches, database and object store.'),
    gitlabRunners: name('dnsLabel')
      .default('gitlab-runners')
      .describe('GitLab runner managers and their jobs.'),
    arcSystems: name('dnsLabel')
      .default('arc-systems')
      .describe('Controller and listeners of the GitHub runners.'),
    arcRunners: name('dnsLabel').default('arc-runners').describe('GitHub runners.'),
    dashboard: name('dnsLabel').default('runner-dashboard').describe('The dashboard.'),
    database: name('dnsLabel').default('cnpg-system').describe('The CloudNativePG operator.'),
  })
  .prefault({})
  .describe(
    'The namespaces. Privileged pools get `<namespace>-privileged`, the operator lane its own.',
  );

/** Monitoring by the Prometheus Operator. */
export const monitoring = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Define PodMonitors, ServiceMonitors and alerts. Refused at plan where their types are missing.',
      ),
    namespace: name('dnsLabel')
      .default('monitoring')
      .describe('Namespace from which Prometheus scrapes.'),
    labels: z
      .record(name('labelKey'), name('labelValue').describe('Value of the label.'))
      .default({ release: 'prometheus' })
      .describe('Labels by which the Prometheus instance chooses its monitors.'),
    url: endpoint('pod')
      .optional()
      .describe('Address of Prometheus for the dashboard. Without it no metrics are shown.'),
  })
  .prefault({})
  .describe('Monitoring by the Prometheus Operator.');
