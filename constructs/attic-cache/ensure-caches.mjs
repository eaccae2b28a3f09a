// Brings the caches of an Attic server to what is declared, and fails where it cannot.
//
// Usage: node ensure-caches.mjs <declaration.json>
// It changes nothing that is as declared, deletes nothing, and prints no secret. Exit code: 0 all caches are as declared,
// 1 at least one is not, with one sentence for each difference.

import { createHmac } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const TOKEN_LIFETIME_SEC = 300;
const STORE_DIR = '/nix/store';
const PAIR = /^([^:\s]+):([A-Za-z0-9+/]{86}==)$/;
const PUBLIC_HALF_AT = 32;

/** A failure that the next attempt will meet again. */
class Fatal extends Error {}

/** A failure that may be over soon: the server starts, or something between is overloaded. */
class Passing extends Error {}

/** The server, as far as it keeps caches. Every method takes the cache as declared. */
class Server {
  constructor(declaration) {
    this.declaration = declaration;
    this.deadline = Date.now() + declaration.waitSec * 1000;
  }

  /** The cache as the server has it, or undefined when there is none of that name. */
  async read({ name }) {
    const { status, text } = await this.patiently('GET', name, ['r']);
    if (status === 404) return undefined;
    if (status !== 200) throw new Fatal(unexpected('reading', status, text));
    try {
      return JSON.parse(text);
    } catch {
      throw new Fatal(`${this.declaration.endpoint} answers with something that is not Attic's`);
    }
  }

  async create(cache, pair) {
    const { status, text } = await this.patiently('POST', cache.name, ['cc'], {
      keypair: { Keypair: pair.text },
      is_public: cache.public,
      store_dir: STORE_DIR,
      priority: cache.priority,
      upstream_cache_key_names: cache.upstreamKeyNames,
    });
    if (status === 404) {
      throw new Fatal(
        `${this.declaration.endpoint} answers 404 where caches are made: it is no Attic server, or the address is wrong`,
      );
    }
    // Somebody else may have been faster; what came of it is compared like any other.
    if (status !== 200 && !text.includes('CacheAlreadyExists')) {
      throw new Fatal(unexpected('creating', status, text));
    }
  }

  /** Sends what differs. With nothing to send the server says 400, and only to those who could have changed something. */
  async configure({ name }, changes) {
    const rights = 'retention_period' in changes ? ['cr', 'cq'] : ['cr'];
    const { status, text } = await this.patiently('PATCH', name, rights, changes);
    const nothingToDo = status === 400 && Object.keys(changes).length === 0;
    if (status !== 200 && !nothingToDo) throw new Fatal(unexpected('configuring', status, text));
  }

  /** One request, again and again until the time is up, as long as what fails may pass. */
  async patiently(...request) {
    const { waitSec, pauseSec } = this.declaration;
    for (;;) {
      try {
        return await this.ask(...request);
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        if (Date.now() + pauseSec * 1000 > this.deadline) {
          throw new Fatal(`${error.message} (given up after ${waitSec} s)`);
        }
        await pause(pauseSec * 1000);
      }
    }
  }

