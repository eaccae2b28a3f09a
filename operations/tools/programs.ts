import type { Pin } from './pin.ts';

/** A folder below tools/, which pins what is built from it. */
export type ToolName =
  | 'tofu'
  | 'etcd'
  | 'kubernetes'
  | 'kwok'
  | 'versitygw'
  | 'minio'
  | 'helm'
  | 'kubeconform'
  | 'bazel-remote'
  | 'caddy'
  | 'promtool'
  | 'rustfs';

/** A program that is built from such a folder. */
export type ProgramName =
  | 'tofu'
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kwok'
  | 'versitygw'
  | 'minio'
  | 'helm'
  | 'kubeconform'
  | 'bazel-remote'
  | 'caddy'
  | 'promtool'
  | 'rustfs';

/** How a program says its version. */
export interface Saying {
  readonly args: readonly string[];
  /** Finds the version, without its v, in what the program prints. */
  readonly pattern: RegExp;
}

/** What is known about one program. Its version stands in the pin alone. */
export interface Program {
  readonly name: ProgramName;
  readonly tool: ToolName;
  readonly language: 'go' | 'rust';
  /** The Go package that is its main, or the crate. */
  readonly source: string;
  /** The Go module, or the crate, whose version is the program's. */
  readonly versionOf: string;
  /** What the linker writes into it, so that it says its version honestly: package variables and values. */
  readonly stamps: (pin: Pin) => Readonly<Record<string, string>>;
  /** Without it, only a built program counts: what it prints does not tell the pinned version from others. */
  readonly says?: Saying;
  /** False for what takes so long to build that it is built only when it is named. */
  readonly always: boolean;
}

/** Builds of others, which say 1.36.3+k3s1, are other programs. */
const VERSION = String.raw`v?(\d+\.\d+\.\d+(?:-[\w.]+)?)`;

function says(args: readonly string[], before: string): Saying {
  return { args, pattern: new RegExp(`${before}${VERSION}(?![\\w.+-])`, 'm') };
}

function minorOf(version: string): string {
  return version.split('.')[1] ?? '';
}

/** Kubernetes says v0.0.0 unless it is told. */
function kubernetes(name: ProgramName): Program {
  const versionOf = 'k8s.io/kubernetes';
  return {
    name,
    tool: 'kubernetes',
    language: 'go',
    source: `k8s.io/kubernetes/cmd/${name}`,
    versionOf,
    stamps: (pin) => ({
      'k8s.io/component-base/version.gitVersion': `v${pin.versionOf(versionOf)}`,
      'k8s.io/component-base/version.gitMajor': '1',
      'k8s.io/component-base/version.gitMinor': minorOf(pin.versionOf(versionOf)),
    }),
    says: says(['--version'], '^Kubernetes '),
    always: true,
  };
}

/** Every program of the rehearsals, in the order in which they are built. */
export const PROGRAMS: readonly Program[] = [
  {
    name: 'tofu',
    tool: 'tofu',
    language: 'go',
    source: 'github.com/opentofu/opentofu/cmd/tofu',
    versionOf: 'github.com/opentofu/opentofu',
    stamps: () => ({ 'github.com/opentofu/opentofu/version.dev': 'no' }),
    says: says(['version'], '^OpenTofu '),
    always: true,
  },
  {
    name: 'etcd',
    tool: 'etcd',
    language: 'go',
    source: 'go.etcd.io/etcd/server/v3',
    versionOf: 'go.etcd.io/etcd/server/v3',
    stamps: () => ({}),
    says: says(['--version'], '^etcd Version: '),
    always: true,
  },
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  kubernetes('kube-scheduler'),
  {
    name: 'kwok',
    tool: 'kwok',
    language: 'go',
    source: 'sigs.k8s.io/kwok/cmd/kwok',
    versionOf: 'sigs.k8s.io/kwok',
    stamps: () => ({}),
    says: says(['--version'], '^kwok version '),
    always: true,
  },
  {
    name: 'versitygw',
    tool: 'versitygw',
    language: 'go',
    source: 'github.com/versity/versitygw/cmd/versitygw',
    versionOf: 'github.com/versity/versitygw',
    stamps: (pin) => ({ 'main.Version': pin.versionOf('github.com/versity/versitygw') }),
    says: says(['--version'], '^Version *: '),
    always: true,
  },
  {
    name: 'helm',
    tool: 'helm',
    language: 'go',
    source: 'helm.sh/helm/v3/cmd/helm',
    versionOf: 'helm.sh/helm/v3',
    // Charts ask for the version of the cluster. Without one, Helm assumes that of its client library, which it must be told.
    stamps: (pin) => ({
      'helm.sh/helm/v3/internal/version.version': `v${pin.versionOf('helm.sh/helm/v3')}`,
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': minorOf(pin.versionOf('k8s.io/client-go')),
      'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor': minorOf(pin.versionOf('k8s.io/client-go')),
    }),
    says: says(['version', '--template', '{{.Version}}'], '^'),
    always: true,
  },
  {
    name: 'minio',
    tool: 'minio',
    language: 'go',
    source: 'github.com/minio/minio',
    versionOf: 'github.com/minio/minio',
    stamps: () => ({}),
    // It prints the day of a release, and the pin is a commit.
    always: true,
  },
  {
    name: 'kubeconform',
    tool: 'kubeconform',
    language: 'go',
    source: 'github.com/yannh/kubeconform/cmd/kubeconform',
    versionOf: 'github.com/yannh/kubeconform',
    stamps: (pin) => ({ 'main.version': `v${pin.versionOf('github.com/yannh/kubeconform')}` }),
    says: says(['-v'], '^'),
    always: true,
  },
  {
    name: 'bazel-remote',
    tool: 'bazel-remote',
    language: 'go',
    source: 'github.com/buchgr/bazel-remote/v2',
    versionOf: 'github.com/buchgr/bazel-remote/v2',
    stamps: (pin) => ({ 'main.gitTags': `v${pin.versionOf('github.com/buchgr/bazel-remote/v2')}` }),
    // It says its version only when it serves.
    always: true,
  },
  {
    name: 'caddy',
    tool: 'caddy',
    language: 'go',
    source: 'github.com/caddyserver/caddy/v2/cmd/caddy',
    versionOf: 'github.com/caddyserver/caddy/v2',
    stamps: (pin) => {
      const version = `v${pin.versionOf('github.com/caddyserver/caddy/v2')}`;
      return { 'github.com/caddyserver/caddy/v2.CustomVersion': version };
    },
    says: says(['version'], '^'),
    always: true,
  },
  {
    name: 'promtool',
    tool: 'promtool',
    language: 'go',
    source: 'github.com/prometheus/prometheus/cmd/promtool',
    versionOf: 'github.com/prometheus/prometheus',
    stamps: () => ({}),
    // It prints the version of Prometheus, which is another one than that of its module.
    always: false,
  },
  {
    name: 'rustfs',
    tool: 'rustfs',
    language: 'rust',
    source: 'rustfs',
    versionOf: 'rustfs',
    stamps: () => ({}),
    says: says(['--version'], '^rustfs '),
    always: false,
  },
];

/** The programs that a name stands for: one of its own name, or all of the tool. */
export function programsNamed(name: string): readonly Program[] {
  return PROGRAMS.filter((program) => program.name === name || program.tool === name);
}

/** What is known about a program. */
export function programNamed(name: ProgramName): Program {
  const program = PROGRAMS.find((known) => known.name === name);
  if (program === undefined) throw new TypeError(`there is no program ${name}`);
  return program;
}
