import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import { besideResults, type Printer } from '../../../console/printer.ts';
import { attend } from '../attend.ts';
import { endSupervised, lookInto } from '../end.ts';
import { launch } from '../launch.ts';
import { portOption } from '../ports.ts';
import { StoreFolder, type StoreRecord } from './folder.ts';
import { type StoreKind, storeKind } from './kinds.ts';
import { storeJson, storeLines } from './status.ts';
import type { StoreOptions } from './store.ts';
import { supervise } from './supervise.ts';

const UP_OPTIONS = {
  kind: { type: 'string' },
  name: { type: 'string' },
  address: { type: 'string' },
  port: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  foreground: { type: 'boolean' },
} as const;

/**
 * Starts a rehearsal store and returns when it can be used; with `--foreground` stays with it until it is interrupted.
 *
 * @returns 0 when it is up, also when it was before
 */
export async function up(args: readonly string[], printer: Printer): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: UP_OPTIONS });
  const { name, address, data } = values;
  const kind = storeKind(values.kind);
  const options = {
    kind,
    ...(address === undefined ? {} : { address }),
    ...(values.port === undefined ? {} : { port: portOption(values.port) }),
    ...(data === undefined ? {} : { data: resolve(data) }),
  };
  const settings = readSettings();
  const folder = new StoreFolder(name ?? kind);
  const print = async (record: StoreRecord) => {
    const lines = values.json === true ? [await storeJson(folder)] : storeLines(record);
    for (const line of lines) printer.result(line);
  };
  const aside = values.json === true ? besideResults(printer) : printer;
  const { isUp, record } = await lookInto(folder, aside);
  if (isUp) {
    await print(requireSame(folder, record, options));
    return EXIT.good;
  }
  if (values.foreground === true) {
    return attend({
      folder,
      supervise: (signal, ready) =>
        supervise({ folder, options: { ...options, settings }, signal, ready }),
      print: (record) => void print(record),
    });
  }
  const words = Object.entries({ ...options, name: folder.name }).flatMap(([option, value]) => [
    `--${option}`,
    String(value),
  ]);
  const launched = await launch<StoreRecord>(['store', 'up', ...words]);
  // What is interrupted before it has said that it is up ends.
  await print(launched.record);
  await launched.keep();
  return EXIT.good;
}

/** The record of a store that runs, if it is the one that is asked for. */
function requireSame(
  folder: StoreFolder,
  record: StoreRecord | undefined,
  { kind, address, port, data }: Omit<StoreOptions, 'folder' | 'settings'> & { kind: StoreKind },
): StoreRecord {
  if (record?.store === undefined) {
    throw new Failure(`store ${folder.name} is being started by another command: wait for it`);
  }
  const { hostname, port: hasPort } = new URL(record.store.endpoint);
  const differs = [
    kind === record.kind ? [] : [`its kind is ${record.kind}`],
    address === undefined || address === hostname ? [] : [`its address is ${hostname}`],
    port === undefined || String(port) === hasPort ? [] : [`its port is ${hasPort}`],
    data === undefined || data === record.data
      ? []
      : [`its data are in ${record.data ?? folder.file('data')}`],
  ].flat();
  if (differs.length === 0) return record;
  throw new Failure(
    `store ${folder.name} is up already, and ${differs.join(', ')}\n    use --name for a second store, or end it: just store down --name ${folder.name}`,
  );
}

/**
 * Ends a rehearsal store and removes its folder. A folder that was named with `--data` stays.
 *
 * @returns 0 when nothing is left, also when there was nothing
 */
export async function down(args: readonly string[], printer: Printer): Promise<ExitCode> {
  const options = { name: { type: 'string' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const name = values.name ?? onlyStore();
  if (name === undefined) {
    printer.result('there is no store');
    return EXIT.good;
  }
  const folder = new StoreFolder(name);
  const data = folder.read()?.data;
  const code = await endSupervised(folder, printer);
  if (data !== undefined) printer.result(`its objects stay in ${data}`);
  return code;
}

/** The name of the store, where there is but one. */
function onlyStore(): string | undefined {
  const names = StoreFolder.all().map((folder) => folder.name);
  if (names.length <= 1) return names[0];
  throw new Failure(
    `--name must say which store to end; there are ${names.join(', ')}`,
    EXIT.usage,
  );
}
