import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT } from '../../../console/exit-code.ts';
import { Failure } from '../../../console/failure.ts';
import { installProviders } from '../../providers/install-providers.ts';
import { requiredProviders } from '../../providers/required-providers.ts';
import { type PublishedStack, publishedStacks } from '../../published-stacks.ts';
import { secretsOf } from '../../secrets/required.ts';
import { STACK_ORDER, type StackName } from '../../stack-order.ts';
import { tofuEnvironment } from '../../tofu/tofu-environment.ts';
import { missingPrograms } from '../cluster/installed.ts';
import { launchCluster } from '../cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../cluster/own-cluster.ts';
import { REHEARSAL_ROOT } from '../folder.ts';
import { missingOf, requireInstalled } from '../installed.ts';
import { type Launched, launch } from '../launch.ts';
import type { StoreRecord } from '../store/folder.ts';
import { awsVariables, stateVariables } from '../store/variables.ts';
import { copyCharts } from './charts.ts';
import { giveSecrets } from './given-values.ts';
import { rehearsedSettings, writeSettings } from './settings.ts';
import { StackRun, type Watch } from './stack-run.ts';

const STORE = 'versitygw';

/** Providers that talk to nothing but the cluster. Any other would reach outside of this machine. */
const LOCAL_PROVIDERS = new Set(['kubernetes', 'helm']);

/** What a ground is made from. */
export interface GroundOptions {
  /** A settings file. */
  readonly settings: string;
  /** A folder that holds the archives of the pinned charts. */
  readonly charts: string;
  /** Which stacks are prepared. @default - all */
  readonly stacks?: readonly StackName[];
  readonly watch?: Watch;
  /** Hears what is being started. */
  readonly onStart?: (what: string) => void;
}

/** A cluster with nothing in it, a store for the state, and stacks that were synthesized with charts from a folder. */
export interface Ground {
  /** Names the cluster and the store. */
  readonly name: string;
  readonly folder: string;
  /** The settings file as it is rehearsed. */
  readonly settings: string;
  readonly cluster: OwnCluster;
  /** Seconds until the cluster was ready. */
  readonly clusterSec: number;
  /** Seconds until the store was ready. */
  readonly storeSec: number;
  /** What leads the recipes to the state. */
  readonly stateVariables: Readonly<Record<string, string>>;
  /** What an operator has in the environment: the cluster, the settings, the store. */
  readonly environment: NodeJS.ProcessEnv;
  /** In the order of the bootstrap. */
  readonly stacks: Readonly<Record<StackName, StackRun>>;
  /** Lets cluster and store live on when this process ends. */
  keep(): Promise<void>;
  /** Ends all of it, and leaves nothing. */
  stop(): Promise<void>;
}

/** The programs of a ground that are not there, as sentences; empty when all are. */
export async function missingTools(): Promise<string[]> {
  return [...(await missingOf(['tofu', STORE])), ...(await missingPrograms())];
}

/**
 * Starts the ground; what cannot be started leaves nothing behind.
 *
 * @throws Failure for a stack that would reach outside of this machine, and for providers that cannot be had
 */
