import { seededRandom } from '../lying-store/seeded-random.ts';

/**
 * Chooses as it is offered one after the other, each with the same chance, and holds no more than the chosen.
 *
 * The same seed chooses the same of the same, in the same order.
 */
export class Sample<T> {
  readonly chosen: T[] = [];
  /** How many were offered. */
  offered = 0;
  private readonly size: number;
  private readonly random: () => number;

  constructor(size: number, seed: number) {
    this.size = size;
    this.random = seededRandom(seed, 'sample of the Bazel cache');
  }

  offer(item: T): void {
    this.offered += 1;
    if (this.chosen.length < this.size) {
      this.chosen.push(item);
      return;
    }
    const place = Math.floor(this.random() * this.offered);
    if (place < this.size) this.chosen[place] = item;
  }
}
