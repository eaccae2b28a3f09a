import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../console/failure.ts';
import { asObject, at } from '../../policy/model/json.ts';
import { type MaterializedBackend, materialize } from '../settings/materialize.ts';

/** Where a bare tofu keeps what it knows. */
const DATA = '.terraform';
const BACKEND = 'terraform.tfstate';

/**
 * Makes the plain way work: after it, `tofu plan` in the folder of the stack reaches the declared store, with keys of the person
 * by `AWS_*`. It is made of the data folder of the recipes, to which the address of the store is added; so no tofu has to be run
 * with keys of the store.
 *
 * @param data the data folder of the recipes
 * @returns the file for whoever initializes it by hand: `tofu init -reconfigure -backend-config=<file>`
 */
export function makeBareFolder(folder: string, data: string, backend: MaterializedBackend): string {
  const file = materialize(folder, backend);
  const bare = join(folder, DATA);
  const half = `${bare}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { mode: 0o700 });
  const text = JSON.stringify(withEndpoint(join(data, BACKEND), backend), undefined, 2);
  writeFileSync(join(half, BACKEND), text, { mode: 0o600 });
  if (existsSync(join(data, 'providers'))) mirror(join(data, 'providers'), join(half, 'providers'));
  rmSync(bare, { recursive: true, force: true });
  renameSync(half, bare);
  return file;
}

/** As tofu keeps it when it is given the file: what the JSON says is compared by a hash that leaves this out. */
function withEndpoint(file: string, { endpoint, authorities }: MaterializedBackend): unknown {
  const known: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const backend = asObject(at(known, 'backend'));
  const config = asObject(backend.config);
  if (backend.type !== 's3' || !('endpoints' in config)) {
    throw new Failure(`${file} tells of no backend in S3: was it made by another tofu?`);
  }
  const endpoints = { dynamodb: null, iam: null, s3: endpoint, sts: null };
  const trust = authorities === undefined ? {} : { custom_ca_bundle: authorities };
  return {
    ...asObject(known),
    backend: { ...backend, config: { ...config, endpoints, ...trust } },
  };
}

/** Providers have hundreds of megabytes, so files are linked where that can be. */
function mirror(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) mirror(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}
