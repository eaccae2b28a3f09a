import type { StateFacts } from '../state/state-document.ts';
import type { StoreAnswer } from '../store/store-client.ts';
import type { Standing } from '../witness/state-mark.ts';
import { noSuchKey } from './answers.ts';
import { fetchState, stateRequest } from './fetch-state.ts';
import type { FindingCode } from './findings/finding-of.ts';
import { stateText } from './known-state.ts';
import { requireListed } from './listed-state.ts';
import type { Run, SeenState } from './run.ts';
import type { Patience } from './upstream.ts';

const WRONG: Partial<Record<Standing, FindingCode>> = {
  forked: 'state-forked',
  'other-lineage': 'state-other-lineage',
  'rolled-back': 'state-rolled-back',
};

/** HEAD and GET of the state: both are answered from one whole reading that was proved. */
export async function answerRead(run: Run): Promise<StoreAnswer> {
  const seen = run.freshState ?? (await provedState(run));
  return seen.kind === 'absent' ? noSuchKey(run.options.state.key) : seen.answer;
}

/**
 * Reads the state, and proves it against all that is known of it.
 *
 * @throws Refusal when it is not what it must be
 */
export async function provedState(run: Run, patience?: Patience): Promise<SeenState> {
  let seen = await judged(run, patience);
  if (!(await isRemembered(run, seen))) {
    // Another run has proved a later state while this one was reading. A store that has it shows it now.
    seen = await judged(run, patience);
    if (!(await isRemembered(run, seen))) {
      throw run.refusal('witness-contradicts', stateRequest(run), textOf(seen));
    }
  }
  run.read(seen);
  return seen;
}

async function judged(run: Run, patience: Patience | undefined): Promise<SeenState> {
  const seen = run.takeAhead() ?? (await fetchState(run, patience));
  if (seen.kind === 'fault') throw run.refusalOf(seen, stateRequest(run));
  if (seen.kind === 'absent') requireAbsence(run);
  else await requireStanding(run, seen.facts);
  if (seen.kind === 'state' && isEmptied(run, seen.facts)) await requireListed(run, seen);
  return seen;
}

/** No state is an answer only where there has never been one, and where somebody has said so. */
function requireAbsence(run: Run): void {
  const { known, options } = run;
  const request = stateRequest(run);
  if (known.mark !== undefined) throw run.refusal('state-hidden', request);
  if (known.unknownBecause !== undefined) {
    throw run.refusal('absence-unwitnessed', request, known.unknownBecause);
  }
  if (options.declaration.firstRun !== true) throw run.refusal('state-first', request);
}

async function requireStanding(run: Run, facts: StateFacts): Promise<void> {
  const { known, options } = run;
  const request = stateRequest(run);
  const isOurs = run.hasWritten || run.sent.has(facts.hash);
  if (options.declaration.firstRun === true && !isOurs) {
    throw run.refusal('state-exists', request, stateText(facts));
  }
  const standing = known.standingOf(facts);
  if (standing === 'other-lineage' || standing === 'unwitnessed') {
    await requireOwner(run, facts);
  }
  const wrong = WRONG[standing];
  if (wrong !== undefined) throw run.refusal(wrong, request, stateText(facts));
  const isMoved = run.seenUnderLock && !run.sent.has(facts.hash);
  if (standing === 'newer' && isMoved) {
    throw run.refusal('state-moved', request, stateText(facts));
  }
  if (standing === 'unwitnessed') requireTrust(run, facts);
}

function isEmptied(run: Run, facts: StateFacts): boolean {
  return facts.instances === 0 && run.known.standingOf(facts) === 'newer';
}

async function requireOwner(run: Run, facts: StateFacts): Promise<void> {
  const owner = await run.known.ownerOf(facts);
  if (owner === undefined) return;
  throw run.refusal('state-foreign', stateRequest(run), `${stateText(facts)} is that of ${owner}`);
}

/** The first reading after a witness was lost is taken on trust where the guards have passed, and that is said. */
function requireTrust(run: Run, facts: StateFacts): void {
  const { known, options } = run;
  if (!known.mayTrust && options.declaration.writes === true) {
    throw run.refusal('state-unwitnessed', stateRequest(run), stateText(facts));
  }
  const why = known.unknownBecause ?? 'no witness has seen it before';
  const ground = known.mayTrust ? 'because the guards have passed' : 'for reading only';
  run.note(`${stateText(facts)} is taken on trust, ${ground}: ${why}`);
}

async function isRemembered(run: Run, seen: SeenState): Promise<boolean> {
  if (seen.kind === 'absent' || run.known.standingOf(seen.facts) === 'same') return true;
  return await run.known.remember(seen.facts);
}

function textOf(seen: SeenState): string {
  return seen.kind === 'absent' ? 'no state' : stateText(seen.facts);
}
