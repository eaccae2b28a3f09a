import type { Alert } from './alert.ts';
import {
  ARC_CONTROLLER_ALERTS,
  ARC_LISTENER_ALERTS,
  GITLAB_MANAGER_ALERTS,
  RUNNER_NAMESPACE_ALERTS,
} from './runner-alerts.ts';
import {
  BAZEL_CACHE_ALERTS,
  DEPLOYMENT_ALERTS,
  NODE_ALERTS,
  POSTGRES_ALERTS,
  VOLUME_ALERTS,
} from './service-alerts.ts';

/** How the metrics of a component are scraped. */
export interface Scrape {
  /** A Service in front of it, or its pods themselves. */
  readonly kind: 'PodMonitor' | 'ServiceMonitor';
  /** The name of the port. */
  readonly port: string;
  readonly path: string;
  /** Its metrics say themselves which namespace they are about. */
  readonly honorLabels: boolean;
}

/** What is watched of a component. */
export interface MonitoredComponent {
  /** Undefined for what exports nothing itself. */
  readonly scrape: Scrape | undefined;
  readonly alerts: readonly Alert[];
  /** What has to run in the cluster for its alerts to see anything, besides Prometheus. */
  readonly needs: 'kube-state-metrics' | 'the kubelet' | undefined;
}

const PODS = {
  kind: 'PodMonitor',
  port: 'metrics',
  path: '/metrics',
  honorLabels: false,
} as const satisfies Scrape;

/**
 * Everything that is watched, one entry for each kind of component.
 *
 * Attic and RustFS export nothing that Prometheus could read, nor does the dashboard: of them only whether their
 * Deployment has a pod that is ready is known.
 */
export const COMPONENTS = {
  'gitlab-managers': { scrape: PODS, alerts: GITLAB_MANAGER_ALERTS, needs: undefined },
  'runner-namespace': {
    scrape: undefined,
    alerts: RUNNER_NAMESPACE_ALERTS,
    needs: 'kube-state-metrics',
  },
  'arc-controller': {
    scrape: { ...PODS, honorLabels: true },
    alerts: ARC_CONTROLLER_ALERTS,
    needs: undefined,
  },
  'arc-listeners': {
    scrape: { ...PODS, honorLabels: true },
    alerts: ARC_LISTENER_ALERTS,
    needs: undefined,
  },
  postgres: { scrape: PODS, alerts: POSTGRES_ALERTS, needs: undefined },
  'bazel-cache': {
    scrape: { kind: 'ServiceMonitor', port: 'http', path: '/metrics', honorLabels: false },
    alerts: BAZEL_CACHE_ALERTS,
    needs: undefined,
  },
  deployment: { scrape: undefined, alerts: DEPLOYMENT_ALERTS, needs: 'kube-state-metrics' },
  volume: { scrape: undefined, alerts: VOLUME_ALERTS, needs: 'the kubelet' },
  nodes: { scrape: undefined, alerts: NODE_ALERTS, needs: 'kube-state-metrics' },
} as const satisfies Record<string, MonitoredComponent>;

/** A kind of component that is watched. */
export type ComponentKind = keyof typeof COMPONENTS;
