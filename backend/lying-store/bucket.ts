import { createHash } from 'node:crypto';

/** What is known of a body that was kept, or of a delete marker. */
export interface Version {
  /** `null` where the bucket kept no versions when it was written. */
  readonly id: string;
  /** Undefined for a delete marker. */
  readonly body: Buffer | undefined;
  /** MD5 of the body in quotes. */
  readonly etag: string;
  readonly modified: Date;
  /** Headers that came with it and go out with it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A version that has a body. */
export interface Kept extends Version {
  readonly body: Buffer;
}

/** How many earlier bodies of a key are remembered, whether the bucket keeps versions or not. */
const PAST = 16;

/** A bucket: every key with its versions, the newest first. */
export class Bucket {
  readonly name: string;
  readonly created: Date;
  versioning: 'Enabled' | 'Suspended' | undefined;
  private readonly versions = new Map<string, Version[]>();
  private readonly bodies = new Map<string, Buffer[]>();
  private count = 0;

  constructor(name: string, created: Date, versioned: boolean) {
    this.name = name;
    this.created = created;
    this.versioning = versioned ? 'Enabled' : undefined;
  }

  /** What a key holds now. */
  current(key: string): Kept | undefined {
    const [newest] = this.versions.get(key) ?? [];
    return newest !== undefined && isKept(newest) ? newest : undefined;
  }

  version(key: string, id: string): Version | undefined {
    return this.versionsOf(key).find((version) => version.id === id);
  }

  /** Every version of a key, markers too, the newest first. */
  versionsOf(key: string): readonly Version[] {
    return this.versions.get(key) ?? [];
  }

  /** Every body that a key was given, the oldest first, also those that the bucket keeps no longer. */
  past(key: string): readonly Buffer[] {
    return this.bodies.get(key) ?? [];
  }

  put(key: string, body: Buffer, headers: Version['headers'], modified: Date): Version {
    const version = { id: this.freshId(), body, etag: etagOf(body), modified, headers };
    this.add(key, version);
    this.bodies.set(key, [...this.past(key), body].slice(-PAST));
    return version;
  }

  /** Deletes as S3 does: a bucket that keeps versions gets a marker, unless one version is named. */
  remove(key: string, modified: Date, id?: string): Version | undefined {
    const versions = this.versionsOf(key);
    if (id !== undefined) {
      const removed = this.version(key, id);
      this.keep(
        key,
        versions.filter((version) => version !== removed),
      );
      return removed;
    }
    const kept = versions.filter((version) => version.id !== 'null');
    if (this.versioning === undefined || (this.versioning === 'Suspended' && kept.length === 0)) {
      this.keep(key, kept);
      return undefined;
    }
    const marker = { id: this.freshId(), body: undefined, etag: '', modified, headers: {} };
    this.add(key, marker);
    return marker;
  }

  /** The keys that hold something, in order. */
  keys(): string[] {
    return [...this.versions.keys()].filter((key) => this.current(key) !== undefined).sort();
  }

  /** The keys of which there is a version or a marker, in order. */
  keysEver(): string[] {
    return [...this.versions.keys()].sort();
  }

  /** Puts the newest version of a key below the one before it. */
  swapNewest(key: string): void {
    const [newest, older, ...rest] = this.versionsOf(key);
    if (newest !== undefined && older !== undefined) this.keep(key, [older, newest, ...rest]);
  }

  private add(key: string, version: Version): void {
    const others = this.versionsOf(key).filter(({ id }) => version.id !== 'null' || id !== 'null');
    this.versions.set(key, [version, ...others]);
  }

  private keep(key: string, versions: Version[]): void {
    if (versions.length === 0) this.versions.delete(key);
    else this.versions.set(key, versions);
  }

  private freshId(): string {
    if (this.versioning !== 'Enabled') return 'null';
    this.count += 1;
    return `v${String(this.count).padStart(8, '0')}`;
  }
}

/** The ETag of a body that was sent in one piece. */
export function etagOf(body: Uint8Array): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function isKept(version: Version): version is Kept {
  return version.body !== undefined;
}
