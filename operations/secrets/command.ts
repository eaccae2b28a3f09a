import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { readSummary } from '../../policy/charts/chart-summaries.ts';
import { readCluster } from '../../policy/model/cluster.ts';
import { SECRET_KINDS, type SecretKind } from '../../values/secret-ref.ts';
import { printChecks, verdictOf } from '../kubernetes/check.ts';
import { identify } from '../kubernetes/declared-cluster.ts';
import { HttpsClient } from '../kubernetes/https-client.ts';
import { findCluster } from '../kubernetes/kube-access.ts';
import { stackArguments } from '../stack-argument.ts';
import { type SynthesizedStacks, synthesizedStacks } from '../synthesized-stacks.ts';
import { ensureSecrets, type SecretsRun } from './ensure.ts';
import { fingerprint } from './fingerprint.ts';
import { fromDocument, fromEnvironment, fromFolder, type GivenSource } from './given.ts';
import type { Plan } from './plan.ts';
import { isSecretKind, PRACTICES } from './practice.ts';
import { type Prompt, terminalPrompt } from './prompt.ts';
import { rereadLines } from './readers.ts';
import { printSecrets, reportOf, verdictOfPlans } from './report.ts';
import { secretsOf } from './required.ts';

const OPTIONS = {
  from: { type: 'string' },
  stdin: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

interface Given {
  readonly from?: string;
  readonly stdin?: boolean;
  readonly json?: boolean;
}

/**
 * Brings the Secrets of a stack into being: makes what can be made, takes the rest from files, the environment, standard
 * input or the terminal, and writes only what is missing.
 *
 * @returns 0 when every Secret is there and right, 1 when one is missing, 2 when one is wrong
 */
export async function ensure(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { name: stack, values } = stackArguments(args, 'whose Secrets are meant', OPTIONS);
  return run({ stack, options: values, printer, environment });
}

/**
 * Puts new values in the place of all Secrets of one kind, and says what has to be done so that they are used.
 *
 * @returns as `ensure`
 */
export async function rotate(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...OPTIONS, only: { type: 'string' } },
    allowPositionals: true,
  });
  const [stack = '', kind = '', ...rest] = positionals;
  if (stack === '' || kind === '' || rest.length > 0) {
    throw new Failure('name the stack and the one kind that is rotated', EXIT.usage);
  }
  const rotation = { kind: rotatedKind(kind), only: values.only };
  return run({ stack, options: values, printer, environment, rotation });
}

function rotatedKind(text: string): SecretKind {
  if (!isSecretKind(text)) {
    const known = Object.keys(SECRET_KINDS).join(', ');
    throw new Failure(`there is no kind ${text}; there are ${known}`, EXIT.usage);
  }
  if (SECRET_KINDS[text].origin === 'controller') {
    throw new Failure(`${text} is written by a controller: rotate it there`, EXIT.usage);
  }
  return text;
}

interface Asked {
  readonly stack: string;
  readonly options: Given;
  readonly printer: Printer;
  readonly environment: NodeJS.ProcessEnv;
  readonly rotation?: SecretsRun['rotation'];
}

async function run({ stack, options, printer, environment, rotation }: Asked): Promise<ExitCode> {
  const settings = readSettings(settingsFile(environment));
  const stacks = synthesizedStacks(stack, environment);
  const given = sources(options, environment);
  if (rotation !== undefined) requireRotated(rotation, stack, secretsOf(stacks.asked));
  const access = findCluster(environment);
  const client = new HttpsClient(access);
  const { checks, uid } = await identify(settings.cluster, access, client, environment);
  if (verdictOf(checks) !== EXIT.good) {
    printChecks(checks, printer);
    printer.problem('nothing was read or written: it must be the declared cluster');
    return verdictOf(checks);
  }
  const { plans, written } = await ensureSecrets({
    client,
    settings,
    stacks,
    given,
    prompt: promptOf(options),
    rotation,
  });
  const secrets = await reportOf({
    stack,
    plans,
    written,
    mark: (value) => fingerprint(value, uid),
  });
  if (options.json === true) printer.result(JSON.stringify({ stack, secrets }, undefined, 2));
  else printSecrets(secrets, printer);
  if (rotation !== undefined && options.json !== true) {
    const replaced = plans.filter(({ write }) => written && Object.keys(write).length > 0);
    for (const line of nextSteps(rotation.kind, stacks, replaced)) printer.result(line);
  }
  return verdictOfPlans(plans);
}

/** What has to be done so that the new values are used. */
function nextSteps(
  kind: SecretKind,
  { all }: SynthesizedStacks,
  replaced: readonly Plan[],
): string[] {
  if (replaced.length === 0) return [];
  const { restartedByApply = false, afterwards } = PRACTICES[kind];
  const declared = { nodes: [], requireDigests: false };
  const { pods } = readCluster({ stacks: all, previous: [], declared }, readSummary);
  const restarts = restartedByApply ? [] : replaced.flatMap(({ ref }) => rereadLines(pods, ref));
  return ['', 'next:', ...[...restarts, afterwards].map((line) => `  ${line}`)];
}

function requireRotated(
  { kind, only }: NonNullable<SecretsRun['rotation']>,
  stack: string,
  secrets: readonly { readonly kind: string }[],
): void {
  const own = secrets.filter((secret) => secret.kind === kind).map(String);
  if (own.length === 0) {
    const kinds = [...new Set(secrets.map((secret) => secret.kind))].sort().join(', ');
    throw new Failure(`${stack} needs no Secret of kind ${kind}; it has ${kinds}`, EXIT.usage);
  }
  if (only !== undefined && !own.includes(only)) {
    throw new Failure(
      `${only} is no Secret of kind ${kind}; there are ${own.join(', ')}`,
      EXIT.usage,
    );
  }
}

function sources({ from, stdin }: Given, environment: NodeJS.ProcessEnv): GivenSource {
  const all = [
    ...(stdin === true ? [fromDocument(readFileSync(0, 'utf8'))] : []),
    ...(from === undefined ? [] : [fromFolder(from)]),
    fromEnvironment(environment),
  ];
  return (secret, key) => all.flatMap((source) => source(secret, key));
}

/** A person is asked only where one sits: at a terminal that is not read for something else. */
function promptOf({ stdin, json }: Given): Prompt | undefined {
  const asks = process.stdin.isTTY && process.stderr.isTTY && stdin !== true && json !== true;
  return asks ? terminalPrompt(process.stdin, process.stderr) : undefined;
}
