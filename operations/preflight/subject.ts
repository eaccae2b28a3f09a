import type { Settings } from '../../config/settings.ts';
import type { Cluster } from '../../policy/model/cluster.ts';
import type { KubernetesObject } from '../../policy/model/kubernetes-object.ts';
import type { JudgedStack } from '../../policy/policy-input.ts';
import type { ClusterClient } from '../kubernetes/cluster-client.ts';
import type { ApiTypes } from './api-types.ts';

/** What the checks look at: the stack as it will be applied, and the cluster it will be applied to. */
export interface Subject {
  readonly settings: Settings;
  readonly stack: JudgedStack;
  /** The stack read as the cluster that it makes. */
  readonly defined: Cluster;
  /** What an apply puts into the cluster, charts included; not what programs in the cluster make of that later. */
  readonly objects: readonly KubernetesObject[];
  readonly client: ClusterClient;
  readonly types: ApiTypes;
}
