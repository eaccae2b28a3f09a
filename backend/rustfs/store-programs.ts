/** Programs that speak S3, and what is known of them that no look at a cluster shows. */
interface StoreProgram {
  readonly name: string;
  readonly image: RegExp;
  /** Why it cannot hold states, whatever its shape. */
  readonly unfit?: string;
  /** Whether its volumes and quorum can be read here. */
  readonly shape: 'erasure' | 'unknown';
}

const PROGRAMS: readonly StoreProgram[] = [
  { name: 'RustFS', image: /(^|\/)rustfs(\/rustfs)?[:@]/, shape: 'erasure' },
  { name: 'MinIO', image: /(^|\/)(minio|silo)[:@]/, shape: 'unknown' },
  { name: 'SeaweedFS', image: /(^|\/)seaweedfs[:@]/, shape: 'unknown' },
  {
    name: 'Garage',
    image: /(^|\/)garage[:@]/,
    shape: 'unknown',
    unfit: 'it does not know conditional writes, so nothing can be locked',
  },
  { name: 'Ceph RGW', image: /(^|\/)ceph(\/ceph)?[:@]/, shape: 'unknown' },
  { name: 'VersityGW', image: /(^|\/)versitygw[:@]/, shape: 'unknown' },
  { name: 'Zenko CloudServer', image: /(^|\/)cloudserver[:@]/, shape: 'unknown' },
];

/** The program that an image is, where it is one that speaks S3. */
export function storeProgram(image: string): StoreProgram | undefined {
  return PROGRAMS.find((program) => program.image.test(image));
}
