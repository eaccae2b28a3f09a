#!/usr/bin/env node
// Runs the TypeScript of this project from a bundle that is made anew when a source has changed.
//
// Loading two hundred files through a transpiler costs more than the whole synthesis. So the sources are bundled once
// (0.3 s), and the compiled code of the bundle is kept beside it, which halves the start once more. Both are a cache under
// node_modules: deleting it costs one slow start.

const { createHash } = require('node:crypto');
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { join, resolve } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { constants, Script } = require('node:vm');

const root = resolve(__dirname, '..');

/** How the first line of a bundle begins. */
const HEAD = '// ';
/** What the bundler puts in the place of libraries. */
const CALLED_LATE = 'called-late';
const SORTED_FAST = 'sorted-fast';

/** Synthesis never pays for the libraries of operators, nor they for the providers. */
const ENTRIES = {
  synth: 'main',
  report: 'main',
  bench: 'bench/run',
  'bench-apply': 'bench/apply',
  'bench-gateway': 'bench/gateway',
};
const entry = ENTRIES[process.argv[2] ?? ''] ?? 'cli';

const cache = join(root, 'node_modules', '.cache', 'flywheel');
const name = entry.replace('/', '-');
const bundleFile = join(cache, `${name}.cjs`);

// A synthesis is over before optimized code has paid for its making, and before garbage that is looked for beside the work has
// been found. The flags stand first, since code that was compiled under other flags is not taken from the cache.
if (entry === 'main') {
  for (const flag of ['--no-opt', '--no-incremental-marking']) setFlagsFromString(flag);
}

process.chdir(root);
const fresh = freshBundle();
if (fresh === undefined) bundle().then(run);
else run(fresh);

/** The bundle that is kept, or undefined when a file that went into it has changed since. */
function freshBundle() {
  try {
    const text = readFileSync(bundleFile, 'utf8');
    return headOf(text).inputs.every(([file, stamp]) => stampOf(file) === stamp) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** What the first line of a bundle says of it: the files it was made of, and a name for its content. */
function headOf(text) {
  return JSON.parse(text.slice(HEAD.length, text.indexOf('\n')));
}

function stampOf(file) {
  const { mtimeMs, size } = statSync(join(root, file));
  return `${mtimeMs}:${size}`;
}

async function bundle() {
  const startedAt = Date.now();
  const { build } = require('esbuild');
  const result = await build({
    absWorkingDir: root,
    entryPoints: [`${entry}.ts`],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Loaded only by the verbs that need them, from where npm put them.
    external: ['esbuild', 'cdktf-cli', '@kubernetes/*', 'xz-decompress', 'zstd-codec'],
    // Code that comes from the cache has lost its way to import(); require() knows both kinds of module since Node 20.19.
    supported: { 'dynamic-import': false },
    // Comments hold the only letters beyond ASCII, and with one of them V8 keeps all of the text at twice its size. Lines
    // stay short for stack traces.
    minifyWhitespace: true,
    lineLimit: 120,
    legalComments: 'none',
    plugins: [
      { name: CALLED_LATE, setup: callLate },
      { name: SORTED_FAST, setup: sortFast },
    ],
    metafile: true,
    write: false,
    logLevel: 'error',
  }).catch(() => process.exit(1));
  const code = result.outputFiles[0].text;
  const own = Object.keys(result.metafile.inputs).filter(
    (file) => !/^(node_modules\/|called-late:|sorted-fast:)/.test(file),
  );
  const inputs = [
    ...own,
    'bin/flywheel.cjs',
    'package-lock.json',
    'node_modules/.package-lock.json',
  ].map((file) => [file, stampOf(file)]);
  const head = JSON.stringify({ hash: hash(code), inputs });
  const text = `${HEAD}${head}\n(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  // A file that was saved meanwhile may be in the bundle as it was before.
  if (own.some((file) => statSync(join(root, file)).mtimeMs >= startedAt)) return text;
  keep(bundleFile, text);
  return text;
}

/** What CDKTF needs for archives and for asking programs their version, which no stack does, is loaded by the first call. */
function callLate({ onResolve, onLoad }) {
  onResolve({ filter: /^(archiver|child_process|semver)$/ }, neededByCdktf(CALLED_LATE));
  // Not in the bundle either: archives are a third of it.
  onLoad({ filter: /.*/, namespace: CALLED_LATE }, ({ path, pluginData }) => ({
    contents: `
      const from = { paths: [${JSON.stringify(pluginData)}] };
      const load = () => require(require.resolve(${JSON.stringify(path)}, from));
      module.exports = new Proxy(function () {}, {
        apply: (_, self, args) => load().apply(self, args),
        get: (_, key) => load()[key],
      });`,
  }));
}

/** Where the library that CDKTF writes JSON with gives way to what writes the same faster. */
function sortFast({ onResolve, onLoad }) {
  onResolve({ filter: /^json-stable-stringify$/ }, neededByCdktf(SORTED_FAST));
  onLoad({ filter: /.*/, namespace: SORTED_FAST }, ({ path, pluginData }) => ({
    resolveDir: pluginData,
    contents: `
      const { stableJson } = require(${JSON.stringify(join(root, 'synthesis/stable-json.ts'))});
      const library = require(${JSON.stringify(path)});
      module.exports = (value, options) => stableJson(value, options) ?? library(value, options);`,
  }));
}

function neededByCdktf(replacement) {
  return ({ path, namespace, importer, resolveDir }) =>
    namespace === 'file' && importer.includes('/cdktf/lib/')
      ? { path, namespace: replacement, pluginData: resolveDir }
      : undefined;
}

function run(text) {
  // V8 takes compiled code for that of any text of the same length, so its file bears the name of the content.
  const codeFile = join(cache, `${name}-${process.version}-${headOf(text).hash}.code`);
  const cachedData = readIfThere(codeFile);
  const script = new Script(text, {
    filename: bundleFile,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, bundleFile, cache);
  if (cachedData === undefined || script.cachedDataRejected) {
    // At the end, when the functions that a run needs have been compiled.
    process.once('exit', () => {
      removeCompiled();
      keep(codeFile, script.createCachedData());
    });
  }
}

/** Removes the compiled code of earlier bundles. */
function removeCompiled() {
  try {
    const isCompiled = (file) => file.startsWith(`${name}-v`) && file.endsWith('.code');
    for (const file of readdirSync(cache).filter(isCompiled)) rmSync(join(cache, file));
  } catch {
    // Another run may have removed them.
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
