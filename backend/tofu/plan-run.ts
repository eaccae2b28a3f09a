import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { clearPlan, type PlanRecord, planFile, recordPlan, requirePlan } from './saved-plan.ts';
import type { StackSession } from './stack-session.ts';

const PLAN_MS = 30 * 60_000;
const APPLY_MS = 2 * 60 * 60_000;

/** How a plan is made. */
export interface PlanHow {
  readonly firstRun: boolean;
  /** More options of tofu. */
  readonly passed?: readonly string[];
  /** In milliseconds. @default 1800000 */
  readonly deadlineMs?: number | undefined;
}

/** Makes a plan under the lock of the state, and keeps it with what it was made of. */
export async function makePlan(session: StackSession, how: PlanHow): Promise<ExitCode> {
  const { state, progress, witness, jsonHash } = session;
  const { firstRun, passed = [], deadlineMs = PLAN_MS } = how;
  clearPlan(state);
  const out = `-out=${planFile(state)}`;
  const run = await progress.phase('plan', () =>
    session.run(['plan', '-input=false', '-no-color', out, ...passed], {
      declaration: { firstRun },
      events: true,
      deadlineMs,
    }),
  );
  if (run.exitCode !== EXIT.good) {
    // It was made of what the store cannot be trusted with.
    clearPlan(state);
    return run.exitCode;
  }
  const memory = await witness.recall(state.stack);
  const mark = memory.kind === 'remembers' ? memory.mark : undefined;
  recordPlan(state, {
    json: jsonHash,
    state: mark === undefined ? null : { lineage: mark.lineage, serial: mark.serial },
    firstRun,
    destroys: passed.includes('-destroy'),
    says: progress.says,
  });
  if (state.holdsOwnStore && progress.says !== 'no changes') {
    progress.printer.problem(
      `${state.stack} holds the store of its own state: an apply may restart it, and a write of the state waits for it then`,
    );
  }
  return EXIT.good;
}

/** How a plan is applied. */
export interface ApplyHow {
  /** In milliseconds. @default 7200000 */
  readonly deadlineMs?: number | undefined;
}

/**
 * Applies the saved plan and no other.
 *
 * @throws Failure when there is none, or it is outdated
 */
export async function applyPlan(session: StackSession, how: ApplyHow): Promise<ExitCode> {
  const { state, progress } = session;
  const { deadlineMs = APPLY_MS } = how;
  const record = await requireSavedPlan(session);
  const run = await progress.phase('apply', () =>
    session.run(['apply', '-input=false', '-no-color', planFile(state)], {
      declaration: { writes: true, firstRun: record.firstRun, destroys: record.destroys },
      events: true,
      journalled: true,
      deadlineMs,
    }),
  );
  if (/Saved plan is stale/.test(run.stderr)) {
    progress.printer.problem(
      `the state has moved on since the plan of ${state.stack} was made; nothing was changed\n    run just tofu-plan ${state.stack}`,
    );
    return EXIT.bad;
  }
  if (run.code !== 0 && !progress.hasBegun) {
    progress.printer.problem(
      `nothing was changed, and the plan of ${state.stack} can be applied when what is above is settled`,
    );
    return run.exitCode;
  }
  // A plan is applied once, well or not: the state is another one now.
  clearPlan(state);
  if (run.code !== 0) {
    progress.printer.problem(
      `the plan was applied in part, and cannot be applied again\n    run just tofu-plan ${state.stack} when what is above is settled`,
    );
  }
  return run.exitCode;
}

/** The saved plan, if it may be applied now. */
export async function requireSavedPlan(session: StackSession): Promise<PlanRecord> {
  const { state, jsonHash, witness } = session;
  const memory = await witness.recall(state.stack);
  return requirePlan(state, jsonHash, memory.kind === 'remembers' ? memory.mark : undefined);
}

/** Says whether a second plan has anything left to do; it is not kept. */
export async function verify(session: StackSession): Promise<ExitCode> {
  const { state, progress } = session;
  const run = await progress.phase('verify', () =>
    session.run(['plan', '-input=false', '-no-color', '-detailed-exitcode'], {
      declaration: {},
      events: true,
      fine: [0, 2],
      deadlineMs: PLAN_MS,
    }),
  );
  if (run.code !== 2 || run.exitCode !== EXIT.good) return run.exitCode;
  progress.printer.problem(
    `${state.stack} was applied, and a second plan has still something to do: ${progress.says}`,
  );
  return EXIT.degraded;
}
