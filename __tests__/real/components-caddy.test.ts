import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, type TestContext, test } from 'vitest';
import { freePorts } from '../../operations/rehearsal/ports.ts';
import { eventually } from '../support/cluster-objects.ts';
import { configFile, configFiles } from './components/config-files.ts';
import { scratchFolder, writeText } from './components/scratch.ts';
import { type ServerProcess, startServer } from './components/server-process.ts';
import { StandIn } from './components/stand-in.ts';
import { needsProgram } from './needs.ts';
import { run } from './run-program.ts';

const FILE = 'Caddyfile';
const MIB = 1024 * 1024;
const folder = scratchFolder('caddy');

describe('the public entry, read by Caddy', () => {
  for (const { settings, text } of configFiles(FILE)) {
    test(`is valid in ${settings}, and written as Caddy itself writes it`, async (context) => {
      const caddy = await needsProgram(context, 'caddy');
      const file = writeText(folder, `${settings}-${FILE}`, text);
      for (const args of [
        ['validate', '--adapter', 'caddyfile', '--config', file],
        ['fmt', '--diff', file],
      ]) {
        const { code, stdout, stderr } = await run(caddy, args);
        expect(code, `${stdout}${stderr}`).toBe(0);
      }
    });
  }
});

const NAR = randomBytes(24 * MIB + 17);
/** As Attic signs it; what its keys are made of needs no escape, but the name of the account in the query does. */
const SIGNED =
  '/attic/5a6f0a3e-1.chunk?x-id=GetObject&X-Amz-Credential=KEY%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Expires=600&X-Amz-Signature=cafe&X-Amz-SignedHeaders=host';
const BREAKING = SIGNED.replace('5a6f0a3e-1', 'breaking');
const ELSEWHERE = 'http://elsewhere.invalid/attic/x?X-Amz-Signature=cafe';
const TOKEN = 'Bearer of-attic';

/** Attic and a store that sit behind the entry, as far as it sees them. */
class Surroundings {
  readonly store = new StandIn((incoming, response) => {
    if (incoming.url === BREAKING) {
      response.writeHead(200, { 'content-length': NAR.length });
      response.write(NAR.subarray(0, MIB), () => response.destroy());
      return;
    }
    const [from, to] = /bytes=(\d+)-(\d+)/.exec(incoming.headers.range ?? '')?.slice(1) ?? [];
    const part = from === undefined ? NAR : NAR.subarray(Number(from), Number(to) + 1);
    response.writeHead(from === undefined ? 200 : 206, { 'content-length': part.length });
    response.end(part);
  });
  readonly attic = new StandIn((incoming, response) => {
    const redirects: Record<string, string> = {
      '/main/nar/one.nar': `http://${this.origin}${SIGNED}`,
      '/main/nar/breaking.nar': `http://${this.origin}${BREAKING}`,
      '/main/nar/other.nar': ELSEWHERE,
    };
    const location = redirects[incoming.url ?? ''];
    if (location !== undefined) response.writeHead(307, { location }).end();
    else if (incoming.url === '/nix-cache-info') response.end('StoreDir: /nix/store\n');
    else response.writeHead(404).end('nothing there');
  });
  origin = '';
  address = '';
  private entry: ServerProcess | undefined;

