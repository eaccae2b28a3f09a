import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaintOf, runTofu } from '../tofu/run-tofu.ts';
import { locksFor, readCommittedLock } from './committed-lock.ts';
import { localFolder } from './local-packages.ts';
import { renderLock } from './lock-file.ts';
import type { RequiredProvider } from './required-providers.ts';

/** A provider that is installed, or why one is not. */
export type Installation =
  | {
      readonly status: 'installed';
      /** Providers that were built on this machine: other bytes than the released ones, so the committed lock does not know them. */
      readonly ownBuilds: readonly string[];
    }
  | { readonly status: 'missing'; readonly because: string };

/** What is installed where. */
export interface InstallOptions {
  readonly tofu: string;
  /** Holds the JSON of a stack; everything is installed into it, and nothing else is touched. */
  readonly folder: string;
  readonly required: readonly RequiredProvider[];
  /** What tofu is given. */
  readonly environment: NodeJS.ProcessEnv;
  /** The committed lock. @default `locks/providers.lock.hcl` */
  readonly lock?: string;
  /** Ends tofu, as {@link runTofu} says. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Installs the providers of a stack, without its backend: what comes from a registry or a mirror of it must be what the
 * committed lock says. Only a provider that lies in a folder of this machine may be another build, and is said to be.
 */
export async function installProviders(options: InstallOptions): Promise<Installation> {
  const { required, environment, lock } = options;
  const committed = readCommittedLock(lock);
  const locked = locksFor(required, committed);
  const open = required.filter(({ address }) => !locked.some((one) => one.address === address));
  const strange = open.filter((provider) => localFolder(provider, environment) === undefined);
  if (strange.length > 0) return { status: 'missing', because: notLocked(strange) };

  const strict = open.length === 0 ? await init(options, renderLock(locked), true) : undefined;
  if (strict?.code === 0) return { status: 'installed', ownBuilds: [] };
  const local = required.filter((provider) => localFolder(provider, environment) !== undefined);
  const isOther = strict === undefined || /checksum/.test(strict.complaint);
  if (isOther && local.length > 0) {
    const own = new Set(local.map(({ address }) => address));
    const rest = locked.filter(({ address }) => !own.has(address));
    const loose = await init(options, renderLock(rest), false);
    if (loose.code === 0) return { status: 'installed', ownBuilds: local.map(({ name }) => name) };
    return missing(loose.complaint);
  }
  return missing(strict?.complaint ?? '');
}

async function init(
  { tofu, folder, environment, signal }: InstallOptions,
  lock: string,
  readonly: boolean,
): Promise<{ code: number | undefined; complaint: string }> {
  writeFileSync(join(folder, '.terraform.lock.hcl'), lock);
  const args = ['init', '-backend=false', '-input=false', '-no-color'];
  const result = await runTofu({
    tofu,
    folder,
    environment,
    signal,
    args: readonly ? [...args, '-lockfile=readonly'] : args,
  });
  return { code: result.code, complaint: result.code === 0 ? '' : complaintOf(result) };
}

/** Tofu says what went wrong, and not what a person can do. */
function missing(complaint: string): Installation {
  const places =
    'their registry, a filesystem_mirror of TF_CLI_CONFIG_FILE, or ~/.terraform.d/plugins';
  return { status: 'missing', because: `${complaint} (providers come from ${places})` };
}

function notLocked(providers: readonly RequiredProvider[]): string {
  const names = providers.map(({ name, version }) => `${name} ${version}`).join(', ');
  return `the committed lock does not know ${names}: run just lock where the registry answers`;
}
