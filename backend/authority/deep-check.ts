import { readSettings, settingsFile } from '../../config/read-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { stackArguments } from '../../operations/stack-argument.ts';
import { clusterInReach } from '../rustfs/cluster-in-reach.ts';
import { reachStore } from '../rustfs/reach-store.ts';
import { backendAccess } from '../settings/backend-access.ts';
import { stackState } from '../stack-state.ts';
import { openWitness } from '../witness/open-witness.ts';
import { lookAtCluster } from './cluster-side.ts';
import { collect, type Subject } from './collect.ts';
import type { Evidence } from './evidence.ts';
import { judge } from './judge.ts';
import { readEvidence, saveEvidence } from './saved-evidence.ts';
import { printVerdict, type Verdict } from './verdict.ts';

/** What a deep check is about, with all that it needs to look at it from every side. */
export interface DeepSubject extends Omit<Subject, 'lookAtCluster'> {
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
}

/** Proves the store of a state before anything is changed, as far as it can be proved. */
export async function deepCheck(subject: DeepSubject): Promise<Verdict> {
  return judge(await collectDeeply(subject));
}

function collectDeeply(subject: DeepSubject): Promise<Evidence> {
  const { settings, environment } = subject;
  return collect({ ...subject, lookAtCluster: () => lookAtCluster(settings, environment) });
}

const OPTIONS = {
  'first-run': { type: 'boolean' },
  save: { type: 'string' },
  judge: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/**
 * Proves the store of the state of a stack, keeps what was seen where that is asked for, or judges again what was kept.
 *
 * @returns 0 when all is proved good, 1 when something is not known, 2 when something is bad, 3 when the store works less
 * well than declared, 4 when something has to be recovered first
 */
export async function deepCheckCommand(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name, values } = stackArguments(args, 'whose state is meant', OPTIONS);
  if (values.judge !== undefined && (values.save !== undefined || values['first-run'] === true)) {
    throw new Failure(
      '--judge asks nobody: it goes with neither --save nor --first-run',
      EXIT.usage,
    );
  }
  const settings = readSettings(settingsFile(environment));
  const state = stackState(name, settings, environment);
  const evidence =
    values.judge === undefined
      ? await collectFresh({ state, settings, environment, firstRun: values['first-run'] === true })
      : keptEvidence(values.judge, state.stack);
  if (values.save !== undefined) {
    const file = saveEvidence(values.save, evidence);
    if (values.json !== true) printer.result(`the evidence is kept in ${file}`);
  }
  const verdict = judge(evidence);
  printVerdict(verdict, printer, values.json);
  return verdict.exitCode;
}

async function collectFresh(
  subject: Pick<DeepSubject, 'environment' | 'firstRun' | 'settings' | 'state'>,
): Promise<Evidence> {
  const { settings, environment, state } = subject;
  const access = backendAccess(settings, environment);
  const witness = await openWitness(state, { settings, environment });
  const cluster = () => clusterInReach(settings, environment);
  const reached = await reachStore(access, cluster, environment);
  try {
    return await collectDeeply({ ...subject, store: reached.store, witness });
  } finally {
    await reached.close();
  }
}

function keptEvidence(folder: string, stack: string): Evidence {
  const evidence = readEvidence(folder);
  if (evidence.stack === stack) return evidence;
  throw new Failure(`${folder} holds evidence of ${evidence.stack}, not of ${stack}`, EXIT.usage);
}
