import type { ExitCode } from '../../../console/exit-code.ts';
import { initialize } from '../../tofu/initialize.ts';
import type { StackSession } from '../../tofu/stack-session.ts';
import { readTwice } from '../stored-object.ts';

/** Makes a stack ready for tofu, also where the run that is to be recovered was its first and left no state at all. */
export async function makeReady(session: StackSession): Promise<ExitCode> {
  const { store, state, witness } = session;
  const object = await readTwice({ store, bucket: state.bucket, key: state.key });
  const memory = await witness.recall(state.stack);
  const firstRun = object === undefined && memory.kind === 'never-seen';
  return await initialize(session, { firstRun });
}
