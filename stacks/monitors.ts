import type { Construct } from 'constructs';
import { Monitors, type MonitorTarget } from '../constructs/monitoring/monitors.ts';
import type { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import type { StackContext } from './stack-context.ts';

/**
 * Monitors and alerts for what a stack defines; nothing at all where the settings leave monitoring off.
 *
 * @param home the namespace in which the record of them is kept, one of the stack's own
 */
export function defineMonitors(
  scope: Construct,
  { settings }: StackContext,
  home: ManagedNamespace,
  targets: readonly MonitorTarget[],
): void {
  const { enabled, labels } = settings.monitoring;
  if (!enabled || targets.length === 0) return;
  new Monitors(scope, 'monitors', {
    releaseName: `monitors-${home.name}`,
    namespace: home,
    targets,
    labels,
  });
}
