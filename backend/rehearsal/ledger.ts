/** What a run was told, and whether it was true. */
export interface Account {
  /** What it believed or was told and was not so, in the order of time. */
  readonly wrong: readonly string[];
}

/**
 * The truth of a state: the last one of which a store has said to its writer that it is kept, whatever the store holds by now.
 * It knows nothing of lies, and judges by this alone.
 */
export class Ledger {
  /** What everybody has to be shown. */
  last: Buffer;
  /** How often a state that was acknowledged was written over by somebody who had not read it. */
  lost = 0;

  constructor(last: Buffer) {
    this.last = last;
  }

  /** Opens an account for one run. */
  account(): Account & {
    onRead(believed: Buffer | undefined): void;
    onKept(written: Buffer, believed: Buffer | undefined): void;
  } {
    const wrong: string[] = [];
    return {
      wrong,
      onRead: (believed) => {
        if (believed?.equals(this.last) !== true) wrong.push(this.difference(believed));
      },
      onKept: (written, believed) => {
        if (believed?.equals(this.last) !== true) this.lost += 1;
        this.last = written;
      },
    };
  }

  private difference(believed: Buffer | undefined): string {
    if (believed === undefined) return 'believed that there is no state';
    const [told, last] = [serialIn(believed), serialIn(this.last)];
    return told === last
      ? 'believed another content than the true one'
      : `believed serial ${told} where ${last} is true`;
  }
}

function serialIn(state: Buffer): unknown {
  return JSON.parse(state.toString('utf8')).serial;
}
