import { Failure } from '../../../console/failure.ts';
import { askStanding } from '../control.ts';
import { REHEARSAL_ROOT } from '../folder.ts';
import { Api } from './api.ts';
import { adminContext, certificateOf } from './credentials.ts';
import { ClusterFolder } from './folder.ts';

/** A rehearsal cluster that has just been proved to be one that was started here. */
export interface OwnCluster {
  readonly name: string;
  /** Context of the operator, with only what applying the stacks needs. */
  readonly context: string;
  readonly adminContext: string;
  /** The kubeconfig that holds both. No other is looked at, whatever KUBECONFIG says. */
  readonly kubeconfig: string;
  /** Where commands that work on it keep what they know of it. */
  readonly stateHome: string;
  readonly server: string;
  readonly serviceRange: string;
  /** Requests as the admin. */
  readonly api: Api;
}

/**
 * Opens a rehearsal cluster for writing. It must have a supervisor that answers to the word in its folder, and the namespace
 * kube-system with the UID that was noted when it was started: a port that has gone to somebody else, or a folder that was
 * copied, is refused.
 */
export async function ownCluster(name: string, root = REHEARSAL_ROOT): Promise<OwnCluster> {
  const folder = new ClusterFolder(name, root);
  const record = folder.read();
  if (record?.uid === undefined || (await askStanding(folder)) === undefined) {
    throw new Failure(
      `no rehearsal cluster ${name} is up\n    start it: just cluster up --name ${name}`,
    );
  }
  const { server, context, serviceRange, adminToken: token, uid } = record;
  const api = new Api({ server, certificate: certificateOf(folder), token });
  const found = await askUid(api);
  if (found !== uid) {
    api.close();
    throw new Failure(
      `${server} is not the cluster ${name} that was started here: its kube-system has the UID ${found}, ${uid} was noted\n    nothing was written; end what is left: just cluster down --name ${name}`,
    );
  }
  return {
    name,
    context,
    adminContext: adminContext(context),
    kubeconfig: folder.kubeconfig,
    stateHome: folder.stateHome,
    server,
    serviceRange,
    api,
  };
}

/**
 * Finds the rehearsal cluster behind an address, for a command that was handed a kubeconfig.
 *
 * @throws Failure when the address is not that of a cluster that was started here
 */
export async function ownClusterAt(server: string, root = REHEARSAL_ROOT): Promise<OwnCluster> {
  const folder = ClusterFolder.all(root).find((each) => each.read()?.server === server);
  if (folder === undefined) {
    throw new Failure(
      `${server} is no rehearsal cluster of this checkout: rehearsals touch no other\n    take the KUBECONFIG that just cluster up prints`,
    );
  }
  return ownCluster(folder.name, root);
}

async function askUid(api: Api): Promise<string> {
  try {
    return (await api.get('/api/v1/namespaces/kube-system')).metadata?.uid ?? 'none';
  } catch (error) {
    return `unknown (${error instanceof Error ? error.message : error})`;
  }
}
