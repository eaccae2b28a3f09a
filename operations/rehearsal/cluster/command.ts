import { parseArgs } from 'node:util';
import { readSettings } from '../../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import type { Printer } from '../../../console/printer.ts';
import { attend } from '../attend.ts';
import { endSupervised, lookInto } from '../end.ts';
import { portOption } from '../ports.ts';
import { adminContext } from './credentials.ts';
import { nodesOf } from './declared-objects.ts';
import { ClusterFolder, type ClusterRecord } from './folder.ts';
import { launchCluster } from './launch.ts';
import { STAND_INS } from './stand-ins.ts';
import { supervise } from './supervise.ts';

const NAME = { name: { type: 'string' } } as const;
const UP_OPTIONS = {
  ...NAME,
  foreground: { type: 'boolean' },
  port: { type: 'string' },
  exec: { type: 'boolean' },
} as const;

/**
 * Starts a rehearsal cluster and returns when it can be used; with `--foreground` stays with it until it is interrupted. With
 * `--exec` pods answer logs and a few commands that read a folder of the cluster: whoever else is on the machine could then make
 * kwok run programs as its user, since kwok asks nobody for credentials, so that is off by itself.
 *
 * @returns 0 when it is up, also when it was before
 */
export async function up(args: readonly string[], printer: Printer): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: UP_OPTIONS });
  const settings = readSettings();
  const folder = new ClusterFolder(values.name ?? settings.cluster.name);
  const port = values.port === undefined ? undefined : portOption(values.port);
  const { isUp, record } = await lookInto(folder, printer);
  if (isUp) {
    if (record?.uid === undefined) {
      throw new Failure(`cluster ${folder.name} is being started by another command: wait for it`);
    }
    printer.result(`cluster ${folder.name} is up already`);
    for (const line of usageLines(folder, record)) printer.result(line);
    return EXIT.good;
  }
  if (values.foreground === true) {
    return attendCluster(folder, { port, podAccess: values.exec === true }, printer);
  }
  const launched = await launchCluster({
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(port === undefined ? {} : { port }),
    podAccess: values.exec === true,
  });
  // What is interrupted before it has said that it is up ends.
  printReady(folder, launched.record, printer);
  await launched.keep();
  return EXIT.good;
}

/** Is the supervisor of a cluster. */
function attendCluster(
  folder: ClusterFolder,
  choices: { readonly port: number | undefined; readonly podAccess: boolean },
  printer: Printer,
): Promise<ExitCode> {
  return attend({
    folder,
    supervise: (signal, ready) =>
      supervise({ folder, settings: readSettings(), ...choices, signal, ready }),
    print: (record) => printReady(folder, record, printer),
  });
}

function printReady(folder: ClusterFolder, record: ClusterRecord, printer: Printer): void {
  const nodes = nodesOf(readSettings())
    .map(({ name }) => name)
    .join(', ');
  printer.result(`cluster ${folder.name} is up in ${record.readySec?.toFixed(1)} s`);
  printer.result(`  API server  ${record.server}, Services in ${record.serviceRange}`);
  printer.result(`  nodes       ${nodes} (simulated: no container runs)`);
  printer.result(`  stood in    ${STAND_INS.map((each) => each.of).join(', ')}`);
  for (const line of usageLines(folder, record)) printer.result(line);
}

function usageLines(folder: ClusterFolder, { context }: ClusterRecord): string[] {
  const { kubeconfig, stateHome, name } = folder;
  return [
    `  contexts    ${context} (an operator), ${adminContext(context)} (may do everything)`,
    `  export KUBECONFIG=${kubeconfig} KUBE_CONFIG_PATH=${kubeconfig} KUBE_CTX=${context}`,
    `  export XDG_STATE_HOME=${stateHome}`,
    `  end it with just cluster down --name ${name}`,
  ];
}

/**
 * Ends a rehearsal cluster and removes its folder.
 *
 * @returns 0 when nothing is left, also when there was nothing
 */
export function down(args: readonly string[], printer: Printer): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: NAME });
  return endSupervised(new ClusterFolder(values.name ?? readSettings().cluster.name), printer);
}
