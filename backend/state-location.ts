/**
 * Where a stack's state lives, as far as the synthesized JSON may know it. Endpoint and credentials are missing on
 * purpose: they come from the environment of each run.
 */
export interface StateLocation {
  readonly bucket: string;
  readonly key: string;
  readonly region: string;
  /** Address the bucket in the path instead of the host name, which every store but AWS itself needs. */
  readonly pathStyle: boolean;
  /** What states and plans are encrypted with: names of keys, never a key. @default - nothing is encrypted */
  readonly encryption?: Readonly<Record<string, unknown>>;
}
