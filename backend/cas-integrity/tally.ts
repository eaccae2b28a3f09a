import type { ExitCode } from '../../console/exit-code.ts';
import type { Looked } from './look.ts';
import { exitCodeOf, isBad, type Status } from './verdict.ts';

/** What is told one by one; the rest is counted. */
const MOST_TOLD = 1000;
const MOST_FOREIGN = 5;

/** Counts what was looked at, and keeps what has to be told: a bucket may hold millions of objects, and all may be bad. */
export class Tally {
  /** Blobs in the listing. @default 0 - nothing was listed */
  listed = 0;
  /** Objects whose name is no digest. */
  foreign = 0;
  /** Some of their keys. */
  readonly foreignKeys: string[] = [];
  /** What is not good, in the order in which it was found, up to a thousand. */
  readonly told: Looked[] = [];
  /** Why the listing ended early, if it did. */
  incomplete: string | undefined;
  private readonly counts = new Map<Status, number>();

  /** @returns whether it is still to be told */
  add(looked: Looked): boolean {
    this.counts.set(looked.status, this.of(looked.status) + 1);
    if (looked.status === 'good' || this.told.length >= MOST_TOLD) return false;
    this.told.push(looked);
    return true;
  }

  addForeign(key: string): void {
    this.foreign += 1;
    if (this.foreignKeys.length < MOST_FOREIGN) this.foreignKeys.push(key);
  }

  of(status: Status): number {
    return this.counts.get(status) ?? 0;
  }

  get looked(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get bad(): number {
    return [...this.counts].reduce(
      (sum, [status, count]) => sum + (isBad({ status }) ? count : 0),
      0,
    );
  }

  /** What is bad in the cache itself, and not only in what was asked for. */
  get damaged(): number {
    return this.bad - this.of('asked-wrong');
  }

  /** What is not good, and only counted. */
  get untold(): number {
    return this.looked - this.of('good') - this.told.length;
  }

  /** Statuses and how many there are of each. */
  byStatus(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }

  get exitCode(): ExitCode {
    const unfinished: Status[] = this.incomplete === undefined ? [] : ['unknown'];
    return exitCodeOf([...this.counts.keys(), ...unfinished]);
  }
}
