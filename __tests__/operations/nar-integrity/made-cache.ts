import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { encodeBase32 } from '../../../operations/nar-integrity/nix-hash.ts';
import { serve, type TestServer } from '../../support/http-server.ts';
import { makeNar, type Tree } from './nar-maker.ts';

/** A path of a cache that a test has made. */
export interface MadePath {
  readonly hash: string;
  readonly storePath: string;
  readonly narinfo: string;
  readonly nar: Buffer;
  /** As it is sent. */
  readonly body: Buffer;
}

/** How a path differs from a good one. */
export interface MadeHow {
  readonly name?: string;
  readonly tree?: Tree;
  readonly compression?: keyof typeof COMPRESS;
  /** Field by field; undefined leaves one out. */
  readonly fields?: Readonly<Record<string, string | undefined>>;
  /** Attic states neither FileHash nor FileSize. @default false */
  readonly likeAttic?: boolean;
  /** Signs the narinfo as it is in the end. @default KEY */
  readonly signer?: { readonly privateKey: Parameters<typeof sign>[2] } | undefined;
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const X = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
const KEY = { privateKey };

/** The key that signs what is made, as Nix writes it. */
export const MADE_KEY = `main:${X.toString('base64')}`;

const COMPRESS = {
  none: (nar: Buffer) => nar,
  br: (nar: Buffer) => brotliCompressSync(nar),
  gzip: (nar: Buffer) => gzipSync(nar),
  zstd: (nar: Buffer) => rawFrames(nar),
};

const TREE: Tree = {
  directory: {
    bin: { directory: { hello: { file: Buffer.alloc(3000, 'hello '), executable: true } } },
    readme: { file: Buffer.from('read me') },
  },
};

/** Frames of zstd in which nothing is compressed, each of at most 1000 bytes. */
function rawFrames(bytes: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1000) {
    const content = bytes.subarray(at, at + 1000);
    const block = Buffer.alloc(3);
    block.writeUIntLE((content.length << 3) | 1, 0, 3);
    frames.push(Buffer.from('28b52ffd0058', 'hex'), block, content);
  }
  return Buffer.concat(frames);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** A hash as a narinfo states it. */
export function hashField(bytes: Uint8Array): string {
  return `sha256:${encodeBase32(sha256(bytes))}`;
}

/** Makes a path with its narinfo and body, good but for what is said. */
export function makePath(how: MadeHow = {}): MadePath {
  const { name = 'hello', tree = TREE, compression = 'zstd', fields = {}, likeAttic = false } = how;
  const nar = makeNar(tree);
  const body = COMPRESS[compression](nar);
  const hash = encodeBase32(sha256(Buffer.from(name)).subarray(0, 20));
  const storePath = `/nix/store/${hash}-${name}`;
  const stated = Object.entries({
    StorePath: storePath,
    URL: `nar/${hash}.nar`,
    Compression: compression,
    FileHash: likeAttic ? undefined : hashField(body),
    FileSize: likeAttic ? undefined : String(body.length),
    NarHash: hashField(nar),
    NarSize: String(nar.length),
    References: '',
    ...fields,
  }).filter((field): field is [string, string] => field[1] !== undefined);
  const signer = 'signer' in how ? how.signer : KEY;
  const lines = [...stated, ...(signer === undefined ? [] : [signature(stated, signer)])];
  const narinfo = lines.map(([field, value]) => `${field}: ${value}\n`).join('');
  return { hash, storePath, narinfo, nar, body };
}

function signature(
  stated: readonly (readonly [string, string])[],
  signer: { readonly privateKey: Parameters<typeof sign>[2] },
): [string, string] {
  const { StorePath, NarHash, NarSize, References = '' } = Object.fromEntries(stated);
  const references = References.split(' ')
    .filter(Boolean)
    .map((base) => `/nix/store/${base}`);
  const text = ['1', StorePath, NarHash, NarSize, references.join(',')].join(';');
  return ['Sig', `main:${sign(null, Buffer.from(text), signer.privateKey).toString('base64')}`];
}

/** Answers a request. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers by the path that is asked for. */
export type Answers = Readonly<Record<string, Answer>>;

/** Serves paths as the cache `main`; what `answers` names is answered by that instead. */
export function serveCache(paths: readonly MadePath[], answers: Answers = {}): Promise<TestServer> {
  const routes = new Map<string, Answer>([
    ['/main/nix-cache-info', (response) => void response.end('StoreDir: /nix/store\n')],
    ...paths.flatMap(({ hash, narinfo, body }): [string, Answer][] => [
      [`/main/${hash}.narinfo`, (response) => void response.end(narinfo)],
      [`/main/nar/${hash}.nar`, whole(body)],
    ]),
    ...Object.entries(answers),
  ]);
  return serve((request, response) => {
    const answer = routes.get(request.url?.split('?')[0] ?? '') ?? status(404);
    answer(response, request);
  });
}

/** Sends a body with its length. */
export function whole(body: Buffer): Answer {
  return (response) => void response.writeHead(200, { 'content-length': body.length }).end(body);
}

/** Sends a body without its length, as Attic does when it puts chunks together. */
export function streamed(body: Buffer): Answer {
  return (response) => {
    response.writeHead(200).write(body.subarray(0, 10));
    response.end(body.subarray(10));
  };
}

/** Sends the beginning of a body, and then closes the connection. */
export function cut(body: Buffer, at: number, isAnnounced = true): Answer {
  return (response) => {
    response.writeHead(200, isAnnounced ? { 'content-length': body.length } : {});
    response.write(body.subarray(0, at), () => response.destroy());
  };
}

/** Answers without what was asked for. */
export function status(code: number, headers = {}, text = ''): Answer {
  return (response) => void response.writeHead(code, headers).end(text);
}

/** The way to the body of a path, answered by what is made of that path. */
export function atBody(answer: (path: MadePath) => Answer): (path: MadePath) => Answers {
  return (path) => ({ [`/main/nar/${path.hash}.nar`]: answer(path) });
}

/** The way to the narinfo of a path. */
export function atNarinfo(answer: Answer): (path: MadePath) => Answers {
  return ({ hash }) => ({ [`/main/${hash}.narinfo`]: answer });
}
