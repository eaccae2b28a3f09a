import { bad, type Check, good, unknown } from '../../operations/kubernetes/check.ts';
import { type Standing, type StateMark, standingOf } from '../witness/state-mark.ts';
import type { Answer, Evidence } from './evidence.ts';
import { incidentFix, notKnown, seen, statusText, tagOf } from './seen.ts';
import { type Judgement, notRun } from './verdict.ts';

type Facts = Extract<NonNullable<Answer['state']>, { lineage: string }>;

/** Whether the store has the state, whole, and the one that it should have. */
export function judgeState(evidence: Evidence): Judgement[] {
  return [
    judgeWitness(evidence),
    stateReadable(evidence),
    stateStanding(evidence),
    stateHead(evidence),
    stateListed(evidence),
    stateSteady(evidence),
  ];
}

function judgeWitness({ memory, stack }: Evidence): Judgement {
  const name = 'witness';
  switch (memory.kind) {
    case 'remembers': {
      const { serial, at, by } = memory.mark;
      return good(name, `remembers serial ${serial}, proved ${at} by ${by}`);
    }
    case 'never-seen':
      return good(name, `has never seen a state of ${stack}`);
    case 'contradiction':
      return bad(
        name,
        memory.because,
        `find out which history is the true one, and then: just tofu-state-accept ${stack} --serial N --lineage L`,
      );
    default:
      // Lost is neither fine nor fatal: the state is then proved by all the other checks, or not at all.
      return notRun(name, `what was last proved is not known: ${memory.because}`);
  }
}

function stateReadable(evidence: Evidence): Judgement {
  const name = 'state-readable';
  const found = seen(evidence, 'state');
  if (found.answer === undefined) return notKnown(name, found);
  const { answer } = found;
  if (answer.status === 404) return absent(name, evidence, answer);
  if (answer.status !== 200) {
    return bad(name, `the state answers ${statusText(answer)}`, incidentFix(evidence));
  }
  if (answer.length !== undefined && answer.length !== answer.size) {
    const problem = `${answer.length} bytes are announced, and ${answer.size} come`;
    return bad(name, problem, incidentFix(evidence));
  }
  const facts = factsIn(answer);
  if (facts === undefined) {
    const because =
      answer.state !== undefined && 'because' in answer.state ? answer.state.because : '';
    return bad(name, `the body of ${answer.size} bytes ${because}`, incidentFix(evidence));
  }
  if (evidence.firstRun) {
    return bad(
      name,
      `the run is declared to be the first, and there is a state: ${described(facts)}`,
      'leave --first-run out, if this is the state of this stack',
    );
  }
  return good(name, described(facts));
}

function absent(name: string, evidence: Evidence, answer: Answer): Check {
  const { memory, firstRun, stack, key } = evidence;
  if (answer.code === 'NoSuchBucket') {
    return bad(name, 'the store says that there is no bucket', incidentFix(evidence));
  }
  if (memory.kind === 'remembers') {
    const { serial, at } = memory.mark;
    const problem = `there is no ${key}, and serial ${serial} of it was proved at ${at}: it is hidden, or lost`;
    return bad(name, problem, incidentFix(evidence));
  }
  if (!firstRun) {
    return unknown(
      name,
      `there is no ${key}: it was never made, or it is hidden`,
      `if ${stack} was never applied, say so: --first-run`,
    );
  }
  return memory.kind === 'never-seen'
    ? good(name, `there is no ${key}, as is right for a first run`)
    : unknown(name, `there is no ${key}, and nobody knows whether there was one`);
}

const STANDINGS: Readonly<
  Record<Exclude<Standing, 'newer' | 'same' | 'unwitnessed'>, (mark: StateMark) => string>
> = {
  'rolled-back': ({ serial }) => `serial ${serial} was proved before: the store has gone back`,
  forked: ({ serial }) => `serial ${serial} was proved with other bytes: there are two histories`,
  'other-lineage': ({ lineage }) => `lineage ${lineage} was proved before: this is another state`,
};

function stateStanding(evidence: Evidence): Judgement {
  const name = 'state-standing';
  const { memory, others, stack } = evidence;
  const facts = factsIn(evidence.steps.state?.answer);
  if (facts === undefined) return notRun(name, 'there is no state to compare with the witness');
  const foreign = others.find(({ lineage }) => lineage === facts.lineage);
  if (foreign !== undefined) {
    const problem = `lineage ${facts.lineage} is that of the stack ${foreign.stack}`;
    return bad(name, problem, incidentFix(evidence));
  }
  if (memory.kind === 'contradiction') return notRun(name, 'the witness contradicts itself');
  const mark = memory.kind === 'remembers' ? memory.mark : undefined;
  const standing = standingOf(facts, mark);
  if (mark === undefined || standing === 'unwitnessed') {
    return good(
      name,
      `serial ${facts.serial} is trusted if all else is good: the witness knows none`,
    );
  }
  if (standing === 'same') return good(name, `is the state that was last proved`);
  if (standing === 'newer') {
    return good(
      name,
      `serial ${facts.serial} follows serial ${mark.serial}, which was last proved`,
    );
  }
  return bad(
    name,
    `serial ${facts.serial} of lineage ${facts.lineage}, and ${STANDINGS[standing](mark)}`,
    `${incidentFix(evidence)}; if it is right all the same: just tofu-state-accept ${stack} --serial ${facts.serial} --lineage ${facts.lineage}`,
  );
}

