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
