/** A pair of keys for a store. */
export interface StoreKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** With temporary keys. */
  readonly sessionToken?: string;
}

/** How the bucket of the state is reached, and as whom. It is held in memory only. */
export interface StoreAccess {
  /** Scheme, host and port, without a path. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** The bucket in the path instead of the host name, which every store but AWS itself needs. */
  readonly pathStyle: boolean;
  readonly keys: StoreKeys;
  /** Certificates of the authorities to trust instead of the usual ones, as PEM. */
  readonly authorities?: string;
}
