import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import type { ClusterClient } from '../../../operations/kubernetes/cluster-client.ts';
import { stackArguments } from '../../../operations/stack-argument.ts';
import { onStack } from '../../tofu/commands/on-stack.ts';
import { needsCluster } from '../../tofu/required-cluster.ts';
import type { StackSession } from '../../tofu/stack-session.ts';
import { declaredClient } from '../../witness/declared-client.ts';
import type { RunNote } from '../../witness/run-note.ts';
import { adoptOrphans } from '../adopt.ts';
import { askedOnce, type Confirm, confirmBy } from '../confirm.ts';
import type { GuardedTofu } from '../guarded-tofu.ts';
import { noteLines } from '../run-note-text.ts';
import { makeReady } from './make-ready.ts';

/** Helm alone may wait ten minutes for one release. */
const APPLY_MS = 2 * 60 * 60_000;

/**
 * `tofu-state-adopt`: takes into the state what a killed tofu has made and could not keep.
 *
 * @returns 0 when all of it is in the state, 1 when it was not confirmed, 2 when what is there does not fit, 4 when a person has to
 * look at something
 */
export async function adopt(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name: stack, values } = stackArguments(args, 'whose killed apply is to be taken in', {
    older: { type: 'boolean' },
    confirm: { type: 'string' },
  });
  const how = { recipe: 'tofu-state-adopt', stack, printer, environment, recovers: true };
  return await onStack(how, async (session) => {
    const { state, json, store, progress, runs } = session;
    const notes = await runs.requireQuiet();
    const client = await clusterOf(session);
    const ready = await makeReady(session);
    if (ready !== EXIT.good) return ready;
    const confirm = askedOnce(confirmBy(values.confirm, progress.printer));
    const code = await adoptOrphans({
      state,
      json,
      store,
      client,
      tofu: journalling(session),
      printer: progress.printer,
      confirm,
      guard: (guard) => session.guard(guard),
      takesOlder: values.older === true,
      since: notes.map(({ at }) => at).sort()[0],
    });
    return code === EXIT.good ? await settle(session, notes, confirm) : code;
  });
}

/** That a machine is gone, and with it what it knew alone, only a person can say. */
async function settle(
  { runs, state, progress }: StackSession,
  notes: readonly RunNote[],
  confirm: Confirm,
): Promise<ExitCode> {
  const others = runs.ofOthers(notes);
  for (const note of others) {
    for (const line of noteLines(note)) progress.printer.result(line);
  }
  if (others.length > 0) {
    progress.printer.result(
      'what that run knew alone is given up: its journal, and what has no name outside of a state',
    );
    if (!(await confirm.named(state.stack))) return EXIT.unknown;
  }
  await runs.clear(notes);
  return EXIT.good;
}

/** What an adoption makes besides, because something to be taken in depends on it, may be lost as well. */
function journalling(session: StackSession): GuardedTofu {
  return {
    folder: session.folder,
    run: (args, declaration) =>
      session.run(args, {
        declaration,
        shows: 'nothing',
        ...(args[0] === 'apply' ? { events: true, journalled: true, deadlineMs: APPLY_MS } : {}),
      }),
  };
}

async function clusterOf(session: StackSession): Promise<ClusterClient | undefined> {
  const { json, settings, environment, state } = session;
  if (!needsCluster(json)) return undefined;
  const { client, ...rest } = await declaredClient(settings, environment);
  if (client !== undefined) return client;
  const because = 'because' in rest ? rest.because : 'no cluster is at hand';
  throw new Failure(
    `what is in the cluster cannot be compared with the state of ${state.stack}: ${because}`,
  );
}
