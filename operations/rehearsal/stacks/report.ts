import { STACK_ORDER } from '../../stack-order.ts';
import type { Ground } from './ground.ts';
import { type RehearsedStack, STAGES } from './rehearsed-stack.ts';

/** What came of a rehearsal. */
export interface Rehearsal {
  readonly cluster: string;
  readonly clusterSec: number;
  readonly storeSec: number;
  readonly stacks: readonly RehearsedStack[];
  /** All of it, from the command to the last plan. */
  readonly seconds: number;
  /** What a shell needs to go on, where cluster and store are kept. */
  readonly environment?: Readonly<Record<string, string>>;
}

const NAME_WIDTH = Math.max(...STACK_ORDER.map((name) => name.length));
const SECONDS_WIDTH = 5;

/** What was started, and how long it took. */
export function groundLines({ clusterSec, storeSec, stacks }: Ground): string[] {
  return [
    lineOf('cluster', clusterSec, 'an API server, simulated nodes, nothing in it'),
    lineOf('store', storeSec, `versitygw, for the states of ${Object.keys(stacks).length} stacks`),
  ];
}

/** One stack: how long it took, what was made, and the seconds of each stage. */
export function stackLine({ stack, seconds, resources, settled }: RehearsedStack): string {
  const stages = STAGES.map((stage) => `${stage} ${seconds[stage].toFixed(1)}`).join(', ');
  const verdict = settled ? 'second plan empty' : 'SECOND PLAN NOT EMPTY';
  return lineOf(stack, totalOf(seconds), `${resources} resources, ${verdict} (${stages})`);
}

/** The last line. */
export function verdictLine({ stacks, seconds }: Rehearsal): string {
  const restless = stacks.filter(({ settled }) => !settled).map(({ stack }) => stack);
  const what = stacks.length === 1 ? '1 stack' : `${stacks.length} stacks`;
  const verdict =
    restless.length === 0
      ? 'every second plan is empty'
      : `a second plan has something to do: ${restless.join(', ')}`;
  return `${what} applied on a rehearsal cluster in ${Math.round(seconds)} s; ${verdict}`;
}

/** What a shell needs to go on with what was kept. */
export function keptVariables({ environment, stateVariables }: Ground): Record<string, string> {
  const names = [
    'FLYWHEEL_CONFIG',
    'CDKTF_OUTDIR',
    'KUBE_CONFIG_PATH',
    'KUBE_CTX',
    'XDG_STATE_HOME',
  ];
  const own = names.map((name) => [name, environment[name] ?? '']);
  return {
    KUBECONFIG: environment.KUBE_CONFIG_PATH ?? '',
    ...Object.fromEntries(own),
    ...stateVariables,
  };
}

/** How to go on with what was kept, and how to end it. */
export function keptLines(ground: Ground): string[] {
  const { name, folder } = ground;
  return [
    'cluster and store are kept:',
    ...Object.entries(keptVariables(ground)).map(
      ([variable, value]) => `export ${variable}=${value}`,
    ),
    `end them with just cluster down --name ${name} && just store down --name ${name} && rm -r ${folder}`,
  ];
}

function lineOf(what: string, seconds: number, rest: string): string {
  const took = seconds.toFixed(1).padStart(SECONDS_WIDTH);
  return `${what.padEnd(NAME_WIDTH)}  ${took} s  ${rest}`;
}

function totalOf(seconds: RehearsedStack['seconds']): number {
  return STAGES.reduce((sum, stage) => sum + seconds[stage], 0);
}
