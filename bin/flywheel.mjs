#!/usr/bin/env node
// Runs the TypeScript of this project from a bundle that is made anew when a source has changed.
//
// Loading two hundred files through a transpiler costs more than the whole synthesis. So the sources are bundled once
// (0.3 s), and the compiled code of the bundle is kept beside it, which halves the start once more. Both are a cache under
// node_modules: deleting it costs one slow start.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { constants, Script } from 'node:vm';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(join(root, 'package.json'));

/** Synthesis never pays for the libraries of operators, nor they for the providers. */
const ENTRIES = { synth: 'main', report: 'main', bench: 'bench/run', 'bench-apply': 'bench/apply' };
const entry = ENTRIES[process.argv[2] ?? ''] ?? 'cli';

const cache = join(root, 'node_modules', '.cache', 'flywheel');
const paths = {
  bundle: join(cache, `${entry.replace('/', '-')}.cjs`),
  inputs: join(cache, `${entry.replace('/', '-')}.json`),
  code: join(cache, `${entry.replace('/', '-')}-${process.version}.code`),
};

// A synthesis is over before optimized code has paid for its making. Without it the stacks of tinyland take 0.28 s of
// processor time and 94 MiB instead of 0.43 s and 105, and those of a thousand pools 2.6 s and 230 MiB instead of 3.1 s
// and 240 (Node 20). A smaller young generation would save as much, and can only be asked for when Node starts. The flag
// stands first: it saves 4 MiB in what runs before the script, and code that was compiled under other flags is not taken
// from the cache.
if (entry === 'main') setFlagsFromString('--no-opt');

process.chdir(root);
run((await isFresh()) ? readFileSync(paths.bundle, 'utf8') : await bundle());

/** True when no file that went into the bundle has changed since. */
async function isFresh() {
  try {
    const { inputs, bundleHash } = JSON.parse(readFileSync(paths.inputs, 'utf8'));
    if (bundleHash !== hash(readFileSync(paths.bundle))) return false;
    return inputs.every(({ file, stamp }) => stampOf(file) === stamp);
  } catch {
    return false;
  }
}

function stampOf(file) {
  const { mtimeMs, size } = statSync(join(root, file));
  return `${mtimeMs}:${size}`;
}

async function bundle() {
  const startedAt = Date.now();
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: root,
    entryPoints: [`${entry}.ts`],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Loaded only by the verbs that need them, from where npm put them.
    external: ['esbuild', 'cdktf-cli', '@aws-sdk/*', '@kubernetes/*'],
    // Code that comes from the cache has lost its way to import(); require() knows both kinds of module since Node 20.19.
    supported: { 'dynamic-import': false },
    metafile: true,
    write: false,
    logLevel: 'error',
  }).catch(() => process.exit(1));
  const text = result.outputFiles[0].text;
  const own = Object.keys(result.metafile.inputs).filter(
    (file) => !file.startsWith('node_modules/'),
  );
  const inputs = [
    ...own,
    'bin/flywheel.mjs',
    'package-lock.json',
    'node_modules/.package-lock.json',
  ].map((file) => ({
    file,
    stamp: stampOf(file),
  }));
  // A file that was saved meanwhile may be in the bundle as it was before.
  if (own.some((file) => statSync(join(root, file)).mtimeMs >= startedAt)) return text;
  keep(paths.bundle, text);
  keep(paths.inputs, JSON.stringify({ bundleHash: hash(text), inputs }));
  return text;
}

function run(text) {
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  const cachedData = readIfThere(paths.code);
  const script = new Script(wrapped, {
    filename: paths.bundle,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, paths.bundle, cache);
  if (cachedData === undefined || script.cachedDataRejected) {
    // At the end, when the functions that a run needs have been compiled.
    process.once('exit', () => keep(paths.code, script.createCachedData()));
  }
}

function hash(content) {
  return createHash('sha1').update(content).digest('hex');
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Writes a cache file whole or not at all; a checkout that cannot be written to just stays slow. */
function keep(file, content) {
  try {
    mkdirSync(cache, { recursive: true });
    const whole = `${file}.${process.pid}`;
    writeFileSync(whole, content);
    renameSync(whole, file);
  } catch {
    // Nothing depends on the cache.
  }
}
