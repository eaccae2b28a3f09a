import { bad, good } from '../../operations/kubernetes/check.ts';
import type { Answer, Evidence, Step } from './evidence.ts';
import { isDone } from './interview.ts';
import { incidentFix, notKnown, seen, statusText, tagOf } from './seen.ts';
import { type Judgement, notRun } from './verdict.ts';

/** Whether an object of the check's own is kept, replaced, listed and removed, and whether a lock of its own excludes. */
export function judgeCanaries(evidence: Evidence): Judgement[] {
  if (evidence.steps['lock-take'] === undefined && evidence.stopped === undefined) {
    const because = 'nothing is written to a store that has lost the bucket';
    return NAMES.map((name) => notRun(name, because));
  }
  return NAMES.map((name) => judgeOne(name, evidence));
}

function judgeOne(name: (typeof NAMES)[number], evidence: Evidence): Judgement {
  const { steps, needs, judge, proves } = PROOFS[name];
  if (needs !== undefined && !wasDone(evidence, needs)) {
    return notRun(name, 'what it would be seen by was not written');
  }
  const answers: Partial<Record<Step, Answer>> = {};
  for (const step of steps) {
    const found = seen(evidence, step);
    const answer = found.answer ?? lostRace(evidence, step);
    if (answer !== undefined) answers[step] = answer;
    else if (found.answer === undefined) return notKnown(name, found);
  }
  const problem = judge((step) => answers[step] ?? NOTHING, evidence);
  return problem === undefined ? good(name, proves) : bad(name, problem, incidentFix(evidence));
}

/** A store may fail for one of two at the very same time: where the other one has won, and keeps what it won, that is an answer. */
function lostRace(evidence: Evidence, step: Step): Answer | undefined {
  const rival = RACERS.find((one) => one !== step && RACERS.some((other) => other === step));
  const answer = evidence.steps[step]?.answer;
  if (rival === undefined || answer === undefined || answer.status < FAILS) return undefined;
  return wasDone(evidence, rival) ? answer : undefined;
}

/** What the check itself could not remove. */
export function judgeLeftovers({ leftovers, bucket }: Evidence): Judgement[] {
  if (leftovers.length === 0) return [];
  const because = `${leftovers.join(' and ')} may still be in ${bucket}; no state is among them, and they can be removed`;
  return [notRun('canary-removed', because)];
}

interface Proof {
  /** What it is judged by. Where one of them says nothing, nothing is known. */
  readonly steps: readonly Step[];
  readonly proves: string;
  /** Without which there is nothing to see; that it is missing is judged elsewhere. */
  readonly needs?: Step;
  /** What is wrong; undefined when nothing is. */
  judge(answerTo: (step: Step) => Answer, evidence: Evidence): string | undefined;
}

const FAILS = 500;
const NOTHING: Answer = { status: 0, code: '', size: 0, hash: '' };
const NAMES = [
  'canary-write',
  'canary-overwrite',
  'canary-listed',
  'canary-delete',
  'lock-excludes',
  'lock-released',
  'lock-race',
] as const;

