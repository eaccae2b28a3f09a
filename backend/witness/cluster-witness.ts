import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../console/failure.ts';
import { type ClusterClient, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { ClusterTrouble } from '../../operations/kubernetes/cluster-trouble.ts';
import { asText, at, type JsonObject } from '../../policy/model/json.ts';
import type { ClusterAtHand } from './declared-client.ts';
import type { HalfMemory, WitnessHalf } from './witness-half.ts';
import { readRecord, recordText, replaces, type WitnessRecord } from './witness-record.ts';

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

/**
 * The half of a witness that is kept in the Kubernetes API: one ConfigMap, with an entry for each stack of a bucket.
 *
 * Whoever writes names the version that was read (`resourceVersion`), so of two that write at the same time one has to look
 * again.
 */
export class ClusterWitness implements WitnessHalf {
  readonly name = 'cluster';
  readonly place = `the ConfigMap ${NAMESPACE}/${NAME}`;
  private readonly bucket: string;
  private readonly reach: () => Promise<ClusterAtHand>;
  private asked: Promise<ClusterAtHand> | undefined;
  private lost: string | undefined;

  constructor(bucket: string, reach: () => Promise<ClusterAtHand>) {
    this.bucket = bucket;
    this.reach = reach;
  }

  async recall(stack: string): Promise<HalfMemory> {
    const { client, because } = await this.atHand();
    if (client === undefined) return { kind: 'not-at-hand', because };
    try {
      return this.read(stack, await client.get(OBJECT_PATH));
    } catch (error) {
      return this.troubled(error);
    }
  }

  async keep(stack: string, record: WitnessRecord): Promise<void> {
    const { client, because } = await this.atHand();
    if (client === undefined) throw new Failure(because);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const object = await client.get(OBJECT_PATH);
      const memory = this.read(stack, object);
      const kept = memory.kind === 'remembers' ? memory.record : undefined;
      if (!replaces(stack, record, kept)) return;
      if (await this.write(client, { object, stack, record })) return;
      await pause(Math.random() * PAUSE_MS);
    }
    throw new Failure(`${this.place} is written to by too many at once`);
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

  private read(stack: string, object: JsonObject | undefined): HalfMemory {
    const text = asText(at(object, 'data', this.keyOf(stack)));
    if (text === undefined) return { kind: 'never-seen' };
    const record = readRecord(stack, text);
    if (record !== undefined) return { kind: 'remembers', record };
    const because = `${this.place} holds no record under ${this.keyOf(stack)}`;
    return { kind: 'unknown', because };
  }

  private troubled(error: unknown): HalfMemory {
    if (!(error instanceof ClusterTrouble)) throw error;
    const { kind, message } = error;
    if (kind !== 'unreachable' && kind !== 'unauthorized') {
      return { kind: 'unknown', because: `${this.place} cannot be read: ${message}` };
    }
    // It is not asked again: every request would wait as long as this one.
    this.lost = `the cluster is not at hand: ${message}`;
    return { kind: 'not-at-hand', because: this.lost };
  }

  /** @returns false when somebody else was faster */
  private async write(client: ClusterClient, { object, stack, record }: Writing): Promise<boolean> {
    const data = { [this.keyOf(stack)]: recordText(stack, record) };
    try {
      if (object === undefined) await create(client, data);
      else {
        const resourceVersion = asText(at(object, 'metadata', 'resourceVersion'));
        await client.change(OBJECT_PATH, { metadata: { resourceVersion }, data });
      }
      return true;
    } catch (error) {
      if (error instanceof ClusterTrouble && error.kind === 'conflict') return false;
      throw error;
    }
  }

  private keyOf(stack: string): string {
    return `${this.bucket}.${stack}`;
  }
}

interface ReachedCluster {
  readonly client: ClusterClient | undefined;
  readonly because: string;
}

interface Writing {
  readonly object: JsonObject | undefined;
  readonly stack: string;
  readonly record: WitnessRecord;
}

async function create(client: ClusterClient, data: Readonly<Record<string, string>>) {
  await ensureNamespace(client);
  await client.create(LIST_PATH, {
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
