// Shows that the successor of CDKTF takes over: the same project with `cdktf` replaced by an npm alias synthesizes the same
// JSON, but for the version that it writes about itself and for blanks in empty objects.
//
// Usage: node tools/cdktn-check/check.mjs. It works on a copy in a temporary folder, needs the npm registry or its cache, and
// takes about a minute. Exit code: 0 the same, 2 something else differs, 1 it could not be tried.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SUCCESSOR = 'npm:cdktn@0.24.0';
/** The successor wants 10.6 or 10.7. */
const CONSTRUCTS = '10.7.2';
const EXAMPLES = ['minimal', 'single-node-r2', 'tinyland'];
const BINDINGS = ['aws', 'helm', 'kubernetes'].map((name) => `@cdktf/provider-${name}`);
const NOT_COPIED = new Set(['node_modules', 'cdktf.out', '.git', 'coverage', '__tests__', 'tools']);

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const work = mkdtempSync(join(tmpdir(), 'flywheel-cdktn-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));

const copy = join(work, 'project');
cpSync(root, copy, {
  recursive: true,
  filter: (path) => !NOT_COPIED.has(basename(path)) || path === root,
});
const versions = takeSuccessor();
run(copy, 'npm', ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']);

const differences = EXAMPLES.flatMap((example) => {
  const ours = synthesize(root, example, 'cdktf');
  const theirs = synthesize(copy, example, 'cdktn');
  requireSuccessor(theirs);
  const files = new Set([...filesBelow(ours), ...filesBelow(theirs)]);
  const found = [...files].flatMap((file) =>
    differencesOf(file, join(ours, file), join(theirs, file)),
  );
  process.stdout.write(
    `${example}: ${files.size} files, ${found.length} differences that matter\n`,
  );
  return found.map((line) => `${example}/${line}`);
});
for (const line of differences) process.stderr.write(`${line}\n`);
process.exitCode = differences.length === 0 ? 0 : 2;

/** Replaces CDKTF in the copy and returns the versions that may stand in the place of each other. */
function takeSuccessor() {
  const file = join(copy, 'package.json');
  const project = JSON.parse(readFileSync(file, 'utf8'));
  const before = project.dependencies.cdktf;
  project.dependencies = { ...project.dependencies, cdktf: SUCCESSOR, constructs: CONSTRUCTS };
  // Bindings ask for their own CDKTF; an override hands them the alias.
  project.overrides = Object.fromEntries(
    BINDINGS.map((name) => [name, { cdktf: '$cdktf', constructs: '$constructs' }]),
  );
  const needed = new Set([...BINDINGS, 'esbuild']);
  project.devDependencies = Object.fromEntries(
    Object.entries(project.devDependencies).filter(([name]) => needed.has(name)),
  );
  writeFileSync(file, JSON.stringify(project, undefined, 2));
  return { before, after: SUCCESSOR.split('@').at(-1) };
}

function synthesize(project, example, name) {
  const outdir = join(work, name, example);
  const environment = { FLYWHEEL_CONFIG: `config/${example}.yaml`, CDKTF_OUTDIR: outdir };
  run(project, process.execPath, ['bin/flywheel.cjs', 'synth', '--json'], environment);
  return outdir;
}

function run(cwd, command, args, environment = {}) {
  const { status, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  if (status === 0) return;
  const reason = error?.message ?? `exit ${status}`;
  process.stderr.write(`${command} ${args.join(' ')}: ${reason}\n${stderr}`);
  process.exit(1);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** A comparison of CDKTF with itself would show nothing. */
function requireSuccessor(outdir) {
  const { version } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
  if (version === versions.after) return;
  process.stderr.write(`the copy was synthesized by ${version}, not by ${versions.after}\n`);
  process.exit(1);
}

/** The lines in which two files differ, once what may differ is made equal. */
function differencesOf(file, left, right) {
  const [ours, theirs] = [comparable(left), comparable(right)];
  if (ours === undefined || theirs === undefined) return [`${file}: only one of the two has it`];
  const length = Math.max(ours.length, theirs.length);
  const at = Array.from({ length }, (_, index) => index).find(
    (index) => ours[index] !== theirs[index],
  );
  return at === undefined ? [] : [`${file}:${at + 1}: ${ours[at]} | ${theirs[at]}`];
}

function comparable(file) {
  try {
    return readFileSync(file, 'utf8')
      .replaceAll(`"version": "${versions.after}"`, `"version": "${versions.before}"`)
      .replaceAll(/\{\s+\}/g, '{}')
      .replaceAll(/\[\s+\]/g, '[]')
      .split('\n');
  } catch {
    return undefined;
  }
}
