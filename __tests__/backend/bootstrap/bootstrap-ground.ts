import { beginHere } from '../../../backend/bootstrap/begin.ts';
import { type StoreInStack, storeInStack } from '../../../backend/bootstrap/store-in-stack.ts';
import { TotalLoss } from '../../../backend/bootstrap/total-loss.ts';
import type { StackState } from '../../../backend/stack-state.ts';
import { openWitness } from '../../../backend/witness/open-witness.ts';
import type { ClusterClient } from '../../../operations/kubernetes/cluster-client.ts';
import { HttpsClient } from '../../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../../operations/kubernetes/kube-access.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { exampleContext, synthesizeStacks } from '../../support/synthesized.ts';
import { Home, SETTINGS } from '../witness/witness-fixtures.ts';

const STACKS = synthesizeStacks(exampleContext('tinyland'));
const NAMESPACE = '/namespaces/nix-cache';
export const WORKLOAD = `/apis/apps/v1${NAMESPACE}/deployments/attic-rustfs-openebs`;
export const CLAIM = `/api/v1${NAMESPACE}/persistentvolumeclaims/attic-rustfs-openebs-data`;
export const KEYS = `/api/v1${NAMESPACE}/secrets/tofu-state-s3`;

/** What a synthesized stack of tinyland says of the store of the states. */
export function storedIn(name: string, bucket = 'tofu-state'): StoreInStack | undefined {
  return storeInStack({ name, json: JSON.parse(STACKS[name] ?? '') }, bucket);
}

/** A person with an empty cluster. */
export class BootstrapGround {
  readonly server: TestApiServer;
  readonly results: string[] = [];
  readonly problems: string[] = [];
  readonly printer = {
    result: (line: string) => void this.results.push(line),
    problem: (line: string) => void this.problems.push(line),
  };
  home: Home;

  private constructor(server: TestApiServer) {
    this.server = server;
    this.home = new Home(server);
  }

  static async start(): Promise<BootstrapGround> {
    return new BootstrapGround(await startApiServer());
  }

  get state(): StackState {
    return this.home.state();
  }

  get client(): ClusterClient {
    return new HttpsClient(findCluster(this.home.environment));
  }

  get stored(): StoreInStack {
    const stored = storedIn('attic');
    if (stored === undefined) throw new Error('attic of tinyland deploys the store of its state');
    return stored;
  }

  witness() {
    return openWitness(this.state, { settings: SETTINGS, environment: this.home.environment });
  }

  /** The cluster is gone, and with it what it remembered; another one has its name. */
  loseCluster(): void {
    for (const path of [...this.server.state.objects.keys()]) {
      if (path.includes('flywheel-state')) this.server.state.objects.delete(path);
    }
  }

  /** The loss that a person has confirmed, in the cluster that is there now. */
  loss(uid = 'uid-of-honey'): TotalLoss {
    return new TotalLoss(this.state, uid);
  }

  async begin(loss?: TotalLoss): Promise<number> {
    const { state, stored, client, printer } = this;
    const witness = await this.witness();
    return await beginHere({
      state,
      stored,
      witness,
      client,
      printer,
      by: 'ada@laptop',
      loss,
    });
  }

  async stop(): Promise<void> {
    await this.server.close();
    this.home.remove();
  }
}
