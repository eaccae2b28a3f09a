import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Place } from '../../../operations/tools/place.ts';

/** What the scripts of these tests start. */
const COMMANDS = ['sh', 'sleep', 'cat', 'chmod', 'mkdir', 'rmdir', 'ps', 'env'];

/** Pins of these tests' own, so that a raised version of the project changes no test. */
const PINS: Readonly<Record<string, readonly string[]>> = {
  tofu: ['github.com/opentofu/opentofu v1.12.6'],
  etcd: ['go.etcd.io/etcd/server/v3 v3.6.5', 'go.uber.org/zap v1.27.0'],
  kubernetes: ['k8s.io/kubernetes v1.36.3'],
  kwok: ['sigs.k8s.io/kwok v0.8.0'],
  versitygw: ['github.com/versity/versitygw v1.8.0'],
  helm: ['helm.sh/helm/v3 v3.21.4', 'k8s.io/client-go v0.36.1'],
  minio: ['github.com/minio/minio v0.0.0-20260212201848-7aac2a2c5b7c'],
  kubeconform: ['github.com/yannh/kubeconform v0.7.0'],
  'bazel-remote': ['github.com/buchgr/bazel-remote/v2 v2.6.2'],
  caddy: ['github.com/caddyserver/caddy/v2 v2.10.2'],
  promtool: ['github.com/prometheus/prometheus v0.308.0'],
};

/**
 * Plays the Go of a machine: says its version, and writes half a program before a whole one, which says the version that the
 * pin says, in the words of all of them. It logs what it was given, and whether
 * another one was at work at the same time.
 */
const GO = `#!/bin/sh
if [ "$1" = env ]; then echo "go\${FAKE_GO_VERSION:-1.26.8}"; echo "\${FAKE_GO_TOOLCHAIN:-local}"; exit 0; fi
for last; do :; done
mkdir "$FAKE_FOLDER/busy" 2>/dev/null || echo "two at once" >> "$FAKE_FOLDER/log"
echo "$GOFLAGS $GOWORK $CGO_ENABLED $*" >> "$FAKE_FOLDER/log"
printf half > "$6"
echo scratch > "$GOTMPDIR/scratch"
sleep "\${FAKE_SECONDS:-0}" &
echo "$$ $!" > "$FAKE_FOLDER/pids"
wait $!
rmdir "$FAKE_FOLDER/busy"
case "$last" in *"\${FAKE_FAILS:-nothing fails}"*)
  echo "# $last" >&2
  echo "\${FAKE_COMPLAINT:-main.go:1:1: syntax error}" >&2
  exit 1
esac
while read -r module version rest; do
  case "$last/" in "$module/"*) pinned=\${FAKE_SAYS:-$version} ;; esac
done < go.mod
cat > "$6" <<END
#!/bin/sh
echo "OpenTofu $pinned"
echo "etcd Version: \${pinned#v}"
echo "Kubernetes $pinned"
echo "kwok version $pinned go1.26.8"
echo "Version  : $pinned"
echo "$pinned"
END
chmod +x "$6"
`;

/** A folder with pinned tools, and a PATH of its own with nothing on it but what a test puts there. */
export class FakeMachine {
  readonly folder = mkdtempSync(join(tmpdir(), 'flywheel-tools-'));
  readonly bin = join(this.folder, 'bin');
  readonly modules = join(this.folder, 'tools');
  readonly built = join(this.folder, '.tools');

  constructor() {
    mkdirSync(this.bin);
    for (const command of COMMANDS) {
      const path = ['/bin', '/usr/bin'].map((at) => join(at, command)).find(existsSync);
      if (path !== undefined) symlinkSync(path, join(this.bin, command));
    }
    for (const [tool, modules] of Object.entries(PINS)) {
      mkdirSync(join(this.modules, tool), { recursive: true });
      const lines = modules.map((module) => `\t${module} // indirect\n`).join('');
      const text = `module tools/${tool}\n\ngo 1.26.6\n\nrequire (\n${lines})\n`;
      writeFileSync(join(this.modules, tool, 'go.mod'), text);
      writeFileSync(join(this.modules, tool, 'go.sum'), '');
    }
    const crate = 'crate = "rustfs"\nversion = "1.0.1"\nrust = "1.98.1"\n';
    mkdirSync(join(this.modules, 'rustfs'));
    writeFileSync(join(this.modules, 'rustfs', 'crate.toml'), crate);
    this.install('go', GO);
  }

  /** Puts a script on PATH. */
  install(name: string, script: string): void {
    writeFileSync(join(this.bin, name), script);
    chmodSync(join(this.bin, name), 0o755);
  }

  environment(settings: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return { PATH: this.bin, FAKE_FOLDER: this.folder, ...settings };
  }

  place(settings: Readonly<Record<string, string>> = {}): Place {
    const environment = this.environment(settings);
    return { modules: this.modules, built: this.built, environment };
  }

  /** Changes the pin of a tool, as a person would. */
  repin(tool: string, from: string, to: string): void {
    const file = join(this.modules, tool, 'go.mod');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
  }

  /** What Go was asked to build, in order. */
  get log(): string[] {
    const file = join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** The processes of the last build. */
  get pids(): number[] {
    const file = join(this.folder, 'pids');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').map(Number) : [];
  }

  /** Every file of the built folder. */
  get files(): string[] {
    const names = existsSync(this.built)
      ? readdirSync(this.built, { recursive: true, withFileTypes: true })
      : [];
    return names
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.built.length + 1))
      .sort();
  }

  /** A checkout in which the real command line runs, with the tools of this machine. Packages are shared, caches are not. */
  checkout(): string {
    for (const part of [
      'cli.ts',
      'config',
      'console',
      'operations',
      'policy',
      'values',
      'backend',
    ]) {
      symlinkSync(resolve(part), join(this.folder, part));
    }
    for (const part of ['package.json', 'package-lock.json']) cpSync(part, join(this.folder, part));
    cpSync('bin/flywheel.cjs', join(this.bin, 'flywheel.cjs'));
    mkdirSync(join(this.folder, 'node_modules'));
    for (const name of readdirSync('node_modules').filter((entry) => entry !== '.cache')) {
      symlinkSync(resolve('node_modules', name), join(this.folder, 'node_modules', name));
    }
    return join(this.bin, 'flywheel.cjs');
  }

  /** Takes back what was built, and what is known of it. */
  forget(): void {
    for (const name of ['.tools', 'busy', 'log', 'pids']) {
      rmSync(join(this.folder, name), { recursive: true, force: true });
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
