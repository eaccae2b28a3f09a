import type { Construct } from 'constructs';
import { dashboardForPeople } from '../config/addresses.ts';
import { runnerNamespaces } from '../config/runner-namespaces.ts';
import { Dashboard } from '../constructs/dashboard/dashboard.ts';
import { ManagedNamespace } from '../constructs/namespace/managed-namespace.ts';
import { FlywheelStack } from './flywheel-stack.ts';
import { defineMonitors } from './monitors.ts';
import { publicNames } from './public-names.ts';
import { definePublicRecord } from './public-record.ts';
import { clusterNetwork, type StackContext, stateOf } from './stack-context.ts';

/** The dashboard in a namespace of its own. */
export class RunnerDashboardStack extends FlywheelStack {
  constructor(scope: Construct, id: string, context: StackContext) {
    super(scope, id, stateOf(context, 'dashboard'));
    const { settings, images } = context;
    const { dashboard, monitoring, namespaces, runners } = settings;
    const url = dashboardForPeople(settings);
    const namespace = new ManagedNamespace(this, 'dashboard-namespace', {
      name: namespaces.dashboard,
      podSecurity: 'restricted',
      trust: 'dashboard',
      partOf: 'runner-dashboard',
      keep: settings.protection.data,
    });
    const watched = (forge: 'gitlab' | 'github') =>
      runnerNamespaces(settings, forge).map(({ name }) => name);
    new Dashboard(this, 'dashboard', {
      namespace,
      image: images.dashboard,
      url,
      names: publicNames(context),
      network: clusterNetwork(context),
      replicas: dashboard.replicas,
      resources: dashboard.resources,
      gitlab: runners.gitlab,
      watchedNamespaces: { gitlab: watched('gitlab'), github: watched('github') },
      gitlabIds: { group: dashboard.gitlabGroupId, project: dashboard.gitlabProjectId },
      prometheus: monitoring.url,
      logLevel: dashboard.logLevel,
      pullSecret: settings.images.pullSecret,
    });
    defineMonitors(this, context, namespace, [
      { kind: 'deployment', namespace, name: namespaces.dashboard },
    ]);
    definePublicRecord(this, context, url.host);
    this.output('url', String(url), 'Where people open the dashboard');
    this.output('namespace', namespaces.dashboard, 'The namespace of the dashboard');
    this.outputRequiredSecrets();
  }
}
