import { Construct } from 'constructs';
import { DataSource } from '../data-source.ts';
import { stateFact } from '../facts.ts';
import { type Manifest, Manifests } from '../manifests/manifests.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { type AlertScope, alertRule } from './alert.ts';
import { COMPONENTS, type ComponentKind, type MonitoredComponent } from './component-table.ts';

const API_VERSION = 'monitoring.coreos.com/v1';
const SCRAPE_INTERVAL = '30s';
const RULE_TYPE = 'PrometheusRule';

/** Labels that pods or Services carry, or one of which has one of some values. */
export interface MonitorSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In';
    readonly values: readonly string[];
  }[];
}

/** Something that is watched. */
export interface MonitorTarget {
  readonly kind: ComponentKind;
  /** The namespace it is in, which this stack owns. */
  readonly namespace: ManagedNamespace;
  /** The workload, Service, volume claim or set of pods; unique in its namespace and kind. */
  readonly name: string;
  /** What is scraped; left out for kinds that export nothing. */
  readonly selector?: MonitorSelector;
}

/** Settings of {@link Monitors}. */
export interface MonitorsProps {
  readonly releaseName: string;
  /** Namespace in which Helm keeps the record of the release. */
  readonly namespace: ManagedNamespace;
  readonly targets: readonly MonitorTarget[];
  /** Labels by which the Prometheus instance chooses its monitors. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Monitors and alerts for the Prometheus Operator.
 *
 * Their types may be missing in a cluster, and Helm would find out in the middle of an apply. So the plan asks for each
 * type it needs and stops, before anything has changed, where one is missing.
 */
export class Monitors extends Construct {
  /** The monitors and rules, for `addOverride` where a prop is missing. */
  readonly manifests: Manifests;

  constructor(scope: Construct, id: string, props: MonitorsProps) {
    super(scope, id);
    const objects = props.targets.flatMap((target) => monitorObjects(target, props.labels));
    const releases = new Set(
      [props.namespace, ...props.targets.map(({ namespace }) => namespace)].map(
        ({ release }) => release,
      ),
    );
    this.manifests = new Manifests(this, 'objects', {
      releaseName: props.releaseName,
      namespace: props.namespace.name,
      objects,
      dependsOn: [...releases],
      preconditions: [...new Set(objects.map(({ kind }) => kind))]
        .sort()
        .map((kind) => this.typeExists(kind)),
    });
    this.stateNeeds(props);
  }

  private typeExists(kind: string) {
    const type = `${kind.toLowerCase()}s.monitoring.coreos.com`;
    const found = new DataSource(this, `type-${kind}`, {
      provider: 'kubernetes',
      type: 'kubernetes_resources',
      arguments: {
        api_version: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        field_selector: `metadata.name=${type}`,
      },
    });
    return {
      condition: `\${length(${found.fqn}.objects) > 0}`,
      errorMessage: `This cluster does not know the type ${type}. Install the Prometheus Operator, or set monitoring.enabled to false.`,
    };
  }

  private stateNeeds({ targets }: MonitorsProps): void {
    const needs = new Set(targets.flatMap(({ kind }) => COMPONENTS[kind].needs ?? []));
    for (const need of [...needs].sort()) {
      stateFact(this, 'note', {
        subject: 'monitoring',
        note: `some alerts see nothing unless Prometheus also scrapes ${need}`,
      });
    }
  }
}

function monitorObjects(
  target: MonitorTarget,
  labels: Readonly<Record<string, string>>,
): Manifest[] {
  const { kind, namespace, name } = target;
  const { scrape, alerts }: MonitoredComponent = COMPONENTS[kind];
  const metadata = { name, namespace: namespace.name, labels };
  const rules: Manifest = {
    apiVersion: API_VERSION,
    kind: RULE_TYPE,
    metadata: { ...metadata, name: `${kind}-${name}` },
    spec: {
      groups: [
        {
          name: `${kind}.${namespace.name}.${name}`,
          rules: alerts.map((alert) => alertRule(alert, scopeOf(target))),
        },
      ],
    },
  };
  if (scrape === undefined) return [rules];
  const endpoint = {
    port: scrape.port,
    path: scrape.path,
    interval: SCRAPE_INTERVAL,
    honorLabels: scrape.honorLabels,
  };
  const spec =
    scrape.kind === 'PodMonitor' ? { podMetricsEndpoints: [endpoint] } : { endpoints: [endpoint] };
  return [
    {
      apiVersion: API_VERSION,
      kind: scrape.kind,
      metadata,
      spec: { selector: target.selector ?? {}, ...spec },
    },
    rules,
  ];
}

/** The operator names the job after the PodMonitor, or after the Service that a ServiceMonitor finds. */
function scopeOf({ kind, namespace, name }: MonitorTarget): AlertScope {
  const scrape: MonitoredComponent['scrape'] = COMPONENTS[kind].scrape;
  const job = scrape?.kind === 'PodMonitor' ? `${namespace.name}/${name}` : name;
  return { namespace: namespace.name, name, job };
}
