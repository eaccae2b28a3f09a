import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import {
  COMMITTED_LOCK,
  committedLockWith,
  readCommittedLock,
} from '../providers/committed-lock.ts';
import { type LockedProvider, parseLock } from '../providers/lock-file.ts';
import { type RequiredProvider, requiredProviders } from '../providers/required-providers.ts';
import { publishedStacks, STACK_FILE } from '../published-stacks.ts';
import { findTofu } from '../tofu/find-tofu.ts';
import { complaintOf, runTofu } from '../tofu/run-tofu.ts';
import { tofuEnvironment } from '../tofu/tofu-environment.ts';
import { withCleaning } from '../tools/interruption.ts';
import { type Place, thisCheckout } from '../tools/place.ts';

/** Where stacks are applied from: the runners of the cluster, and the machines of people. */
const PLATFORMS = ['linux_amd64', 'linux_arm64', 'darwin_arm64'];
/** The largest provider has 150 MB for each platform. */
const DEADLINE_MS = 900_000;

/** What refreshing the lock needs of its surroundings. */
export interface LockOptions {
  readonly printer: Printer;
  /** @default this checkout */
  readonly place?: Place;
  /** @default `locks/providers.lock.hcl` */
  readonly file?: string;
}

/**
 * Asks the registry for the hashes of the providers of the synthesized stacks, those that are named or all, and adds them to
 * the committed lock. What is locked already is the measure: a release never changes, so one that did is refused, which tofu
 * itself does not do here.
 *
 * @returns 0 when the lock holds them
 */
export async function lock(
  args: readonly string[],
  { printer, place = thisCheckout(), file = COMMITTED_LOCK }: LockOptions,
): Promise<ExitCode> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const stacks = publishedStacks(positionals, place.environment);
  const required = distinct(stacks.flatMap(({ json }) => requiredProviders(json)));
  const committed = readCommittedLock(file);
  const { path } = await findTofu(place);
  const released = await askRegistry(required, path, place, file);
  const renewed = released.map((provider) => joined(provider, committed, file));
  for (const provider of renewed) printer.result(changeOf(provider, committed));
  keep(file, committedLockWith(renewed, committed));
  return EXIT.good;
}

/**
 * What is locked and what the registry gives now, together.
 *
 * @throws Failure when the registry gives other packages for a version that is locked already
 */
function joined(
  released: LockedProvider,
  committed: readonly LockedProvider[],
  file: string,
): LockedProvider {
  const { address, version, hashes } = released;
  const known = committed.find((one) => one.address === address && one.version === version);
  if (known === undefined) return released;
  const packages = known.hashes.filter(isPackage);
  const strange = hashes.filter((hash) => isPackage(hash) && !packages.includes(hash));
  if (packages.length > 0 && strange.length > 0) {
    throw new Failure(
      `the registry gives other packages of ${address} ${version} than those that are locked: ${strange.join(', ')}\n    a release never changes: find out why before you trust them. ${file} stays as it was; to take them, remove the provider from it first`,
      EXIT.bad,
    );
  }
  return { ...released, hashes: [...new Set([...known.hashes, ...hashes])].sort() };
}

/** The hash of an archive as it is released, of which the registry lists those of all platforms. */
function isPackage(hash: string): boolean {
  return hash.startsWith('zh:');
}

function distinct(providers: readonly RequiredProvider[]): RequiredProvider[] {
  return [...new Map(providers.map((one) => [one.address, one])).values()];
}

async function askRegistry(
  required: readonly RequiredProvider[],
  tofu: string,
  { environment }: Place,
  file: string,
): Promise<LockedProvider[]> {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-lock-'));
  const lockFile = join(folder, '.terraform.lock.hcl');
  const clean = () => rmSync(folder, { recursive: true, force: true });
  return await withCleaning(clean, async () => {
    const providers = Object.fromEntries(
      required.map(({ name, address, version }) => [name, { source: address, version }]),
    );
    const json = { terraform: { required_providers: providers } };
    writeFileSync(join(folder, STACK_FILE), JSON.stringify(json));
    const result = await runTofu({
      tofu,
      folder,
      args: [
        'providers',
        'lock',
        '-no-color',
        ...PLATFORMS.map((platform) => `-platform=${platform}`),
      ],
      environment: tofuEnvironment(environment),
      deadlineMs: DEADLINE_MS,
    });
    if (result.code !== 0) {
      throw new Failure(
        `the registry did not give what the lock needs: ${complaintOf(result)}\n    ${file} stays as it was; run just lock again where the registry answers`,
      );
    }
    return parseLock(readFileSync(lockFile, 'utf8'));
  });
}

function changeOf(provider: LockedProvider, committed: readonly LockedProvider[]): string {
  const { address, version, hashes } = provider;
  const before = committed.find((one) => one.address === address);
  const lead = `${address} ${version}: ${hashes.length} hashes`;
  if (before === undefined) return `${lead}, new`;
  if (before.version !== version) return `${lead}, was ${before.version}`;
  const added = hashes.filter((hash) => !before.hashes.includes(hash)).length;
  return `${lead}, ${added === 0 ? 'as before' : `${added} of them new`}`;
}

/** Writes the lock whole or not at all, and not when nothing changed. */
function keep(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, text);
  renameSync(whole, file);
}
