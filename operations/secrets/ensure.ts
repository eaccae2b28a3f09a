import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import type { SecretKind, SecretRef } from '../../values/secret-ref.ts';
import type { ClusterClient } from '../kubernetes/cluster-client.ts';
import { ClusterTrouble } from '../kubernetes/cluster-trouble.ts';
import type { SynthesizedStacks } from '../synthesized-stacks.ts';
import { type GivenSource, readValue } from './given.ts';
import { changeSecret, createSecret, type LiveSecret, readSecret } from './live-secret.ts';
import { ensureNamespaces } from './namespaces.ts';
import { type Plan, planSecret } from './plan.ts';
import { PRACTICES } from './practice.ts';
import type { Prompt } from './prompt.ts';
import { secretsOf, surroundingsOf } from './required.ts';

/** What a run works on. */
export interface SecretsRun {
  readonly client: ClusterClient;
  readonly settings: Settings;
  readonly stacks: SynthesizedStacks;
  readonly given: GivenSource;
  /** Asks a person for what nobody gave; undefined where nobody sits. */
  readonly prompt: Prompt | undefined;
  /** Replace this kind, and leave the others alone. */
  readonly rotation: { readonly kind: SecretKind; readonly only: string | undefined } | undefined;
}

/** What was planned for each Secret, and whether it was carried out. */
export interface SecretsResult {
  readonly plans: readonly Plan[];
  readonly written: boolean;
}

/**
 * Reads every Secret of the stack, decides about all of them, and then writes what is new, each Secret in one request. When
 * anything that was given is wrong, nothing is written at all.
 *
 * @throws ClusterTrouble when the API server cannot be asked or refuses
 */
export async function ensureSecrets(run: SecretsRun): Promise<SecretsResult> {
  const refs = secretsOf(run.stacks.asked);
  const live = new Map<SecretRef, LiveSecret | undefined>();
  for (const ref of refs) live.set(ref, await readSecret(run.client, ref));
  const all = await planAll(run, refs, live);
  const plans = all.filter(({ ref }) => isMeant(run, ref));
  if (plans.some(({ refusedInput }) => refusedInput)) return { plans, written: false };
  await write(run, plans);
  return { plans, written: true };
}

function isMeant({ rotation }: SecretsRun, ref: SecretRef): boolean {
  if (rotation === undefined) return true;
  return ref.kind === rotation.kind && (rotation.only ?? String(ref)) === String(ref);
}

async function planAll(
  run: SecretsRun,
  refs: readonly SecretRef[],
  live: ReadonlyMap<SecretRef, LiveSecret | undefined>,
): Promise<Plan[]> {
  const plans: Plan[] = [];
  const nowSec = Math.floor(Date.now() / 1000);
  for (const ref of refs) {
    const rotate = run.rotation !== undefined && isMeant(run, ref);
    const surroundings = surroundingsOf(ref, {
      stack: run.stacks.asked,
      settings: run.settings,
      jwtKey: jwtKeyOf(plans),
      nowSec,
    });
    const input = { ref, live: live.get(ref), given: run.given, surroundings, rotate };
    const plan = planSecret(input);
    const asks = run.rotation === undefined || rotate;
    const answers = asks ? await askFor(plan, run.prompt) : new Map<string, string>();
    plans.push(
      answers.size === 0 ? plan : planSecret({ ...input, given: answered(run.given, answers) }),
    );
  }
  return plans;
}

/** The key that signs tokens, unless it is wrong: then no token can be right. */
function jwtKeyOf(plans: readonly Plan[]): string | undefined {
  const key = plans.find(({ ref }) => ref.kind === 'jwt-signing-key');
  return key === undefined || key.state === 'bad' ? undefined : key.values['hs256-secret-base64'];
}

async function askFor(plan: Plan, prompt: Prompt | undefined): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const { ref, missing } = plan;
  const { make, files = [] } = PRACTICES[ref.kind];
  if (prompt === undefined || make !== undefined) return answers;
  for (const key of missing) {
    const answer = files.includes(key)
      ? await askForFile(prompt, `${ref} ${key}, from which file: `)
      : await prompt.secret(`${ref} ${key} (not shown): `);
    if (answer !== undefined) answers.set(key, answer);
  }
  return answers;
}

async function askForFile(prompt: Prompt, question: string): Promise<string | undefined> {
  const file = await prompt.text(question);
  if (file === undefined) return undefined;
  const value = readValue(file);
  if (value === undefined) throw new Failure(`there is no file ${file}; nothing was written`);
  return value;
}

function answered(given: GivenSource, answers: ReadonlyMap<string, string>): GivenSource {
  return (secret, key) => {
    const value = answers.get(key);
    return value === undefined
      ? given(secret, key)
      : [{ value, from: 'the answer at the terminal' }];
  };
}

async function write({ client, stacks }: SecretsRun, plans: readonly Plan[]): Promise<void> {
  const due = plans.filter((plan) => Object.keys(plan.write).length > 0);
  await ensureNamespaces(
    client,
    stacks.all,
    due.map(({ ref }) => ref.namespace),
  );
  for (const plan of due) {
    const { ref, live } = plan;
    try {
      if (live === undefined) await createSecret(client, ref, plan.values);
      else await changeSecret(client, ref, mutable(ref, live), plan.write);
    } catch (error) {
      if (!(error instanceof ClusterTrouble && error.kind === 'conflict')) throw error;
      throw new Failure(
        `${ref} was changed by somebody else meanwhile, and was left as it is; run it again`,
      );
    }
  }
}

function mutable(ref: SecretRef, live: LiveSecret): LiveSecret {
  if (!live.immutable) return live;
  throw new Failure(`${ref} is immutable: delete it, and run it again`);
}
