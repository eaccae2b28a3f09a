import { readSettings, settingsFile } from '../../config/read-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import type { Blind, Deviation } from '../../operations/drift/deviation.ts';
import { plannedDrift } from '../../operations/drift/planned-drift.ts';
import { releaseDrift } from '../../operations/drift/release-drift.ts';
import { identify } from '../../operations/kubernetes/declared-cluster.ts';
import { HttpsClient } from '../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../operations/kubernetes/kube-access.ts';
import { lookArguments } from '../../operations/stack-argument.ts';
import type { TofuResult } from '../../operations/tofu/run-tofu.ts';
import { findingLines } from '../finding.ts';
import { stackState } from '../stack-state.ts';
import { onStack } from '../tofu/commands/on-stack.ts';
import { initialize } from '../tofu/initialize.ts';
import type { StackSession } from '../tofu/stack-session.ts';

/** So long a busy API server may take over what one large type would be: its dry run is the dearest of all requests. */
const ANSWER_MS = 60_000;

/**
 * Says where the cluster is not what a stack declares: what tofu plans, and what it cannot see, inside of Helm releases.
 *
 * @returns 0 when there is none, 2 when there is drift, 1 when something could not be compared
 */
export async function drift(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name, json } = lookArguments(args, 'that is to be compared');
  const settings = readSettings(settingsFile(environment));
  const { stack } = stackState(name, settings, environment);
  const client = await declaredCluster(settings, environment);
  const how = { recipe: 'drift', stack, printer, environment, shared: true };
  return await onStack(how, async (session) => {
    const ready = await initialize(session, { firstRun: false });
    if (ready !== EXIT.good) return ready;
    const found = await compare(client, session);
    if (json) printer.result(JSON.stringify({ stack: name, ...found }, undefined, 2));
    else print(name, found, printer);
    if (found.deviations.length > 0) return EXIT.bad;
    return found.blind.length > 0 ? EXIT.unknown : EXIT.good;
  });
}

async function compare(client: HttpsClient, session: StackSession): Promise<Found> {
  const { releases, deviations, resources } = await plannedDrift((args) => look(session, args));
  const inside = await releaseDrift(client, releases);
  const { blind, compared } = inside;
  return { deviations: [...deviations, ...inside.deviations], blind, resources, compared };
}

/** What a store has told wrongly makes every difference doubtful. */
async function look(session: StackSession, args: readonly string[]): Promise<TofuResult> {
  const run = await session.run(args, { declaration: {}, shows: 'nothing' });
  const [finding] = run.findings;
  if (finding === undefined) return run;
  throw new Failure(findingLines(finding).join('\n'), finding.exitCode);
}

/** A client of the cluster that the settings declare: what another one holds is no drift of this stack. */
async function declaredCluster(
  { cluster }: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<HttpsClient> {
  const access = findCluster(environment);
  const client = new HttpsClient(access, { timeoutMs: ANSWER_MS });
  const { checks } = await identify(cluster, access, client, environment);
  const wrong = checks.find(({ status }) => status !== 'good');
  if (wrong === undefined) return client;
  const because = wrong.status === 'bad' ? `${wrong.problem}\n    ${wrong.fix}` : wrong.name;
  throw new Failure(`this is not the cluster of the settings: ${because}`);
}

interface Found {
  readonly deviations: readonly Deviation[];
  readonly blind: readonly Blind[];
  readonly resources: number;
  readonly compared: number;
}

function print(
  name: string,
  { deviations, blind, resources, compared }: Found,
  printer: Printer,
): void {
  let last = '';
  for (const { object, by, field, declared, live } of deviations) {
    const title = `${object}  (${by})`;
    if (title !== last) printer.problem(title);
    last = title;
    printer.problem(
      `    ${field === '' ? 'the object' : field}: declared ${declared}, live ${live}`,
    );
  }
  for (const { object, because } of blind) {
    printer.problem(`${object}: could not be compared: ${because}`);
  }
  const looked = `${resources} resources, and ${compared} objects inside of releases`;
  const drifted = new Set(deviations.map(({ object, by }) => `${object} ${by}`)).size;
  printer.result(
    drifted === 0 && blind.length === 0
      ? `${name}: no drift in ${looked}`
      : `${name}: ${drifted} objects are not as declared, ${blind.length} could not be compared, of ${looked}`,
  );
}