export async function startGround(options: GroundOptions): Promise<Ground> {
  const name = `stacks-${randomBytes(4).toString('hex')}`;
  const folder = makeFolder(name);
  // Cluster, store and tofu go with this process by themselves; nobody else removes the folder.
  const remove = () => removeFolder(folder);
  process.once('exit', remove);
  const started: (() => Promise<void> | void)[] = [remove];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
    process.off('exit', remove);
  };
  const say = (what: string) => {
    options.watch?.signal?.throwIfAborted();
    options.onStart?.(what);
  };
  try {
    const { settings, environment } = prepare(folder, options);
    say('synth');
    const published = synthesize(options, environment);
    giveSecrets(join(folder, 'given'), published.flatMap(secretsOf));
    say('providers');
    const { tofu } = await requireInstalled('stack', ['tofu']);
    await requireProviders(published, tofu, environment, options.watch?.signal);
    say(`cluster ${name}`);
    const launched = await launchCluster({ name, settings });
    started.push(() => launched.stop());
    const cluster = await ownCluster(name);
    started.push(() => cluster.api.close());
    say(`store ${name}`);
    const store = await launchStore(name, settings);
    started.push(() => store.stop());
    const facts = factsOf(store);
    const complete = { ...environment, ...clusterVariables(cluster), ...awsVariables(facts) };
    const runs = published.map(({ name: stack, folder: place }) => [
      stack,
      new StackRun(stack, place, tofu, complete, options.watch),
    ]);
    return {
      name,
      folder,
      settings,
      cluster,
      clusterSec: launched.record.readySec ?? 0,
      storeSec: store.record.readySec ?? 0,
      stateVariables: stateVariables(facts),
      environment: complete,
      stacks: Object.fromEntries(runs),
      keep: async () => {
        await launched.keep();
        await store.keep();
        cluster.api.close();
        started.splice(0);
        process.off('exit', remove);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** No name of a cluster holds a dot, so this is the folder of none. */
function makeFolder(name: string): string {
  mkdirSync(REHEARSAL_ROOT, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(REHEARSAL_ROOT, `${name}.`));
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  try {
    rmdirSync(REHEARSAL_ROOT);
  } catch {
    // Something else is in it.
  }
}

/** Writes what is rehearsed into the folder. Nothing that a shell has for a real cluster or a real store is taken over. */
function prepare(folder: string, options: GroundOptions) {
  const charts = join(folder, 'charts');
  copyCharts(options.charts, charts);
  const settings = writeSettings(folder, rehearsedSettings(options.settings, charts));
  const own = (name: string) => resolve(folder, name);
  const inherited = Object.entries(tofuEnvironment(process.env)).filter(
    ([name]) => !/^(KUBE|FLYWHEEL_|HELM_)/.test(name),
  );
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    FLYWHEEL_CONFIG: resolve(settings),
    CDKTF_OUTDIR: own('cdktf.out'),
    HELM_CACHE_HOME: own('helm/cache'),
    HELM_CONFIG_HOME: own('helm/config'),
    HELM_DATA_HOME: own('helm/data'),
  };
  return { settings, environment };
}

function clusterVariables({ kubeconfig, context, stateHome }: OwnCluster): NodeJS.ProcessEnv {
  return { KUBE_CONFIG_PATH: kubeconfig, KUBE_CTX: context, XDG_STATE_HOME: stateHome };
}

/** Synthesizes as a person does. */
function synthesize(
  { stacks = STACK_ORDER }: GroundOptions,
  environment: NodeJS.ProcessEnv,
): PublishedStack[] {
  const { status, stderr } = spawnSync(process.execPath, ['bin/flywheel.cjs', 'synth'], {
    env: environment,
    encoding: 'utf8',
  });
  if (status !== EXIT.good) throw new Failure(`the stacks cannot be synthesized: ${stderr.trim()}`);
  const published = publishedStacks(stacks, environment);
  for (const stack of published) requireLocal(stack);
  return published;
}

function requireLocal({ name, json }: PublishedStack): void {
  const foreign = requiredProviders(json).filter((one) => !LOCAL_PROVIDERS.has(one.name));
  if (foreign.length === 0) return;
  const others = STACK_ORDER.filter((other) => other !== name).map((other) => `--stack ${other}`);
  throw new Failure(
    `${name} needs the provider ${foreign.map((one) => one.name).join(', ')}, which reaches outside of this machine: a rehearsal does not\n    rehearse the others: ${others.join(' ')}`,
  );
}

function launchStore(name: string, settings: string): Promise<Launched<StoreRecord>> {
  const words = ['store', 'up', '--kind', STORE, '--name', name];
  return launch<StoreRecord>(words, { FLYWHEEL_CONFIG: settings });
}

function factsOf({ record }: Launched<StoreRecord>) {
  if (record.store === undefined) throw new Error('a store that is up says how it is reached');
  return record.store;
}

/** Asked for before anything is started: where they cannot be had, nothing else is of use. */
async function requireProviders(
  published: readonly PublishedStack[],
  tofu: string,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const { name, folder, json } of published) {
    const required = requiredProviders(json);
    const installed = await installProviders({ tofu, folder, required, environment, signal });
    if (installed.status === 'installed') continue;
    throw new Failure(`the providers of ${name} cannot be had: ${installed.because}`);
  }
}
