import type { Construct } from 'constructs';
import { stateFact } from '../constructs/facts.ts';
import type { StackContext } from './stack-context.ts';

/**
 * Warns of a way to the API server that leads to everything else too.
 *
 * Where the API server is nobody can guess, so the default lets pods that use it call any address at its ports.
 */
export function warnOfOpenApiServer(scope: Construct, { settings }: StackContext): void {
  const { cidrs, ports } = settings.cluster.apiServer;
  const open = cidrs.find((range) => range.endsWith('/0'));
  if (open === undefined) return;
  stateFact(scope, 'warning', {
    subject: 'cluster.apiServer.cidrs',
    note: `${open} lets every pod that uses the Kubernetes API call any address at ${ports.join(' and ')}, private ones too; managers, the cleanup, the dashboard and an operator lane are such pods: name the addresses of \`kubectl get endpointslices -n default\``,
  });
}
