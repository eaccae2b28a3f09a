import type { Identity } from './buckets.ts';
import type { Provisioning } from './provisioning.ts';

/** Where a server is to run. */
export interface Seat {
  /** Its own folder, for all that is not the objects. */
  readonly folder: string;
  /** Where it keeps the objects. */
  readonly data: string;
  readonly address: string;
  readonly port: number;
  readonly region: string;
  readonly root: Identity;
}

/** How a server is started. */
export interface Start {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Folders that it expects to be there. */
  readonly folders: readonly string[];
}

/** What is particular to one kind. */
export interface Kind {
  /** What the server answers to its root identity as soon as it knows every identity, and not before. */
  readonly readyPath: string;
  /** Why a bucket of the state keeps no old versions, where the server cannot keep them without harm. */
  readonly noVersions?: string;
  start(seat: Seat): Start;
  /** Makes the buckets and an identity for each. Buckets of an earlier run may be there. */
  provision(provisioning: Provisioning): Promise<void>;
}
