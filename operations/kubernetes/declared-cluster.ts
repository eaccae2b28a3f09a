import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import { asObjects, asText, at } from '../../policy/model/json.ts';
import { memoryFolder } from '../memory-folder.ts';
import { bad, type Check, good, unknown } from './check.ts';
import { type ClusterClient, objectPath } from './cluster-client.ts';
import { ClusterTrouble } from './cluster-trouble.ts';
import type { KubeAccess } from './kube-access.ts';

/** The cluster as the settings declare it. */
export interface DeclaredCluster {
  readonly name: string;
  readonly nodes: readonly { readonly name: string }[];
}

/** A cluster that was asked who it is. */
export interface Identity {
  readonly checks: readonly Check[];
  /** The UID of its namespace kube-system, which lives as long as the cluster. */
  readonly uid: string;
}

/** The variable that says which UID is right, where no file of an earlier run can: in a pipeline. */
const UID_VARIABLE = 'FLYWHEEL_CLUSTER_UID';

/**
 * Proves that the cluster in reach is the declared one: by the name of its context, and by the UID of kube-system, which is
 * kept at the first use. A name says what a person meant; only the UID says where the requests go.
 */
export async function identify(
  declared: DeclaredCluster,
  access: KubeAccess,
  client: ClusterClient,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Identity> {
  const uid = await readUid(client);
  const context = access.inPod
    ? await nodesCheck(declared, client, environment)
    : contextCheck(declared, access);
  return { checks: [context, uidCheck(declared, uid, context, environment)], uid };
}

async function readUid(client: ClusterClient): Promise<string> {
  const path = objectPath('v1', 'namespaces', { name: 'kube-system' });
  const uid = asText(at(await client.get(path), 'metadata', 'uid'));
  if (uid !== undefined && uid !== '') return uid;
  throw new ClusterTrouble('unreachable', `${client.server} has no namespace kube-system`);
}

function contextCheck({ name }: DeclaredCluster, access: KubeAccess): Check {
  const { context, cluster, server, source } = access;
  if (context === name || cluster === name) {
    return good('cluster-context', `context ${context} of ${source} is ${name}, at ${server}`);
  }
  return bad(
    'cluster-context',
    `the context is ${context} with the cluster ${cluster} at ${server}, and the settings declare ${name}`,
    `choose it with KUBE_CTX, or call its context ${name}: kubectl config rename-context <name> ${name}`,
  );
}

/** In a pod the cluster has no name, so its nodes have to speak for it. */
async function nodesCheck(
  { name, nodes }: DeclaredCluster,
  client: ClusterClient,
  environment: NodeJS.ProcessEnv,
): Promise<Check> {
  if (expectedUid(environment) !== undefined) {
    return good('cluster-context', `the account of this pod; ${UID_VARIABLE} says which cluster`);
  }
  const fix = `set ${UID_VARIABLE} to: kubectl get namespace kube-system -o jsonpath={.metadata.uid}`;
  if (nodes.length === 0) {
    const because = 'a pod does not know the name of its cluster, and no nodes are declared';
    return unknown('cluster-context', because, fix);
  }
  const live = await client.get(objectPath('v1', 'nodes'));
  const names = asObjects(live?.items).map((node) => asText(at(node, 'metadata', 'name')));
  const missing = nodes.filter((node) => !names.includes(node.name)).map((node) => node.name);
  return missing.length === 0
    ? good('cluster-context', `the account of this pod; every declared node of ${name} is there`)
    : bad(
        'cluster-context',
        `the cluster of this pod has no node ${missing.join(', ')}, which the settings declare for ${name}`,
        fix,
      );
}

function uidCheck(
  { name }: DeclaredCluster,
  uid: string,
  context: Check,
  environment: NodeJS.ProcessEnv,
): Check {
  const given = expectedUid(environment);
  const file = pinFile(name, environment);
  const kept = given ?? readPin(file);
  if (kept === undefined && context.status !== 'good') {
    return unknown('cluster-uid', `${uid} was seen, and it is not known to be that of ${name}`);
  }
  const right = kept ?? keepPin(file, uid);
  const where = given === undefined ? file : UID_VARIABLE;
  if (right === uid) {
    const since =
      kept === undefined ? `seen for the first time and kept in ${file}` : `as ${where} says`;
    return good('cluster-uid', `${uid}, ${since}`);
  }
  return bad(
    'cluster-uid',
    `kube-system has the UID ${uid}, and ${where} says ${right}: this is another cluster, or ${name} was made anew`,
    given === undefined ? `if ${name} was really made anew, remove ${file}` : `correct ${where}`,
  );
}

function expectedUid(environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment[UID_VARIABLE];
  return given === undefined || given === '' ? undefined : given;
}

/** Where the UID of a cluster is kept: with the person, not with the checkout. */
export function pinFile(cluster: string, environment: NodeJS.ProcessEnv): string {
  return join(memoryFolder(environment), 'clusters', `${cluster}.uid`);
}

function readPin(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new Failure(
      `${file}, which says which cluster is the right one, cannot be read: ${code}`,
    );
  }
}

/** Keeps the UID for the next run, unless another run was faster; answers with what is kept. */
function keepPin(file: string, uid: string): string {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${uid}\n`, { mode: 0o600, flag: 'wx' });
    return uid;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return readPin(file) ?? uid;
    throw new Failure(
      `${file}, which is to say which cluster is the right one, cannot be written: ${code}`,
    );
  }
}