function stateHead(evidence: Evidence): Judgement {
  const name = 'state-head';
  const found = seen(evidence, 'state-head');
  const [read, again] = [seen(evidence, 'state'), seen(evidence, 'state-again')];
  if (found.answer === undefined) return notKnown(name, found);
  const { answer: head } = found;
  const bodies = [read.answer, again.answer].filter((answer) => answer !== undefined);
  if (bodies.length === 0) return notRun(name, 'there is no answer to compare it with');
  // Somebody may have applied between the two, so it has to agree with one of them.
  if (bodies.some((answer) => isSameVersion(head, answer))) {
    return good(name, head.status === 200 ? 'HEAD and GET agree' : 'HEAD and GET find nothing');
  }
  if (isPassedOver(evidence)) return notRun(name, PASSED_OVER);
  const told = [head, ...bodies.slice(0, 1)].map(
    (answer) =>
      `${statusText(answer)}, ${answer.length ?? answer.size} bytes, tag ${tagOf(answer) || 'none'}`,
  );
  return bad(name, `HEAD and GET disagree: ${told.join(' against ')}`, incidentFix(evidence));
}

const PASSED_OVER = 'somebody applies: between two reads there was more than one state';

/** An apply may write several states in a row, and what was asked between two reads may belong to neither. */
function isPassedOver({ steps }: Evidence): boolean {
  const [first, again] = [factsIn(steps.state?.answer), factsIn(steps['state-again']?.answer)];
  if (first === undefined || again === undefined) return false;
  return standingOf(again, first) === 'newer' && again.serial > first.serial + 1;
}

function isSameVersion(head: Answer, body: Answer): boolean {
  if (head.status !== body.status) return false;
  if (head.status !== 200) return true;
  const isSameLength = head.length === undefined || head.length === body.size;
  return isSameLength && tagOf(head) === tagOf(body);
}

function stateListed(evidence: Evidence): Judgement {
  const name = 'state-listed';
  const found = seen(evidence, 'state-listing');
  if (found.answer === undefined) return notKnown(name, found);
  const { entries, truncated } = found.answer;
  if (entries === undefined) {
    const problem = `the listing answers ${statusText(found.answer)} without a list`;
    return bad(name, problem, incidentFix(evidence));
  }
  if (truncated === true) {
    const problem = 'the listing ends early and does not say how it goes on';
    return bad(name, problem, incidentFix(evidence));
  }
  const bodies = [evidence.steps.state?.answer, evidence.steps['state-again']?.answer];
  const states = bodies.filter((answer) => answer?.status === 200 || answer?.status === 404);
  if (states.length === 0) return notRun(name, 'there is no answer to compare it with');
  const entry = entries.find(({ key }) => key === evidence.key);
  const agrees = states.some((answer) =>
    entry === undefined
      ? answer?.status === 404
      : answer?.status === 200 && isListedAs(entry, answer),
  );
  if (agrees) return good(name, 'the listing and GET agree');
  if (isPassedOver(evidence)) return notRun(name, PASSED_OVER);
  const told =
    entry === undefined
      ? 'leaves out the state'
      : `names a state of ${entry.size} bytes, tag ${tagOf(entry) || 'none'}`;
  return bad(name, `the listing ${told}, and GET ${gotText(states[0])}`, incidentFix(evidence));
}

function isListedAs(entry: NonNullable<Answer['entries']>[number], answer: Answer): boolean {
  const [listed, read] = [tagOf(entry), tagOf(answer)];
  const isSameTag = listed === '' || read === '' || listed === read;
  return isSameTag && (entry.size === undefined || entry.size === answer.size);
}

function gotText(answer: Answer | undefined): string {
  return answer?.status === 200
    ? `reads ${answer.size} bytes, tag ${tagOf(answer) || 'none'}`
    : 'finds nothing';
}

function stateSteady(evidence: Evidence): Judgement {
  const name = 'state-steady';
  const [first, second] = [seen(evidence, 'state'), seen(evidence, 'state-again')];
  if (first.answer === undefined) return notKnown(name, first);
  if (second.answer === undefined) return notKnown(name, second);
  const [one, other] = [first.answer, second.answer];
  if (one.status === other.status && one.hash === other.hash) {
    return good(name, 'a second read finds the same');
  }
  const [facts, later] = [factsIn(one), factsIn(other)];
  if (one.status === 404 && later !== undefined) {
    return unknown(name, 'the state appeared between two reads', 'run the check again');
  }
  if (one.status === 404 && other.status === 404) return good(name, 'a second read finds nothing');
  if (facts !== undefined && later !== undefined && standingOf(later, facts) === 'newer') {
    return good(name, `somebody has applied meanwhile: ${facts.serial} became ${later.serial}`);
  }
  const told = [one, other].map((answer) => {
    const read = factsIn(answer);
    return read === undefined ? `${statusText(answer)}, ${answer.size} bytes` : described(read);
  });
  return bad(name, `two reads disagree: ${told.join(', then ')}`, incidentFix(evidence));
}

function factsIn(answer: Answer | undefined): Facts | undefined {
  const state = answer?.status === 200 ? answer.state : undefined;
  return state !== undefined && 'lineage' in state ? state : undefined;
}

function described({ serial, lineage, instances, encrypted }: Facts): string {
  const inside = encrypted
    ? 'encrypted, so its resources were not seen'
    : `${instances ?? 0} resources`;
  return `serial ${serial} of lineage ${lineage}, ${inside}`;
}
