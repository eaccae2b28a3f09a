import { Failure } from '../../console/failure.ts';
import { definedObjects } from '../../policy/model/cluster.ts';
import { asObject, at } from '../../policy/model/json.ts';
import type { JudgedStack } from '../../policy/policy-input.ts';
import { type ClusterClient, objectPath } from '../kubernetes/cluster-client.ts';
import { ClusterTrouble } from '../kubernetes/cluster-trouble.ts';

/**
 * Makes the namespaces that are not there yet, as the stack defines them: the same labels, so that Pod Security holds from the
 * first pod on. The release of a namespace takes over what it finds (`take_ownership`), so nothing of Helm's own marks is
 * needed, and none that would be untrue is set.
 *
 * @returns the namespaces that were made
 * @throws Failure for a namespace that no stack defines
 */
export async function ensureNamespaces(
  client: ClusterClient,
  stacks: readonly JudgedStack[],
  names: readonly string[],
): Promise<string[]> {
  const defined = definedObjects(stacks).filter(({ kind }) => kind === 'Namespace');
  const made: string[] = [];
  for (const name of new Set(names)) {
    if ((await client.get(objectPath('v1', 'namespaces', { name }))) !== undefined) continue;
    const namespace = defined.find((object) => object.name === name);
    if (namespace === undefined) {
      throw new Failure(
        `the namespace ${name} is not there, and no stack defines it: make it first`,
      );
    }
    const { labels, annotations } = asObject(at(namespace.body, 'metadata'));
    await createNamespace(client, name, { labels, annotations });
    made.push(name);
  }
  return made;
}

async function createNamespace(client: ClusterClient, name: string, metadata: object) {
  try {
    await client.create(objectPath('v1', 'namespaces'), {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, ...metadata },
    });
  } catch (error) {
    // Somebody else was faster: there it is.
    if (!(error instanceof ClusterTrouble && error.kind === 'conflict')) throw error;
  }
}
