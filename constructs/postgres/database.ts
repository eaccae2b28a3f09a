import type { ITerraformDependable } from 'cdktf';
import type { SecretRef } from '../../values/secret-ref.ts';
import type { Flow } from '../workload/flows.ts';

/** A connection string as a process gets it: from a Secret, or written out where it holds no credentials. */
export type DatabaseUrl =
  | { readonly secret: SecretRef; readonly key: string }
  | { readonly value: string };

/** A database that is a file on a volume, so that one process at a time may have it. */
export interface DatabaseFile {
  /** The claim of the volume. */
  readonly claim: string;
  /** The folder in which the volume appears. */
  readonly folder: string;
}

/** A database, wherever it runs, as far as a program that uses it has to know. */
export interface Database {
  readonly url: DatabaseUrl;

  /**
   * What a session asks for whose statements may take long, as PGOPTIONS says it. The driver of Attic, sqlx, sends that
   * with the start of each session.
   *
   * @default - nothing, since only who sets a limit knows that it is there, and a pooler may refuse any option
   */
  readonly patientSession?: string;

  /** The ways to it, for the network policy of whoever uses it. */
  readonly flows: readonly Flow[];

  /** What has to exist before it can be used. */
  readonly dependsOn: readonly ITerraformDependable[];

  /** The file, where it is one. @default - a server that takes many connections */
  readonly file?: DatabaseFile;

  /** What has to be lost for the data to be lost. */
  readonly failureDomain: string;

  /** True only when it survives the loss of any one node with its data. */
  readonly highlyAvailable: boolean;
}
