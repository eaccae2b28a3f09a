import type { Finding } from '../finding.ts';
import type { StackState } from '../stack-state.ts';
import type { StoreKeys } from '../store/store-access.ts';
import type { Store } from '../store/store-client.ts';
import type { Witness } from '../witness/witness.ts';

/** What a run of tofu was declared to do; the gateway lets nothing else through. */
export interface Declaration {
  /** There is to be no state yet. @default false */
  readonly firstRun?: boolean;
  /** The state may be left without any resource. @default false */
  readonly destroys?: boolean;
  /** The state may be written. Locks are taken in any case. @default false */
  readonly writes?: boolean;
  /** The id of a lock of somebody else that may be removed. @default - none */
  readonly unlocks?: string;
}

/** What a gateway stands on. */
export interface GatewayOptions {
  readonly state: StackState;
  readonly region: string;
  readonly declaration: Declaration;
  readonly store: Store;
  readonly witness: Witness;
  /** Who runs this, as the witness is to remember it. */
  readonly by: string;
  /** Whether the store was proved to refuse a write over a version that is not the last one. */
  readonly compareAndSwap: boolean;
  /**
   * Whether the guards have proved the store just now. Without it, a state that no witness remembers is read, but neither
   * written nor remembered.
   *
   * @default false
   */
  readonly guarded?: boolean;
  /** How long one request to the store may take, in milliseconds; a large state is given more. @default 20000 */
  readonly requestMs?: number;
  /** How long to wait before a request that failed is sent again; each time longer, in milliseconds. @default 100 */
  readonly pauseMs?: number;
  /** Lets so many milliseconds pass before another attempt. @default - those of the machine */
  readonly sleep?: (ms: number) => Promise<void>;
  /** The time in milliseconds, from wherever it is counted. @default - that of the machine */
  readonly now?: () => number;
  /** How long a write waits for a store that its own apply restarts, in milliseconds. @default 180000 */
  readonly restartMs?: number;
  /** Is told of every request to the store as it begins. */
  readonly observe?: (request: string) => void;
}

/** A gateway that listens. */
export interface RunningGateway {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Of this run alone. */
  readonly keys: StoreKeys;
  /** What the store did wrong, in the order in which it was seen. */
  readonly findings: readonly Finding[];
  /** What a person has to know although nothing is wrong: what was taken on trust, and who holds the lock. */
  readonly notes: readonly string[];
  /** The last state that was written and could not be proved to be kept, for the recovery folder. */
  readonly unkept: Buffer | undefined;
  stop(): Promise<void>;
}
