import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { ClusterClient } from '../../operations/kubernetes/cluster-client.ts';
import type { Declaration } from '../gateway/gateway-options.ts';
import type { Store } from '../store/store-client.ts';
import { adoptionLines, conclusionLines } from './adoption-text.ts';
import type { Confirm } from './confirm.ts';
import { clearKept, type KeptState, keptStates } from './errored-state.ts';
import { complaint } from './guarded-tofu.ts';
import type { ReleaseRecord } from './helm-releases.ts';
import { type ImportPlan, planAll, planImports } from './import-plan.ts';
import {
  type Creation,
  clearJournals,
  creationsIn,
  type LeftJournal,
  pendingJournals,
} from './left-journal.ts';
import { leftProviders } from './living-process.ts';
import { declaredResources, type Look, lookForOrphans } from './orphan.ts';
import { pull, type RecoverySubject } from './recover.ts';
import { instancesOf, parsedState } from './state-difference.ts';
import { heldBy, lockOf } from './store-lock.ts';

/** What an adoption stands on. */
export interface AdoptSubject extends RecoverySubject {
  readonly confirm: Confirm;
  /** The JSON of the stack. */
  readonly json: unknown;
  /** Not needed for a stack that has nothing in a cluster. */
  readonly client: ClusterClient | undefined;
  readonly store: Store;
  /** Whether what was there before the interrupted run is taken in as well. */
  readonly takesOlder: boolean;
  /** When a run began whose journal is not here, in ISO 8601. @default - there is none */
  readonly since?: string | undefined;
}

/** What is to be done, before it is confirmed. */
interface Adoption {
  readonly journals: readonly LeftJournal[];
  readonly kept: readonly KeptState[];
  readonly look: Look;
  readonly plan: ImportPlan;
  /** What the gateway has to know: whether there is a state yet. */
  readonly declaration: Declaration;
}

/**
 * Takes into the state what a killed tofu made and could not keep: compares journal, state and cluster, shows each step,
 * and after the name of the stack was typed removes the records of Helm releases that never ended, imports what is there under
 * its address, and plans once more. Each step can be taken again after an interruption.
 *
 * @returns 0 when everything is taken in, 1 when it was not confirmed, 2 when the plan would make or replace something that is
 * there, 4 when something is left for a person
 * @throws Failure when it could not be completed; what was taken in by then stays
 */
export async function adoptOrphans(subject: AdoptSubject): Promise<ExitCode> {
  const { state, printer, confirm } = subject;
  const journals = pendingJournals(state);
  requireQuiet(journals);
  const holder = await lockOf(subject.store, state);
  if (holder !== undefined) throw heldBy(state, holder);
  return await inScratch(resolve(state.work), async (scratch) => {
    const file = join(scratch, 'adopt.tfplan');
    const adoption = await prepare(subject, journals, file);
    for (const line of adoptionLines(adoption.look, adoption.plan)) printer.result(line);
    const wrong = adoption.plan.steps.filter(({ action }) => DESTRUCTIVE.has(action));
    if (wrong.length > 0) return refusePlan(subject, wrong);
    if (somethingToDo(adoption)) {
      if (!(await confirm.named(state.stack))) return EXIT.unknown;
      await carryOut(subject, adoption, file);
    }
    return await conclude(subject, adoption, join(scratch, 'after.tfplan'));
  });
}

const DESTRUCTIVE = new Set(['delete', 'forget', 'replace']);

/** Whoever goes on writes what is compared here. */
function requireQuiet(journals: readonly LeftJournal[]): void {
  const writers = journals.flatMap(({ writer }) => writer ?? []);
  const providers = journals.length === 0 ? [] : (leftProviders() ?? []);
  const lines = [
    ...writers.map((pid) => `    process ${pid} still applies`),
    ...providers.map(
      ({ pid, program }) => `    ${program} goes on without its tofu, as process ${pid}`,
    ),
  ];
  if (lines.length === 0) return;
  throw new Failure(
    ['something still runs that makes resources; wait until it has ended', ...lines].join('\n'),
    EXIT.pending,
  );
}

async function prepare(
  subject: AdoptSubject,
  journals: readonly LeftJournal[],
  file: string,
): Promise<Adoption> {
  const { state, tofu, client, json, takesOlder, since } = subject;
  const { stored, bare } = await pull(subject);
  await subject.guard({ firstRun: bare, writes: true });
  const document = stored.kind === 'none' ? undefined : stored.document;
  const kept = keptStates(state);
  const look = await lookForOrphans(client, {
    declared: declaredResources(json),
    inState: new Set(instancesOf(document).map(({ address }) => address)),
    creations: creationsOf(journals, kept),
    begun: [...journals, { begun: since }].flatMap(({ begun }) => begun ?? []).sort()[0],
    takesOlder,
  });
  const imports = look.orphans.flatMap((orphan) =>
    orphan.what === 'import' || orphan.what === 'ask' ? [orphan] : [],
  );
  const declaration: Declaration = bare ? { firstRun: true } : {};
  const plan = await planImports(tofu, imports, file, declaration);
  return { journals, kept, look, plan, declaration };
}

