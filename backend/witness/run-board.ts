import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { ClusterTrouble } from '../../operations/kubernetes/cluster-trouble.ts';
import type { ClusterObject } from './cluster-object.ts';
import { notesText, type RunNote, readNotes } from './run-note.ts';

/** What is known of the runs of a stack that have not ended, or have left something. */
export type Posted =
  | { readonly kind: 'read'; readonly notes: readonly RunNote[] }
  /** Somebody has written something else there. */
  | { readonly kind: 'unreadable'; readonly because: string }
  /** The cluster is there and does not tell. */
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'not-at-hand' };

/** What is known of them where the entry was read. */
export type Told = Extract<Posted, { kind: 'read' | 'unreadable' }>;

/** Where the runs of a stack leave their notes: beside the witness in the cluster, where every machine sees them. */
export class RunBoard {
  private readonly object: ClusterObject;
  private readonly stack: string;
  private readonly entry: string;

  constructor(object: ClusterObject, { bucket, stack }: { bucket: string; stack: string }) {
    this.object = object;
    this.stack = stack;
    this.entry = `${bucket}.${stack}.runs`;
  }

  async isAtHand(): Promise<boolean> {
    return (await this.object.atHand()).client !== undefined;
  }

  /** Reads the notes. The witness, asked next, answers from the same reading. */
  async look(): Promise<Posted> {
    if (!(await this.isAtHand())) return { kind: 'not-at-hand' };
    try {
      return this.posted(await this.object.readAhead(this.entry));
    } catch (error) {
      if (!(error instanceof ClusterTrouble)) throw error;
      const { isLost, because } = this.object.troubled(error);
      return isLost ? { kind: 'not-at-hand' } : { kind: 'unknown', because };
    }
  }

  /** The notes as they were when anything in the cluster was read last. */
  seen(): Told {
    return this.posted(this.object.seen(this.entry));
  }

  /**
   * Changes the notes, also when others do so at the same time.
   *
   * @param change says what is to be there in place of what is
   * @throws Failure when the cluster does not take it, or what is there cannot be read
   */
  async change(change: (notes: readonly RunNote[]) => readonly RunNote[]): Promise<void> {
    await this.object.change(
      this.entry,
      (text) => {
        const posted = this.posted(text);
        if (posted.kind !== 'read') throw new Failure(posted.because);
        const next = notesText(this.stack, change(posted.notes));
        return next === (text ?? null) ? undefined : next;
      },
      true,
    );
  }

  /** Removes what is there although it cannot be read. */
  async removeUnreadable(): Promise<void> {
    await this.object.change(this.entry, (text) =>
      this.posted(text).kind === 'unreadable' ? null : undefined,
    );
  }

  private posted(text: string | undefined): Told {
    const notes = readNotes(this.stack, text);
    if (notes !== undefined) return { kind: 'read', notes };
    const because = `${this.object.place} holds under ${this.entry} what is no note of a run`;
    return { kind: 'unreadable', because };
  }
}

/** Why nothing is done where a note is there that nobody can read. */
export function unreadable(stack: string, because: string): Failure {
  return new Failure(
    `whether another run of ${stack} has left something is not known: ${because}\n    look at it there; just tofu-state-recover ${stack} --discard removes it`,
    EXIT.unknown,
  );
}