  /** Starts the entry as its pod does, with the addresses of its neighbours, and nothing else, changed. */
  async start(caddy: string): Promise<void> {
    this.origin = await this.store.listen();
    const atticOrigin = await this.attic.listen();
    const [port] = await freePorts(1);
    this.address = `127.0.0.1:${port}`;
    const text = onLoopback(configFile('tinyland', FILE), atticOrigin, this.origin, this.address);
    const file = writeText(folder, FILE, text);
    this.entry = await startServer(caddy, ['run', '--config', file], {
      health: `http://${this.address}/.entry/health`,
      environment: { XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
    });
  }

  get log(): string {
    return this.entry?.said() ?? '';
  }

  async stop(): Promise<number | null | undefined> {
    const code = await this.entry?.stop();
    this.attic.close();
    this.store.close();
    return code;
  }
}

/** The file with its two neighbours and its own port on loopback. */
function onLoopback(text: string, attic: string, store: string, own: string): string {
  const origins = [...text.matchAll(/reverse_proxy http:\/\/(\S+) \{/g)].map(([, at = '']) => at);
  const [declaredAttic = '', declaredStore = ''] = origins;
  expect(origins).toHaveLength(2);
  const dotted = (authority: string) => authority.replaceAll('.', '\\.');
  return text
    .replace(/^\{$/m, '{\n\tdefault_bind 127.0.0.1')
    .replace(/^:\d+ \{$/m, `http://${own} {`)
    .replaceAll(declaredStore, store)
    .replaceAll(dotted(declaredStore), dotted(store))
    .replaceAll(declaredAttic, attic);
}

let started: Promise<Surroundings> | undefined;
function needsEntry(context: TestContext): Promise<Surroundings> {
  started ??= needsProgram(context, 'caddy').then(async (caddy) => {
    const surroundings = new Surroundings();
    await surroundings.start(caddy);
    return surroundings;
  });
  return started;
}
afterAll(async () => {
  const surroundings = await started?.catch(() => undefined);
  await surroundings?.stop();
});

/** What a reader outside sends, without following anything itself. */
function ask({ address }: Surroundings, path: string, init: RequestInit = {}) {
  return fetch(`http://${address}${path}`, { redirect: 'manual', ...init });
}

describe('the public entry, run by Caddy', () => {
  test('follows a redirect to the store where the reader could not, with the address as it was signed', async (context) => {
    const around = await needsEntry(context);
    const answer = await ask(around, '/main/nar/one.nar', { headers: { authorization: TOKEN } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe(String(NAR.length));
    expect(Buffer.from(await answer.arrayBuffer()).equals(NAR)).toBe(true);
    const { method, url, headers } = around.store.last;
    expect([method, url, headers.host]).toEqual(['GET', SIGNED, around.origin]);
    expect(headers.authorization).toBeUndefined();
    expect(around.attic.last.headers.authorization).toBe(TOKEN);
  });

  test('passes the range that a reader asks for', async (context) => {
    const around = await needsEntry(context);
    const answer = await ask(around, '/main/nar/one.nar', { headers: { range: 'bytes=7-1006' } });
    expect(answer.status).toBe(206);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.equals(NAR.subarray(7, 1007))).toBe(true);
  });

  test('answers HEAD with the length, though the address is signed for GET', async (context) => {
    const around = await needsEntry(context);
    const answer = await ask(around, '/main/nar/one.nar', { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([
      200,
      String(NAR.length),
    ]);
    expect(around.store.last.method).toBe('GET');
  });

  test('passes on a redirect to any other host, and asks nothing there', async (context) => {
    const around = await needsEntry(context);
    const before = around.store.asked.length;
    const answer = await ask(around, '/main/nar/other.nar');
    expect([answer.status, answer.headers.get('location')]).toEqual([307, ELSEWHERE]);
    expect(around.store.asked.length).toBe(before);
  });

  test('passes on everything else as it is', async (context) => {
    const around = await needsEntry(context);
    const info = await ask(around, '/nix-cache-info', {
      headers: { 'accept-encoding': 'zstd, gzip' },
    });
    expect([info.status, await info.text()]).toEqual([200, 'StoreDir: /nix/store\n']);
    expect(info.headers.get('content-encoding')).toBeNull();
    const missing = await ask(around, '/main/none.narinfo');
    expect([missing.status, await missing.text()]).toEqual([404, 'nothing there']);
  });

  test('streams an upload of unknown length while it arrives', async (context) => {
    const around = await needsEntry(context);
    const [host, port] = around.address.split(':');
    const options = { host, port, method: 'PUT', path: '/_api/v1/upload-path' };
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(options, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      });
      sent.on('error', reject);
      const send = async () => {
        sent.write(NAR.subarray(0, MIB));
        while (around.attic.arriving < MIB) await pause(10);
        sent.end(NAR);
      };
      send().catch(reject);
    });
    expect([status, around.attic.last.bytes]).toEqual([404, NAR.length + MIB]);
  });

  test('breaks off where the store does, and writes no signature into its log', async (context) => {
    const around = await needsEntry(context);
    const answer = await ask(around, '/main/nar/breaking.nar');
    expect(answer.headers.get('content-length')).toBe(String(NAR.length));
    await expect(answer.arrayBuffer()).rejects.toThrow('terminated');
    await eventually('a word about it', () => /\/attic\/breaking/.test(around.log) || undefined);
    expect(around.log).toContain('X-Amz-Signature=REDACTED');
    expect(around.log).not.toContain('cafe');
  });

  test('says that the store is gone, and ends when it is told to', async (context) => {
    const around = await needsEntry(context);
    around.store.close();
    expect((await ask(around, '/main/nar/one.nar')).status).toBe(502);
    expect(await around.stop()).toBe(0);
  });
});
