import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { statusText, textsIn } from '../store/answer-xml.ts';
import type { Store, StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { type DiskStanding, type DiskView, diskStanding } from './disk-view.ts';

/** Begins the name of every scratch bucket: nothing else is ever called so. */
export const SCRATCH_PREFIX = 'flywheel-scratch-probe-';

const KEY = 'scratch';
const BODY = 'this bucket is of a probe and may be removed at any time\n';
const REQUEST_MS = 20_000;
const OK = 200;
const NOT_FOUND = 404;
/** What is deleted leaves the disk a moment later. */
const DISK_TRIES = 6;
const DISK_PAUSE_MS = 500;

/** One step of a probe. */
export interface ScratchStep {
  readonly name: ScratchStepName;
  readonly outcome: 'as-expected' | 'not-run' | 'otherwise';
  readonly detail: string;
}

/** The steps in their order; those on the disk are left out of the verdict where nobody could look, unless they must not. */
export type ScratchStepName =
  | 'create'
  | 'listed'
  | 'found'
  | 'written'
  | 'on-disk'
  | 'deleted'
  | 'unlisted'
  | 'gone'
  | 'off-disk'
  | 'removed';

/** What came of a probe with a bucket of its own. */
export interface ScratchEvidence {
  readonly bucket: string;
  readonly steps: readonly ScratchStep[];
}

/** What a probe stands on. */
export interface ScratchHow {
  readonly store: Store;
  /** Looks at the disk anew each time. */
  readonly disk: () => Promise<DiskView>;
  /** Pause between two looks at the disk, in milliseconds. @default 500 */
  readonly pauseMs?: number;
}

/**
 * Makes a bucket, proves that API and disk agree that it is there, deletes it, and proves that they agree that it is gone.
 *
 * It touches nothing but that bucket, whose name cannot be mistaken for another's, and removes it whatever happens.
 */
export async function scratchProbe(how: ScratchHow): Promise<ScratchEvidence> {
  const bucket = `${SCRATCH_PREFIX}${randomBytes(6).toString('hex')}`;
  const run = new ScratchRun(how, bucket);
  try {
    await run.all();
  } finally {
    await run.remove();
  }
  return { bucket, steps: run.steps };
}

class ScratchRun {
  readonly steps: ScratchStep[] = [];
  private readonly how: ScratchHow;
  private readonly bucket: string;
  /** It may exist also where the answer said otherwise. */
  private mayExist = false;

  constructor(how: ScratchHow, bucket: string) {
    this.how = how;
    this.bucket = bucket;
  }

  async all(): Promise<void> {
    this.mayExist = true;
    const made = await this.send({ method: 'PUT' });
    if (!isDone(made)) {
      // A bucket that was refused is not there; of any other answer nobody knows.
      this.mayExist = made instanceof StoreTrouble || made.status >= 500;
      const isRight = made instanceof StoreTrouble || made.status !== 403;
      const why = isRight ? '' : ': give it the keys of an identity that may make buckets';
      this.note('create', 'not-run', `${said(made)}${why}`);
      return;
    }
    this.note('create', 'as-expected', said(made));
    await this.look('listed', 'found', true);
    await this.write();
    await this.lookAtDisk('on-disk', 'present');
    await this.delete();
    await this.look('unlisted', 'gone', false);
    await this.lookAtDisk('off-disk', 'absent');
  }

  /** Leaves nothing, and says so only where that is known. */
  async remove(): Promise<void> {
    if (!this.mayExist) return;
    await this.send({ method: 'DELETE', key: KEY });
    const gone = await this.send({ method: 'DELETE' });
    const isGone = isDone(gone) || (!(gone instanceof StoreTrouble) && gone.status === NOT_FOUND);
    const detail = isGone
      ? 'nothing of it is left'
      : `${said(gone)}: bucket ${this.bucket} may still be there; it is empty or holds the one key ${KEY}: remove it by hand`;
    this.note('removed', isGone ? 'as-expected' : 'otherwise', detail);
  }

  private async look(
    listStep: ScratchStepName,
    headStep: ScratchStepName,
    expected: boolean,
  ): Promise<void> {
    const list = await this.send({ method: 'GET', bucket: '' });
    if (list instanceof StoreTrouble || list.status !== OK)
      this.note(listStep, 'not-run', `ListBuckets: ${said(list)}`);
    else {
      const named = textsIn(list, 'Name').includes(this.bucket);
      const detail = `ListBuckets ${named ? 'names it' : 'does not name it'}`;
      this.note(listStep, named === expected ? 'as-expected' : 'otherwise', detail);
    }
    const head = await this.send({ method: 'HEAD' });
    const status = head instanceof StoreTrouble ? 0 : head.status;
    const known = status === OK || status === NOT_FOUND;
    const outcome = !known ? 'not-run' : (status === OK) === expected ? 'as-expected' : 'otherwise';
    this.note(headStep, outcome, `HeadBucket: ${said(head)}`);
  }

  private async write(): Promise<void> {
    const put = await this.send({ method: 'PUT', key: KEY, body: Buffer.from(BODY) });
    const get = await this.send({ method: 'GET', key: KEY });
    const isSame = !(get instanceof StoreTrouble) && get.body.toString() === BODY;
    this.note(
      'written',
      isDone(put) && isSame ? 'as-expected' : 'otherwise',
      isDone(put)
        ? `what was written ${isSame ? 'is read' : `is not what is read: ${said(get)}`}`
        : `a write answers ${said(put)}`,
    );
  }

  private async delete(): Promise<void> {
    await this.send({ method: 'DELETE', key: KEY });
    const deleted = await this.send({ method: 'DELETE' });
    this.note('deleted', isDone(deleted) ? 'as-expected' : 'otherwise', said(deleted));
  }

  private async lookAtDisk(step: ScratchStepName, expected: DiskStanding): Promise<void> {
    const { disk, pauseMs = DISK_PAUSE_MS } = this.how;
    for (let tried = 1; ; tried += 1) {
      const view = await disk();
      const standing = diskStanding(view, this.bucket);
      if ('notSeen' in view) return this.note(step, 'not-run', view.notSeen);
      if (standing === expected)
        return this.note(step, 'as-expected', `markers on every drive: ${standing}`);
      if (tried === DISK_TRIES)
        return this.note(step, 'otherwise', `markers on the drives: ${standing}, not ${expected}`);
      await pause(pauseMs);
    }
  }

  private note(name: ScratchStepName, outcome: ScratchStep['outcome'], detail: string): void {
    this.steps.push({ name, outcome, detail });
  }

  private async send(request: StoreRequest): Promise<StoreAnswer | StoreTrouble> {
    try {
      return await this.how.store.send({
        bucket: this.bucket,
        deadlineMs: REQUEST_MS,
        ...request,
      });
    } catch (error) {
      if (error instanceof StoreTrouble) return error;
      throw error;
    }
  }
}

function isDone(answer: StoreAnswer | StoreTrouble): boolean {
  return !(answer instanceof StoreTrouble) && answer.status >= OK && answer.status < 300;
}

function said(answer: StoreAnswer | StoreTrouble): string {
  return answer instanceof StoreTrouble ? answer.message : statusText(answer);
}
