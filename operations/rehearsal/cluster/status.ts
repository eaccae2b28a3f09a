import { parseArgs } from 'node:util';
import { readSettings } from '../../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import type { Printer } from '../../../console/printer.ts';
import { table } from '../../../console/table.ts';
import { residentMemory } from '../child.ts';
import { askStanding } from '../control.ts';
import { ClusterFolder } from './folder.ts';

const OPTIONS = { name: { type: 'string' }, json: { type: 'boolean' } } as const;
const MIB = 2 ** 20;

/** A cluster as it is now. */
interface ClusterStatus {
  readonly name: string;
  readonly state: 'up' | 'starting' | 'dead' | 'absent';
  readonly context?: string;
  readonly server?: string;
  readonly serviceRange?: string;
  readonly kubeconfig?: string;
  readonly startedAt?: string;
  readonly readySec?: number | undefined;
  readonly uid?: string | undefined;
  readonly memoryMib?: number;
  readonly parts?: readonly PartStatus[];
}

interface PartStatus {
  readonly name: string;
  readonly pid: number;
  readonly memoryMib: number;
}

/**
 * Says which rehearsal clusters there are, or how the one is that `--name` names.
 *
 * @returns 0 when it is up, or any is; 1 when not
 */
export async function status(args: readonly string[], printer: Printer): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const folders =
    values.name === undefined ? ClusterFolder.all() : [new ClusterFolder(values.name)];
  const clusters = await Promise.all(folders.map(statusOf));
  if (values.json === true) printer.result(JSON.stringify({ clusters }, undefined, 2));
  else for (const line of linesOf(clusters)) printer.result(line);
  return clusters.some(({ state }) => state === 'up') ? EXIT.good : EXIT.unknown;
}

async function statusOf(folder: ClusterFolder): Promise<ClusterStatus> {
  const { name, kubeconfig } = folder;
  const record = folder.read();
  if (record === undefined) return { name, state: folder.exists ? 'dead' : 'absent' };
  const standing = await askStanding(folder);
  if (standing === undefined) return { name, state: 'dead', startedAt: record.startedAt };
  const groups = Object.entries({ supervisor: standing.pid, ...standing.parts });
  const memory = await residentMemory(groups.map(([, pid]) => pid));
  const parts = groups.map(([part, pid]) => ({
    name: part,
    pid,
    memoryMib: Math.round((memory.get(pid) ?? 0) / MIB),
  }));
  const { context, server, serviceRange, startedAt, readySec, uid } = record;
  return {
    name,
    state: uid === undefined ? 'starting' : 'up',
    context,
    server,
    serviceRange,
    kubeconfig,
    startedAt,
    readySec,
    uid,
    memoryMib: parts.reduce((sum, part) => sum + part.memoryMib, 0),
    parts,
  };
}

function linesOf(clusters: readonly ClusterStatus[]): string[] {
  if (clusters.length === 0) {
    return [
      `no rehearsal cluster is there; start one: just cluster up (${readSettings().cluster.name})`,
    ];
  }
  return clusters.flatMap(({ name, state, server, kubeconfig, memoryMib, parts }) => {
    if (state === 'absent')
      return [`${name}: there is none; start it: just cluster up --name ${name}`];
    if (state === 'dead')
      return [`${name}: dead; remove what it left: just cluster down --name ${name}`];
    const rows = (parts ?? []).map((part) => [
      part.name,
      String(part.pid),
      `${part.memoryMib} MiB`,
    ]);
    return [
      `${name}: ${state}, ${server}, ${memoryMib} MiB, KUBECONFIG=${kubeconfig}`,
      ...table(['program', 'process', 'memory'], rows).map((line) => `  ${line}`),
    ];
  });
}
