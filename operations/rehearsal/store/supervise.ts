import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import { askStanding, ControlServer } from '../control.ts';
import { listenAnywhere } from '../ports.ts';
import { whenAborted } from '../when-aborted.ts';
import { StoreFolder, type StoreRecord } from './folder.ts';
import { Store, type StoreOptions } from './store.ts';

/** What the supervisor of a store is told. */
export interface SuperviseOptions {
  readonly folder: StoreFolder;
  readonly options: Omit<StoreOptions, 'folder'>;
  /** Called once, when the store can be used. */
  readonly ready: (record: StoreRecord) => void;
  /** Ends the store when it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Starts a store, stays with it, and leaves nothing of it behind; only when the server ends by itself, after it could be used,
 * the folder stays, with its log and why.
 */
export async function supervise(supervised: SuperviseOptions): Promise<ExitCode> {
  const { folder, options } = supervised;
  const { kind } = options;
  const data = options.data === undefined ? undefined : resolve(options.data);
  if (data !== undefined) await requireOwnData(data);
  const store = new Store({ ...options, folder: folder.path });
  const asked = new AbortController();
  const control = await ControlServer.open(
    {
      standing: () => ({
        pid: process.pid,
        parts: store.pid === undefined ? {} : { [kind]: store.pid },
      }),
      stop: () => asked.abort(),
    },
    listenAnywhere,
  );
  try {
    const record: StoreRecord = {
      name: folder.name,
      kind,
      ...(data === undefined ? {} : { data }),
      control: control.control,
      startedAt: new Date().toISOString(),
    };
    folder.make(record);
    return await attendStore(store, record, { ...supervised, asked: asked.signal });
  } finally {
    control.close();
  }
}

/** Lets a store run in a folder that is its own by now. */
async function attendStore(
  store: Store,
  record: StoreRecord,
  { folder, ready, signal, asked }: SuperviseOptions & { readonly asked: AbortSignal },
): Promise<ExitCode> {
  const began = Date.now();
  const ended = whenAborted(signal, asked);
  let died = false;
  try {
    if ((await Promise.race([store.start(), ended])) === 'ended') return EXIT.good;
    const complete = { ...record, store: factsOf(store), readySec: (Date.now() - began) / 1000 };
    folder.keep(complete);
    ready(complete);
    const death = await Promise.race([store.trouble.catch((why: Failure) => why), ended]);
    if (death === 'ended') return EXIT.good;
    folder.keep({ ...record, ended: death.message });
    died = true;
    throw death;
  } finally {
    if (!died) {
      await store.stop();
      folder.remove();
    }
  }
}

function factsOf({ endpoint, region, root, buckets }: Store): StoreRecord['store'] {
  return { endpoint, region, pathStyle: true, root, buckets };
}

/** Two servers on the same objects would damage them. */
async function requireOwnData(data: string): Promise<void> {
  for (const other of StoreFolder.all()) {
    if (other.read()?.data !== data || (await askStanding(other)) === undefined) continue;
    throw new Failure(
      `store ${other.name} has its objects in ${data}, and only one server may\n    name another folder with --data, or end it: just store down --name ${other.name}`,
    );
  }
}
