import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { residentMemory } from '../child.ts';
import { askStanding } from '../control.ts';
import { lastLines } from '../disk.ts';
import { StoreFolder, type StoreRecord } from './folder.ts';
import { KINDS } from './kinds.ts';
import { exportLines, stateVariables } from './variables.ts';

const OPTIONS = { name: { type: 'string' }, json: { type: 'boolean' } } as const;
const MIB = 2 ** 20;
const LOG_LINES = 4;

/** A store as it is now. */
interface StoreStatus {
  readonly name: string;
  readonly state: 'up' | 'starting' | 'dead' | 'absent';
  readonly record?: StoreRecord | undefined;
  readonly parts?: readonly { name: string; pid: number; memoryMib: number }[];
}

/**
 * Says which rehearsal stores there are, or how the one is that `--name` names.
 *
 * @returns 0 when it is up, or any is; 1 when not
 */
export async function status(args: readonly string[], printer: Printer): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const folders = values.name === undefined ? StoreFolder.all() : [new StoreFolder(values.name)];
  const stores = await Promise.all(folders.map(statusOf));
  if (values.json === true) {
    printer.result(JSON.stringify({ stores: stores.map(jsonOf) }, undefined, 2));
  } else {
    if (stores.length === 0) {
      printer.result('no rehearsal store is there; start one: just store up --kind versitygw');
    }
    for (const line of stores.flatMap(linesOf)) printer.result(line);
  }
  return stores.some(({ state }) => state === 'up') ? EXIT.good : EXIT.unknown;
}

async function statusOf(folder: StoreFolder): Promise<StoreStatus> {
  const { name } = folder;
  const record = folder.read();
  if (record === undefined) return { name, state: folder.exists ? 'dead' : 'absent' };
  const standing = await askStanding(folder);
  if (standing === undefined) {
    const said = lastLines(folder.log('server'), LOG_LINES).map((line) => `    ${line}`);
    const ended =
      record.ended ?? ['its supervisor was killed; the server said last:', ...said].join('\n');
    return { name, state: 'dead', record: { ...record, ended } };
  }
  const groups = Object.entries({ supervisor: standing.pid, ...standing.parts });
  const memory = await residentMemory(groups.map(([, pid]) => pid));
  const parts = groups.map(([part, pid]) => ({
    name: part,
    pid,
    memoryMib: Math.round((memory.get(pid) ?? 0) / MIB),
  }));
  return { name, state: record.store === undefined ? 'starting' : 'up', record, parts };
}

/** A store with its keys and the variables of the backend, for programs. */
export async function storeJson(folder: StoreFolder): Promise<string> {
  return JSON.stringify(jsonOf(await statusOf(folder)), undefined, 2);
}

function jsonOf({ name, state, record, parts }: StoreStatus): object {
  const { kind, data, store, startedAt, readySec, ended } = record ?? {};
  const buckets = store?.buckets.map(({ name: bucket, purpose, rules, identity }) => ({
    name: bucket,
    purpose,
    versioned: rules.versioned,
    ...identity,
  }));
  return {
    name,
    state,
    kind,
    ...(store === undefined ? {} : { ...store, buckets, variables: stateVariables(store) }),
    data,
    startedAt,
    readySec,
    ended,
    parts,
    memoryMib: parts?.reduce((sum, part) => sum + part.memoryMib, 0),
  };
}

function linesOf({ name, state, record, parts = [] }: StoreStatus): string[] {
  if (state === 'absent')
    return [`${name}: there is none; start it: just store up --name ${name} --kind …`];
  if (state === 'dead') {
    return [
      `${name}: dead; remove what it left: just store down --name ${name}`,
      ...(record?.ended ?? '').split('\n').map((line) => `  ${line}`),
    ];
  }
  if (record === undefined || state === 'starting') return [`${name}: starting`];
  const memory = parts.map((part) => `${part.name} ${part.memoryMib} MiB`).join(', ');
  return [...storeLines(record), `  memory      ${memory}`];
}

/** A store that can be used, for a person. */
export function storeLines({ name, kind, store, data, readySec }: StoreRecord): string[] {
  if (store === undefined) return [];
  const buckets = store.buckets.map(
    (bucket) => bucket.name + (bucket.rules.versioned ? ' (keeps old versions)' : ''),
  );
  const { noVersions } = KINDS[kind];
  return [
    `store ${name} is up: ${kind} at ${store.endpoint}, ready in ${readySec?.toFixed(1)} s`,
    `  buckets     ${buckets.join(', ')}, each with an identity that reaches no other`,
    ...(noVersions === undefined ? [] : [`  versions    none are kept: ${noVersions}`]),
    ...(data === undefined ? [] : [`  objects     in ${data}, which stays`]),
    ...exportLines(store).map((line) => `  ${line}`),
    `  end it with just store down --name ${name}`,
  ];
}