const PROOFS: Readonly<Record<(typeof NAMES)[number], Proof>> = {
  'canary-write': {
    steps: ['canary-write', 'canary-read'],
    proves: 'what is written is read back, byte for byte',
    judge: (answerTo, evidence) =>
      kept(evidence, { write: 'canary-write', read: 'canary-read' }, answerTo),
  },
  'canary-overwrite': {
    steps: ['canary-overwrite', 'canary-read-again'],
    proves: 'what is written over it is read back, and stays when its lock goes',
    judge: (answerTo, evidence) =>
      kept(evidence, { write: 'canary-overwrite', read: 'canary-read-again' }, answerTo),
  },
  'canary-listed': {
    needs: 'canary-overwrite',
    steps: ['canary-read-again', 'canary-listing'],
    proves: 'what is written is listed',
    judge: (answerTo, { canaryKey }) => {
      const { entries = [], truncated } = answerTo('canary-listing');
      const entry = entries.find(({ key }) => key === canaryKey);
      const { size } = answerTo('canary-read-again');
      if (answerTo('canary-read-again').status !== 200) return undefined;
      if (truncated === true) return 'the listing ends early and does not say how it goes on';
      if (entry === undefined) return 'what was written is read, and not listed';
      return entry.size === undefined || entry.size === size
        ? undefined
        : `the listing names ${entry.size} bytes, and ${size} are read`;
    },
  },
  'canary-delete': {
    needs: 'canary-overwrite',
    steps: ['canary-delete', 'canary-read-gone'],
    proves: 'what is removed is gone',
    judge: (answerTo) => {
      const [removed, read] = [answerTo('canary-delete'), answerTo('canary-read-gone')];
      if (!isDone(removed)) return `removing it answers ${statusText(removed)}`;
      return read.status === 404 ? undefined : `after its removal it answers ${statusText(read)}`;
    },
  },
  'lock-excludes': {
    steps: ['lock-take', 'lock-take-held', 'lock-read'],
    proves: 'a lock that is held is refused to others, and stays with its holder',
    judge: (answerTo, evidence) => {
      const [taken, again] = [answerTo('lock-take'), answerTo('lock-take-held')];
      if (!isDone(taken)) return `a lock that nobody holds is refused: ${statusText(taken)}`;
      if (isDone(again)) return 'a lock that is held is given to a second one: nothing excludes';
      if (!isConflict(again)) return `a lock that is held answers ${statusText(again)}, not 412`;
      return isKept(evidence, 'lock-take', answerTo('lock-read'))
        ? undefined
        : `the lock answers ${versionText(answerTo('lock-read'))}, which is not what its holder wrote`;
    },
  },
  'lock-released': {
    steps: ['lock-release', 'lock-race-one', 'lock-race-other'],
    proves: 'a lock that was released can be taken again',
    judge: (answerTo) => {
      const released = answerTo('lock-release');
      if (!isDone(released)) return `releasing the lock answers ${statusText(released)}`;
      const races = RACERS.map(answerTo);
      return races.some(isDone)
        ? undefined
        : `a lock that was released is never given again: ${races.map(statusText).join(' and ')}`;
    },
  },
  'lock-race': {
    steps: ['lock-race-one', 'lock-race-other', 'lock-read-winner', 'lock-release-winner'],
    proves: 'of two that take it at the same time one gets it',
    judge: (answerTo, evidence) => {
      const winners = RACERS.filter((step) => isDone(answerTo(step)));
      const [winner] = winners;
      if (winners.length > 1) return 'two took the lock at the same time, and both got it';
      if (winner === undefined) return 'two took the lock at the same time, and none got it';
      if (!isKept(evidence, winner, answerTo('lock-read-winner'))) {
        return `the lock answers ${versionText(answerTo('lock-read-winner'))}, which is not what the winner wrote`;
      }
      const released = answerTo('lock-release-winner');
      return isDone(released) ? undefined : `releasing the lock answers ${statusText(released)}`;
    },
  },
};

const RACERS = ['lock-race-one', 'lock-race-other'] as const;

function kept(
  evidence: Evidence,
  { write, read }: { readonly write: Step; readonly read: Step },
  answerTo: (step: Step) => Answer,
): string | undefined {
  const [written, back] = [answerTo(write), answerTo(read)];
  if (!isDone(written)) return `writing answers ${statusText(written)}`;
  if (!isKept(evidence, write, back)) {
    return `writing answers ${statusText(written)}, and reading back ${versionText(back)}, which is not what was written`;
  }
  return tagOf(written) === '' || tagOf(written) === tagOf(back)
    ? undefined
    : `writing answers with the tag ${tagOf(written)}, and reading with ${tagOf(back) || 'none'}`;
}

function wasDone({ steps }: Evidence, step: Step): boolean {
  const answer = steps[step]?.answer;
  return answer !== undefined && isDone(answer);
}

function isKept({ steps }: Evidence, write: Step, read: Answer): boolean {
  return read.status === 200 && read.hash === steps[write]?.sent;
}

/** 409 is what AWS answers to two at the very same time. */
function isConflict({ status }: Answer): boolean {
  return status === 412 || status === 409;
}

function versionText(answer: Answer): string {
  return answer.status === 200
    ? `${answer.length ?? answer.size} bytes, tag ${tagOf(answer) || 'none'}`
    : statusText(answer);
}