/** A state that no store has kept knows as well what was made. */
function creationsOf(journals: readonly LeftJournal[], kept: readonly KeptState[]): Creation[] {
  const fromStates = kept.flatMap(({ at, bytes }) =>
    instancesOf(parsedState(bytes())).map(
      ({ address, type, id }): Creation => ({
        address,
        type,
        begun: at,
        how: 'made',
        ...(id === undefined ? {} : { idValue: id }),
      }),
    ),
  );
  const known = new Map(fromStates.map((one) => [one.address, one]));
  for (const one of creationsIn(journals)) known.set(one.address, one);
  return [...known.values()];
}

function somethingToDo({ look, plan }: Adoption): boolean {
  return plan.steps.length + look.unfinished.length > 0;
}

async function carryOut(subject: AdoptSubject, adoption: Adoption, file: string): Promise<void> {
  const { tofu, client, printer } = subject;
  const { look, plan, declaration } = adoption;
  for (const record of look.unfinished) {
    await removeRecord(client, record);
    printer.result(`removed ${record.title}, ${record.status}`);
  }
  if (plan.steps.length === 0) return;
  const applied = await tofu.run(['apply', '-input=false', '-no-color', file], {
    ...declaration,
    writes: true,
  });
  if (applied.code === 0) return;
  throw new Failure(
    [
      `not everything could be taken in: ${complaint(applied)}`,
      `    what was taken in stays so; run just tofu-state-adopt ${subject.state.stack} again`,
    ].join('\n'),
    applied.findings.find(({ exitCode }) => exitCode !== EXIT.good)?.exitCode ?? EXIT.unknown,
  );
}

/** Only the record that was looked at: who went on since then has changed it. */
async function removeRecord(
  client: ClusterClient | undefined,
  record: ReleaseRecord,
): Promise<void> {
  const { path, uid, version } = record;
  await client?.remove(path, { uid, resourceVersion: version });
}

async function conclude(
  subject: AdoptSubject,
  adoption: Adoption,
  file: string,
): Promise<ExitCode> {
  const { state, tofu, printer } = subject;
  const { stored, bare } = await pull(subject);
  const steps = await planAll(tofu, file, bare ? { firstRun: true } : {});
  const twice = await madeTwice(
    subject,
    steps.filter(({ action }) => action === 'create'),
  );
  for (const line of conclusionLines(steps, twice)) printer.result(line);
  if (twice.length > 0) return EXIT.bad;
  const left = adoption.look.orphans.filter(({ what }) => what === 'unresolved');
  if (left.length > 0) {
    printer.problem(`${left.length} resources are left for a person; the journal is kept`);
    return EXIT.pending;
  }
  clearJournals(state, adoption.journals);
  const inState = new Set(
    instancesOf(stored.kind === 'none' ? undefined : stored.document).map(({ address }) => address),
  );
  return clearStates(subject, adoption, inState);
}

/** Looks again, for all that the plan would make. */
async function madeTwice(
  subject: AdoptSubject,
  creates: readonly { readonly address: string }[],
): Promise<string[]> {
  const addresses = new Set(creates.map(({ address }) => address));
  const { orphans } = await lookForOrphans(subject.client, {
    declared: declaredResources(subject.json).filter(({ address }) => addresses.has(address)),
    inState: new Set(),
    creations: [],
    begun: undefined,
    takesOlder: true,
  });
  return orphans.filter(({ what }) => what === 'import').map(({ address }) => address);
}

/** A state that waited, and of which everything with an identity is in the store now, has nothing left to tell. */
function clearStates(
  { state, printer }: AdoptSubject,
  { kept, look }: Adoption,
  inState: ReadonlySet<string>,
): ExitCode {
  const lost = new Set(
    look.orphans.filter(({ what }) => what === 'duplicated').map(({ address }) => address),
  );
  for (const one of kept) {
    const instances = instancesOf(parsedState(one.bytes()));
    const known = instances.every(({ address }) => inState.has(address) || lost.has(address));
    if (!known || instances.length === 0) continue;
    clearKept(state, one, 'superseded');
    printer.result(`${one.file} is cleared: all it holds is in the state now`);
  }
  if (keptStates(state).length === 0) return EXIT.good;
  printer.problem(`a state waits still: run just tofu-state-recover ${state.stack}`);
  return EXIT.pending;
}

function refusePlan(
  { printer, state }: AdoptSubject,
  wrong: readonly { readonly address: string; readonly action: string }[],
): ExitCode {
  for (const { address, action } of wrong)
    printer.problem(`${address}: the plan would ${action} it`);
  printer.problem(
    `nothing was changed: what is there is not as it is declared. Synthesize what was applied when tofu was killed, and run just tofu-state-adopt ${state.stack} again`,
  );
  return EXIT.bad;
}

/** Plans are kept in a folder of their own, and removed. */
async function inScratch<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(parent, 'adopt-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
