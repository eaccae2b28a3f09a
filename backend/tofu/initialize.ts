import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { COMMITTED_LOCK } from '../../operations/providers/committed-lock.ts';
import { installProviders } from '../../operations/providers/install-providers.ts';
import { requiredProviders } from '../../operations/providers/required-providers.ts';
import { at } from '../../policy/model/json.ts';
import { writeDurably } from '../recovery/durable.ts';
import { sha256 } from '../store/signature.ts';
import { textIfThere } from '../text-if-there.ts';
import { withoutSecrets } from './driver-environment.ts';
import { takeRunLock } from './run-lock.ts';
import type { StackSession } from './stack-session.ts';

const LOCK_FILE = '.terraform.lock.hcl';
const READ_ONLY = 0o444;

/** How a stack is made ready. */
export interface InitializeHow {
  readonly firstRun: boolean;
  /** Also where nothing has changed since the last time. @default false */
  readonly anew?: boolean;
}

/**
 * Makes a stack ready for tofu: the locked providers, and the backend behind the gateway, in a data folder of its own. What is
 * ready already is left.
 *
 * @returns 0 when it is ready
 */
export async function initialize(session: StackSession, how: InitializeHow): Promise<ExitCode> {
  const { state, data, progress } = session;
  const stamp = join(state.work, 'initialized');
  const wanted = stampOf(session);
  const isReady = existsSync(data) && textIfThere(stamp) === wanted;
  if (isReady && how.anew !== true) return EXIT.good;
  const lock = session.shared ? takeRunLock(state.work, `tofu-init ${state.stack}`) : undefined;
  try {
    rmSync(stamp, { force: true });
    await progress.phase('providers', () => install(session));
    const run = await progress.phase('init', () =>
      session.run(['init', '-input=false', '-no-color', '-reconfigure', '-lockfile=readonly'], {
        declaration: { firstRun: how.firstRun },
        shows: session.shared ? 'problems' : 'all',
      }),
    );
    if (run.exitCode !== EXIT.good) return run.exitCode;
    writeDurably(stamp, wanted);
    return EXIT.good;
  } finally {
    lock?.release();
  }
}

/** The lock file comes from what is committed, and nobody changes it beside the JSON. */
async function install(session: StackSession): Promise<void> {
  const { folder, data, tofu, json, environment, progress, access, encryption } = session;
  const file = join(folder, LOCK_FILE);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  rmSync(file, { force: true });
  // With what an earlier init knows of the backend, tofu would ask the store for no more than providers.
  rmSync(join(data, 'terraform.tfstate'), { force: true });
  const installed = await installProviders({
    tofu: tofu.path,
    folder,
    required: requiredProviders(json),
    environment: {
      ...withoutSecrets(environment, { hidden: access?.keys, encryption }),
      TF_DATA_DIR: data,
    },
  });
  if (installed.status === 'missing') throw new Failure(installed.because);
  if (installed.ownBuilds.length > 0) {
    progress.printer.problem(
      `built on this machine, not the locked release: ${installed.ownBuilds.join(', ')}`,
    );
  }
  if (existsSync(file)) chmodSync(file, READ_ONLY);
}

/** What an initialization depends on. */
function stampOf({ json, tofu, folder }: StackSession): string {
  const parts = [
    tofu.path,
    tofu.version,
    folder,
    at(json, 'terraform'),
    textIfThere(COMMITTED_LOCK),
  ];
  return sha256(JSON.stringify(parts));
}
