/** Lets one work go on at a time, in the order in which they ask. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.last.then(work);
    // Whoever comes next waits for the end of this one, whatever end that is.
    this.last = mine.catch(() => {});
    return await mine;
  }
}

/** Does a work for each item, so many at once at most, and keeps their order. */
export async function eachAtMost<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...items.entries()];
  const lane = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: most }, lane));
  return results;
}
