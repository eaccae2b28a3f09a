import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { identify } from '../kubernetes/declared-cluster.ts';
import { HttpsClient } from '../kubernetes/https-client.ts';
import { findCluster } from '../kubernetes/kube-access.ts';
import { publishedStacks } from '../published-stacks.ts';
import { lookArguments } from '../stack-argument.ts';
import { findTofu } from '../tofu/find-tofu.ts';
import { tofuEnvironment } from '../tofu/tofu-environment.ts';
import type { Blind, Deviation } from './deviation.ts';
import { plannedDrift } from './planned-drift.ts';
import { releaseDrift } from './release-drift.ts';

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
  const [stack] = publishedStacks([name], environment);
  if (stack === undefined) throw new Failure(`there is no stack ${name}`, EXIT.usage);
  const client = await declaredCluster(environment);
  const { path: tofu } = await findTofu();
  const planned = await plannedDrift({
    tofu,
    folder: stack.folder,
    environment: { ...tofuEnvironment(environment), ...credentialsOf(environment) },
  });
  const inside = await releaseDrift(client, planned.releases);
  const deviations = [...planned.deviations, ...inside.deviations];
  const { blind, compared } = inside;
  const counts = { resources: planned.resources, compared };
  if (json) {
    printer.result(JSON.stringify({ stack: name, deviations, blind, ...counts }, undefined, 2));
  } else {
    print(name, { deviations, blind, ...counts }, printer);
  }
  if (deviations.length > 0) return EXIT.bad;
  return blind.length > 0 ? EXIT.unknown : EXIT.good;
}

/** A client of the cluster that the settings declare: what another one holds is no drift of this stack. */
async function declaredCluster(environment: NodeJS.ProcessEnv): Promise<HttpsClient> {
  const { cluster } = readSettings(settingsFile(environment));
  const access = findCluster(environment);
  const client = new HttpsClient(access, { timeoutMs: ANSWER_MS });
  const { checks } = await identify(cluster, access, client, environment);
  const wrong = checks.find(({ status }) => status !== 'good');
  if (wrong === undefined) return client;
  const because = wrong.status === 'bad' ? `${wrong.problem}\n    ${wrong.fix}` : wrong.name;
  throw new Failure(`this is not the cluster of the settings: ${because}`);
}

/** What leads tofu to the state: nothing else of a shell's settings for it is passed on. */
function credentialsOf(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => /^AWS_/.test(name)));
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
