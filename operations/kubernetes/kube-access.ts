import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';

/** How the API server is reached, and under which names the person knows it. */
export interface KubeAccess {
  readonly config: KubeConfig;
  /** Where it comes from, for messages. */
  readonly source: string;
  /** True where the providers of tofu would find the same. */
  readonly seenByTofu: boolean;
  /** True in a pod with an account of its own, where the cluster has no name. */
  readonly inPod: boolean;
  readonly context: string;
  readonly cluster: string;
  readonly server: string;
}

const ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Variables by which the providers of tofu would go past the kubeconfig, to where nobody has looked. */
const WAYS_AROUND = [
  'KUBE_CLIENT_CERT_DATA',
  'KUBE_CLUSTER_CA_CERT_DATA',
  'KUBE_CTX_AUTH_INFO',
  'KUBE_CTX_CLUSTER',
  'KUBE_HOST',
  'KUBE_PASSWORD',
  'KUBE_TOKEN',
  'KUBE_USER',
];

/**
 * Finds the cluster as the providers of tofu find it: `KUBE_CONFIG_PATH` or `KUBE_CONFIG_PATHS` with `KUBE_CTX`, else the
 * account of the pod. Where neither is given, what kubectl would take: `KUBECONFIG`, then `~/.kube/config`.
 *
 * @throws Failure where nothing is given, or where the environment would lead tofu to another cluster
 */
export function findCluster(environment: NodeJS.ProcessEnv = process.env): KubeAccess {
  refuseWaysAround(environment);
  const config = new KubeConfig();
  const source = sourceOf(environment);
  if (source.kind === 'pod') config.loadFromCluster();
  else loadFiles(source.files, config);
  chooseContext(config, source.said, environment.KUBE_CTX);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new Failure(
      `${source.said} has no cluster for its context ${JSON.stringify(config.currentContext)}; name another with KUBE_CTX`,
      EXIT.usage,
    );
  }
  return {
    config,
    source: source.said,
    seenByTofu: source.seenByTofu,
    inPod: source.kind === 'pod',
    context: config.currentContext,
    cluster: cluster.name,
    server: cluster.server,
  };
}

function refuseWaysAround(environment: NodeJS.ProcessEnv): void {
  const set = WAYS_AROUND.filter((name) => (environment[name] ?? '') !== '');
  if (set.length === 0) return;
  throw new Failure(
    `${set.join(', ')} would lead tofu past the kubeconfig, to a cluster that is not checked\n    unset it, and choose the cluster with KUBE_CONFIG_PATH and KUBE_CTX`,
    EXIT.usage,
  );
}

interface Source {
  readonly kind: 'files' | 'pod';
  readonly said: string;
  readonly files: readonly string[];
  readonly seenByTofu: boolean;
}

function sourceOf(environment: NodeJS.ProcessEnv): Source {
  const home = environment.HOME ?? homedir();
  const given = (name: string) => (environment[name] ?? '').split(delimiter).filter(Boolean);
  for (const name of ['KUBE_CONFIG_PATH', 'KUBE_CONFIG_PATHS']) {
    const files = given(name).map((file) => file.replace(/^~(?=\/)/, home));
    if (files.length > 0) return fromFiles(name, files, true);
  }
  if ((environment.KUBERNETES_SERVICE_HOST ?? '') !== '' && existsSync(ACCOUNT_TOKEN)) {
    return { kind: 'pod', said: 'the account of this pod', files: [], seenByTofu: true };
  }
  const files = given('KUBECONFIG').filter(existsSync);
  if (files.length > 0) return fromFiles('KUBECONFIG', files, false);
  const own = join(home, '.kube', 'config');
  if (existsSync(own)) return fromFiles(own, [own], false);
  throw new Failure(
    'no cluster is named: set KUBE_CONFIG_PATH to a kubeconfig, and KUBE_CTX to its context',
  );
}

function fromFiles(said: string, files: readonly string[], seenByTofu: boolean): Source {
  return { kind: 'files', said, files, seenByTofu };
}

function loadFiles(files: readonly string[], config: KubeConfig): void {
  files.forEach((file, index) => {
    const part = index === 0 ? config : new KubeConfig();
    try {
      part.loadFromFile(file);
    } catch (error) {
      // A parser quotes what it stumbles over, and a kubeconfig holds keys.
      const code = (error as NodeJS.ErrnoException).code;
      throw new Failure(
        code === undefined
          ? `${file} is no kubeconfig that can be read`
          : `${file} cannot be read: ${code}`,
      );
    }
    if (index > 0) config.mergeConfig(part, true);
  });
}

function chooseContext(config: KubeConfig, said: string, wanted: string | undefined): void {
  const names = config.getContexts().map(({ name }) => name);
  const chosen = wanted === undefined || wanted === '' ? config.currentContext : wanted;
  if (!names.includes(chosen)) {
    const problem =
      chosen === '' || chosen === undefined
        ? `${said} chooses no context`
        : `${said} has no context ${chosen}`;
    throw new Failure(`${problem}; name one with KUBE_CTX: ${names.join(', ')}`, EXIT.usage);
  }
  config.setCurrentContext(chosen);
}