  /** One request, with the rights it needs and no more; the answer, or what its failure means. */
  async ask(method, cache, rights, body) {
    const { endpoint, timeoutSec } = this.declaration;
    let response;
    let text;
    try {
      response = await fetch(`${endpoint}/_api/v1/cache-config/${encodeURIComponent(cache)}`, {
        method,
        headers: {
          authorization: `Bearer ${this.mintToken(cache, rights)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutSec * 1000),
      });
      text = await response.text();
    } catch (error) {
      throw new Passing(`${endpoint} ${connectionFailure(error, timeoutSec)}`);
    }
    const { status } = response;
    if (status === 401 || status === 403) throw new Fatal(this.refusedToken(status));
    if (status === 429 || status >= 500) throw new Passing(`${endpoint} ${serverFailure(status)}`);
    return { status, text };
  }

  /** A token that lives for minutes and has the given rights on one cache. */
  mintToken(cache, rights) {
    const { issuer, audiences, jwtKeyFile } = this.declaration;
    const claims = {
      sub: 'cache-reconciler',
      exp: Math.floor(Date.now() / 1000) + TOKEN_LIFETIME_SEC,
      ...(issuer === undefined ? {} : { iss: issuer }),
      ...(audiences.length === 0 ? {} : { aud: audiences }),
      'https://jwt.attic.rs/v1': {
        caches: { [cache]: Object.fromEntries(rights.map((right) => [right, 1])) },
      },
    };
    const signed = [{ alg: 'HS256', typ: 'JWT' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const key = Buffer.from(readFileSync(jwtKeyFile, 'utf8'), 'base64');
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
  }

  refusedToken(status) {
    const { endpoint, jwtKeySecret } = this.declaration;
    return `${endpoint} is reachable and refuses our token (${status}): the key in the Secret ${jwtKeySecret} is not the one the server verifies with, or issuer and audiences differ`;
  }
}

const CONNECTION_FAILURES = {
  ECONNREFUSED: 'refuses connections: the server is down, or the address is wrong',
  ECONNRESET: 'drops the connection: the server is being replaced, or something between ends it',
  EAI_AGAIN: 'has a name that does not resolve now: the cluster DNS does not answer',
  ENOTFOUND: 'has a name that does not resolve: the address is wrong',
  UND_ERR_SOCKET:
    'drops the connection: the server is being replaced, or something between ends it',
};

function connectionFailure(error, timeoutSec) {
  const code = error.cause?.code ?? error.cause?.errors?.[0]?.code;
  if (error.name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT') {
    return `does not answer within ${timeoutSec} s: the network, or a network policy, is in the way`;
  }
  return CONNECTION_FAILURES[code] ?? `cannot be asked: ${error.cause?.message ?? error.message}`;
}

function serverFailure(status) {
  return status === 429
    ? 'answers 429: it has too much to do'
    : `answers ${status}: it runs and cannot do its work; its log says why, most often database or object store`;
}

function unexpected(doing, status, text) {
  const message = /"message":"([^"]*)"/.exec(text)?.[1];
  return `${doing} was answered with ${status}${message === undefined ? '' : `: ${message}`}`;
}

/** What a PATCH can change, as the server names and writes it. */
function changeable(cache) {
  return {
    is_public: cache.public,
    store_dir: STORE_DIR,
    priority: cache.priority,
    upstream_cache_key_names: [...cache.upstreamKeyNames].sort(),
    retention_period: cache.retentionSec === undefined ? 'Global' : { Period: cache.retentionSec },
  };
}

/** The changeable fields of the server's answer that are not as declared. */
function differing(cache, found) {
  const comparable = (value) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  return Object.fromEntries(
    Object.entries(changeable(cache)).filter(
      ([field, declared]) => comparable(found[field]) !== comparable(declared),
    ),
  );
}

/** The signing pair of a cache, and its public half as Nix writes it. */
function signingPair({ keypairFile, keypairSecret }) {
  const text = readFileSync(keypairFile, 'utf8');
  const [, name, payload] = PAIR.exec(text) ?? [];
  if (payload === undefined) {
    throw new Fatal(
      `the Secret ${keypairSecret} must hold name:base64 of the 64 bytes of an Ed25519 pair, without blanks or a line end`,
    );
  }
  const half = Buffer.from(payload, 'base64').subarray(PUBLIC_HALF_AT).toString('base64');
  return { text, publicKey: `${name}:${half}` };
}

/** One sentence for everything of the server's answer that is not as declared. */
function remaining(cache, address, pair, found) {
  const endpoints = { api_endpoint: address, substituter_endpoint: `${address}${cache.name}` };
  return [
    ...Object.entries(differing(cache, found)).map(
      ([field, declared]) =>
        `${field} is ${JSON.stringify(found[field])} where ${JSON.stringify(declared)} is declared, although it was sent`,
    ),
    ...Object.entries(endpoints)
      .filter(([field, declared]) => found[field] !== declared)
      .map(
        ([field, declared]) =>
          `the server tells clients ${field} ${found[field]} where ${declared} is declared: it runs with another server.toml`,
      ),
    ...(found.public_key === pair.publicKey
      ? []
      : [
          `the server signs with ${found.public_key}, and the pair in the Secret ${cache.keypairSecret} is ${pair.publicKey}: readers who trust the one refuse the other; put the server's pair into the Secret, or give the cache another name`,
        ]),
  ];
}

/** Brings one cache to what is declared; what was done, or an error with everything that still differs. */
async function ensure(server, cache) {
  const pair = signingPair(cache);
  if (cache.publicKey !== undefined && cache.publicKey !== pair.publicKey) {
    throw new Fatal(
      `the settings say publicKey ${cache.publicKey}, and the pair in the Secret ${cache.keypairSecret} is ${pair.publicKey}: one of the two is not of this cache`,
    );
  }
  let found = await server.read(cache);
  const done = found === undefined ? ['created'] : [];
  if (found === undefined) {
    await server.create(cache, pair);
    found = await server.read(cache);
    if (found === undefined) throw new Fatal('it was created and is not there');
  }
  const changes = differing(cache, found);
  await server.configure(cache, changes);
  for (const [field, declared] of Object.entries(changes)) {
    done.push(`${field} ${JSON.stringify(found[field])} -> ${JSON.stringify(declared)}`);
  }
  if (Object.keys(changes).length > 0) found = await server.read(cache);
  const differences = remaining(cache, server.declaration.address, pair, found ?? {});
  if (differences.length > 0) throw new Fatal(differences.join('\n'));
  if (cache.publicKey === undefined) {
    done.push(
      `put this into the settings: attic.caches.${cache.name}.publicKey: ${pair.publicKey}`,
    );
  }
  return done;
}

/** Brings every declared cache to what is declared, says so on the two streams, and returns the exit code. */
export async function ensureCaches(declaration, { stdout, stderr }) {
  const server = new Server(declaration);
  let code = 0;
  for (const cache of declaration.caches) {
    try {
      const done = await ensure(server, cache);
      stdout.write(`${cache.name}: ${done.length === 0 ? 'as declared' : done.join(', ')}\n`);
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      for (const line of error.message.split('\n')) stderr.write(`${cache.name}: ${line}\n`);
      code = 1;
    }
  }
  return code;
}

// The files of a mounted ConfigMap are links, and a program knows itself by the file behind.
if (import.meta.filename === realpathSync(process.argv[1])) {
  const declaration = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  process.exitCode = await ensureCaches(declaration, process);
}
