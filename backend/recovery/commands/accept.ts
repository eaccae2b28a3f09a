import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { stackArguments } from '../../../operations/stack-argument.ts';
import { acceptState, type NewTruth } from '../accept.ts';
import { confirmBy } from '../confirm.ts';
import { waitsHere } from '../pending.ts';
import { onStore } from './on-store.ts';

const OPTIONS = {
  serial: { type: 'string' },
  lineage: { type: 'string' },
  from: { type: 'string' },
  empty: { type: 'boolean' },
  confirm: { type: 'string' },
} as const;

/**
 * `tofu-state-accept`: makes the state that is in the store, a backup, or an empty one the truth from now on.
 *
 * @returns 0 when it is, 1 when it was not confirmed, 2 when it is not the state that was named
 */
export async function accept(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name: stack, values } = stackArguments(args, 'whose state is to be accepted', OPTIONS);
  const truth = truthIn(values);
  const how = { recipe: 'tofu-state-accept', stack, printer, environment, recovers: true };
  return await onStore(how, async (on) => {
    const notes = await on.runs.requireQuiet();
    const code = await acceptState({ ...on, confirm: confirmBy(values.confirm, printer) }, truth);
    const isSettled = code === EXIT.good && !waitsHere(on.state);
    if (isSettled) await on.runs.clear(notes);
    return code;
  });
}

interface Given {
  readonly serial?: string | undefined;
  readonly lineage?: string | undefined;
  readonly from?: string | undefined;
  readonly empty?: boolean | undefined;
}

/** Both are asked for, so that nobody accepts what they have not looked at. */
function truthIn({ serial, lineage, from, empty = false }: Given): NewTruth {
  const wrong = [
    ...(/^\d{1,15}$/.test(serial ?? '') ? [] : ['--serial N names no serial']),
    ...((lineage ?? '') === '' ? ['--lineage L names no lineage'] : []),
    ...(from !== undefined && empty ? ['--from and --empty are two different states'] : []),
  ];
  if (wrong.length > 0) {
    throw new Failure(
      [...wrong, '    just tofu-state-authority-deep-check <stack> tells what is there'].join('\n'),
      EXIT.usage,
    );
  }
  const named = from === undefined ? 'store' : { file: from };
  return { serial: Number(serial), lineage: lineage ?? '', source: empty ? 'empty' : named };
}
