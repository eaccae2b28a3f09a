import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../console/failure.ts';
import { type ClusterClient, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { ClusterTrouble } from '../../operations/kubernetes/cluster-trouble.ts';
import { asText, at, type JsonObject } from '../../policy/model/json.ts';
import type { ClusterAtHand } from './declared-client.ts';

/** No stack defines it, so no apply and no destroy reaches it. */
const NAMESPACE = 'flywheel-state';
const NAME = 'flywheel-state-witness';
const NAMESPACES = objectPath('v1', 'namespaces');
const NAMESPACE_PATH = objectPath('v1', 'namespaces', { name: NAMESPACE });
const LIST_PATH = objectPath('v1', 'configmaps', { namespace: NAMESPACE });
const OBJECT_PATH = objectPath('v1', 'configmaps', { namespace: NAMESPACE, name: NAME });
const LABELS = { 'app.kubernetes.io/managed-by': 'flywheel' };

const ATTEMPTS = 30;
const PAUSE_MS = 40;

/** The declared cluster as it was found. */
export interface ReachedCluster {
  readonly client: ClusterClient | undefined;
  /** Why there is none. */
  readonly because: string;
}

/** What an entry of the object is to be: a text, null for none at all, or undefined to leave it as it is. */
export type EntryChange = (kept: string | undefined) => string | null | undefined;

/**
 * The one object of the Kubernetes API in which everything about states is remembered: a ConfigMap with named entries.
 *
 * Whoever writes names the version that was read (`resourceVersion`), so of two that write at the same time one has to look
 * again.
 */
export class ClusterObject {
  readonly place = `the ConfigMap ${NAMESPACE}/${NAME}`;
  private readonly reach: () => Promise<ClusterAtHand>;
  private asked: Promise<ClusterAtHand> | undefined;
  private lost: string | undefined;
  /** As it was read or written last by this process; undefined in it where there is none. */
  private last: { readonly object: JsonObject | undefined } | undefined;
  private isAhead = false;

  constructor(reach: () => Promise<ClusterAtHand>) {
    this.reach = reach;
  }

  /** Finds the cluster once for all that is asked of it. */
  async atHand(): Promise<ReachedCluster> {
    this.asked ??= this.reach();
    const found = await this.asked;
    if (this.lost !== undefined) return { client: undefined, because: this.lost };
    return found.client === undefined
      ? { client: undefined, because: `the cluster is not at hand: ${found.because}` }
      : { client: found.client, because: '' };
  }

  /**
   * What a request that failed makes of it. One that nobody answers is not at hand from now on: every further request would
   * wait as long.
   */
  troubled({ kind, message }: ClusterTrouble): {
    readonly isLost: boolean;
    readonly because: string;
  } {
    if (kind !== 'unreachable' && kind !== 'unauthorized') {
      return { isLost: false, because: `${this.place} cannot be read: ${message}` };
    }
    this.lost = `the cluster is not at hand: ${message}`;
    return { isLost: true, because: this.lost };
  }

  /** Reads an entry ahead: the next one that is read comes from the same answer, and costs no request. */
  async readAhead(entry: string): Promise<string | undefined> {
    const text = await this.read(entry);
    this.isAhead = true;
    return text;
  }

  /**
   * Reads an entry.
   *
   * @throws ClusterTrouble when the cluster does not tell
   */
  async read(entry: string): Promise<string | undefined> {
    const wasAhead = this.isAhead && this.last !== undefined;
    this.isAhead = false;
    return wasAhead ? this.seen(entry) : textIn(await this.get(), entry);
  }

  /** An entry as it was when the object was read or written last. */
  seen(entry: string): string | undefined {
    return textIn(this.last?.object, entry);
  }

  /**
   * Changes an entry, also when others write at the same time. What is decided by what was seen last holds only if that is
   * still what is there.
   *
   * @param trusting begins with what was seen last, where there is such, and saves a request. @default false
   * @throws Failure when the cluster does not take it
   */
  async change(entry: string, decide: EntryChange, trusting = false): Promise<void> {
    const { client, because } = await this.atHand();
    if (client === undefined) throw new Failure(because);
    let look = !trusting || this.last === undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (look) await this.get();
      const next = decide(this.seen(entry));
      if (next === undefined) return;
      if (await this.write(client, { [entry]: next })) return;
      look = true;
      await pause(Math.random() * PAUSE_MS);
    }
    throw new Failure(`${this.place} is written to by too many at once`);
  }

  private async get(): Promise<JsonObject | undefined> {
    const { client, because } = await this.atHand();
    if (client === undefined) throw new Failure(because);
    const object = await client.get(OBJECT_PATH);
    this.last = { object };
    return object;
  }

  /** @returns false when somebody else was faster */
  private async write(
    client: ClusterClient,
    data: Readonly<Record<string, string | null>>,
  ): Promise<boolean> {
    const resourceVersion = asText(at(this.last?.object, 'metadata', 'resourceVersion'));
    try {
      const object =
        this.last?.object === undefined
          ? await create(client, data)
          : await client.change(OBJECT_PATH, { metadata: { resourceVersion }, data });
      this.last = { object };
      return true;
    } catch (error) {
      // Whatever became of it, what was seen last may not be what is there.
      this.last = undefined;
      if (error instanceof ClusterTrouble && error.kind === 'conflict') return false;
      throw error;
    }
  }
}

function textIn(object: JsonObject | undefined, entry: string): string | undefined {
  return asText(at(object, 'data', entry));
}

async function create(
  client: ClusterClient,
  data: Readonly<Record<string, string | null>>,
): Promise<JsonObject> {
  await ensureNamespace(client);
  return await client.create(LIST_PATH, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    data,
  });
}

/** Who applies stacks may create namespaces; where he may not, a person has to, once. */
async function ensureNamespace(client: ClusterClient): Promise<void> {
  try {
    if ((await client.get(NAMESPACE_PATH)) !== undefined) return;
    await client.create(NAMESPACES, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE, labels: LABELS },
    });
  } catch (error) {
    if (!(error instanceof ClusterTrouble)) throw error;
    if (error.kind === 'conflict') return;
    if (error.kind !== 'forbidden') throw error;
    throw new Failure(
      `${error.message}\n    somebody who may has to create it once: kubectl create namespace ${NAMESPACE}`,
    );
  }
}
