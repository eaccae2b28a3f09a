import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readCharts } from '../../../config/charts.ts';
import { installProviders } from '../../../operations/providers/install-providers.ts';
import { requiredProviders } from '../../../operations/providers/required-providers.ts';
import { type PublishedStack, publishedStacks } from '../../../operations/published-stacks.ts';
import { missingPrograms } from '../../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../../operations/rehearsal/cluster/own-cluster.ts';
import { REHEARSAL_ROOT } from '../../../operations/rehearsal/folder.ts';
import { missingOf } from '../../../operations/rehearsal/installed.ts';
import { type RunningStore, startStore } from '../../../operations/rehearsal/store/store.ts';
import { tofuEnvironment } from '../../../operations/tofu/tofu-environment.ts';
import { locate } from '../../../operations/tools/locate.ts';
import { storeEnvironment } from '../tofu-folder.ts';
import { giveSecrets } from './given-secrets.ts';
import { StackRun } from './stack-run.ts';
import { settingsWith, writeSettings } from './variants.ts';

/** The folder that holds the archives of the pinned charts. */
const CHARTS_VARIABLE = 'FLYWHEEL_CHARTS';

/** The stacks in the order of the bootstrap. */
export const BOOTSTRAP = ['attic', 'gitlab-runners', 'arc-runners', 'runner-dashboard'] as const;
export type StackName = (typeof BOOTSTRAP)[number];

/** Why the stacks cannot be applied here; empty when they can. */
export async function missingForStacks(): Promise<string[]> {
  const programs = [...(await missingOf(['tofu', 'versitygw'])), ...(await missingPrograms())];
  return [...programs, ...missingCharts()];
}

function missingCharts(): string[] {
  const folder = process.env[CHARTS_VARIABLE] ?? '';
  if (folder === '') {
    return [`${CHARTS_VARIABLE} names no folder of charts (just charts-pull fills one)`];
  }
  const missing = Object.values(readCharts()).filter(
    ({ archive }) => !existsSync(join(folder, archive)),
  );
  return missing.map(({ archive }) => `${folder} holds no ${archive} (just charts-pull ${folder})`);
}

/** A cluster with nothing in it, a store for the state, and the four stacks of tinyland, synthesized with charts from a folder. */
export interface Ground {
  readonly folder: string;
  readonly settings: string;
  readonly cluster: OwnCluster;
  readonly launched: Launched;
  readonly store: RunningStore;
  /** What an operator has in the environment: the cluster, the settings, the store. */
  readonly environment: NodeJS.ProcessEnv;
  readonly stacks: Readonly<Record<StackName, StackRun>>;
  stop(): Promise<void>;
}

/** Starts the ground; what cannot be started leaves nothing behind. */
export async function startGround(): Promise<Ground> {
  const folder = makeFolder();
  const started: (() => Promise<void> | void)[] = [
    () => rmSync(folder, { recursive: true, force: true }),
  ];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    const settings = writeSettings(folder, settingsWith(join(folder, 'charts')));
    const name = `l3-${randomBytes(4).toString('hex')}`;
    const launched = await launchCluster({ name, settings });
    started.push(() => launched.stop());
    const cluster = await ownCluster(name);
    started.push(() => cluster.api.close());
    const store = await startStore({ kind: 'versitygw' });
    started.push(() => store.stop());
    const environment = environmentOf(folder, { settings, cluster, store });
    giveSecrets(join(folder, 'given'));
    const stacks = await prepareStacks(environment);
    return { folder, settings, cluster, launched, store, environment, stacks, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Charts are taken from a folder of the project, so a copy lies in what Git ignores. No name of a cluster holds a dot. */
function makeFolder(): string {
  mkdirSync(REHEARSAL_ROOT, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(REHEARSAL_ROOT, 'stacks.'));
  mkdirSync(join(folder, 'charts'));
  const from = process.env[CHARTS_VARIABLE] ?? '';
  for (const file of readdirSync(from).filter((name) => name.endsWith('.tgz'))) {
    cpSync(join(from, file), join(folder, 'charts', file));
  }
  return folder;
}

function environmentOf(
  folder: string,
  { settings, cluster, store }: Pick<Ground, 'settings' | 'cluster' | 'store'>,
): NodeJS.ProcessEnv {
  const { KUBECONFIG: _, ...inherited } = tofuEnvironment(process.env);
  const own = (name: string) => resolve(folder, name);
  return {
    ...inherited,
    ...storeEnvironment(store),
    AWS_EC2_METADATA_DISABLED: 'true',
    FLYWHEEL_CONFIG: settings,
    CDKTF_OUTDIR: own('cdktf.out'),
    KUBE_CONFIG_PATH: cluster.kubeconfig,
    KUBE_CTX: cluster.context,
    XDG_STATE_HOME: own('state'),
    HELM_CACHE_HOME: own('helm/cache'),
    HELM_CONFIG_HOME: own('helm/config'),
    HELM_DATA_HOME: own('helm/data'),
    TMPDIR: process.env.TMPDIR ?? tmpdir(),
  };
}

/** Synthesizes as a person does, and installs the providers of every stack. */
async function prepareStacks(
  environment: NodeJS.ProcessEnv,
): Promise<Readonly<Record<StackName, StackRun>>> {
  const words = ['bin/flywheel.mjs', 'synth'];
  const { status, stderr } = spawnSync(process.execPath, words, {
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the stacks cannot be synthesized: ${stderr}`);
  const located = await locate('tofu');
  if (located.status === 'missing') throw new Error(located.because);
  const published = publishedStacks([], environment);
  const runs = new Map<string, StackRun>();
  for (const stack of published) {
    await install(stack, located.path, environment);
    runs.set(stack.name, new StackRun(stack.name, stack.folder, located.path, environment));
  }
  return Object.fromEntries(runs) as Record<StackName, StackRun>;
}

async function install(
  { folder, json }: PublishedStack,
  tofu: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const required = requiredProviders(json);
  const installed = await installProviders({ tofu, folder, required, environment });
  if (installed.status === 'missing') throw new Error(installed.because);
}
