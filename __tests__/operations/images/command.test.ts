import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { IMAGES_FILE } from '../../../config/images.ts';
import { Failure } from '../../../console/failure.ts';
import { checkImages, resolveImages } from '../../../operations/images/command.ts';
import { replaceText, withDigests } from '../../../operations/images/pin-editor.ts';
import type { TestServer } from '../../support/http-server.ts';
import {
  digestOf,
  indexBody,
  type RegistryBehaviour,
  startRegistry,
} from '../../support/registry-server.ts';

const SHIPPED = readFileSync(IMAGES_FILE, 'utf8');
const NAMES = Object.keys(parse(SHIPPED));
const SAME = indexBody('same');
const OTHER = indexBody('other');
const CUT = (body: string) => digestOf(body).slice('sha256:'.length, 'sha256:'.length + 12);

const folder = mkdtempSync(join(tmpdir(), 'flywheel-images-'));
const file = join(folder, 'images.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const running: TestServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function registry(behaviour: RegistryBehaviour = {}): Promise<TestServer> {
  const server = await startRegistry({ manifests: { 'app:1.0': SAME }, ...behaviour });
  running.push(server);
  return server;
}

/** Every pin at `app:1.0` of the registry with that digest, but for those that a test names. */
function pins(authority: string, changes: Record<string, object> = {}): string {
  const usual = { name: `${authority}/app`, tag: '1.0', digest: digestOf(SAME) };
  const entries = NAMES.map((name) => [name, { ...usual, ...changes[name] }]);
  const text = `# made for a test\n\n${stringify(Object.fromEntries(entries))}`;
  writeFileSync(file, text);
  return text;
}

async function run(command: typeof checkImages, args: readonly string[] = []) {
  const results: string[] = [];
  const problems: string[] = [];
  const code = await command(args, {
    file,
    transport: { attempts: 1, timeoutMs: 500, environment: {} },
    environment: { DOCKER_CONFIG: folder },
    printer: { result: (line) => results.push(line), problem: (line) => problems.push(line) },
  });
  return { code, results, problems };
}

describe('images check', () => {
  test('is good when every tag has its pinned digest, and writes nothing', async () => {
    const { authority } = await registry();
    const before = pins(authority, { alpine: { seen: 'a public file' } });
    const { code, results, problems } = await run(checkImages);
    expect(code).toBe(0);
    expect(problems).toEqual([]);
    expect(results).toHaveLength(NAMES.length + 1);
    expect(results[0]).toMatch(/^image +tag +was +is/);
    expect(results[1]).toBe(`${authority}/app  1.0  ${CUT(SAME)}  ${CUT(SAME)}  same`);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('asks about each image once, four at a time at most', async () => {
    let now = 0;
    let most = 0;
    const slowly: NonNullable<RegistryBehaviour['faults']> = NAMES.map(() => (_, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response
          .writeHead(200, {
            'content-type': 'application/vnd.oci.image.index.v1+json',
            'docker-content-digest': digestOf(SAME),
          })
          .end();
      }, 5);
    });
    const server = await registry({ faults: slowly });
    pins(server.authority);
    await expect(run(checkImages)).resolves.toMatchObject({ code: 0 });
    expect(server.requests).toHaveLength(NAMES.length);
    expect(most).toBe(4);
  });

  test('is bad when a tag names another build, whether the pinned one is there or not', async () => {
    const { authority } = await registry({ manifests: { 'app:1.0': SAME, 'app:old': OTHER } });
    pins(authority, { attic: { digest: digestOf(OTHER) }, caddy: { digest: digestOf('deleted') } });
    const { code, problems } = await run(checkImages);
    expect(code).toBe(2);
    expect(problems).toEqual([
      'attic: the tag names another build; the pinned one can still be pulled',
      'caddy: the pinned build cannot be pulled any more',
    ]);
  });

  test('is bad when a pinned tag is gone with its build', async () => {
    const { authority } = await registry({ manifests: { 'app:1.0': SAME } });
    pins(authority, { caddy: { tag: '2.0', digest: digestOf(OTHER) } });
    await expect(run(checkImages)).resolves.toMatchObject({
      code: 2,
      problems: ['caddy: the pinned build cannot be pulled any more'],
    });
  });

  test.each<[string, Record<string, object>, RegistryBehaviour, string]>([
    [
      'a pin is not resolved',
      { attic: { digest: 'unresolved' } },
      {},
      'attic: not filled in yet: images resolve',
    ],
    [
      'nothing was released yet',
      { attic: { tag: '9', digest: 'unresolved' } },
      {},
      'attic: REGISTRY has no tag 9',
    ],
    [
      'a registry lies',
      { attic: { digest: 'unresolved' } },
      { claims: digestOf(SAME), manifests: { 'app:1.0': OTHER } },
      'attic: REGISTRY sends content that is not what it says it is',
    ],
  ])('does not know when %s', async (_, changes, behaviour, problem) => {
    const { authority } = await registry(behaviour);
    pins(authority, changes);
    const { code, problems } = await run(checkImages);
    expect(code).toBe(1);
    expect(problems).toEqual([problem.replace('REGISTRY', authority)]);
  });

  test('does not know when a registry cannot be reached, and says so of each image', async () => {
    const server = await registry();
    pins(server.authority);
    await server.close();
    const { code, problems } = await run(checkImages, ['attic', 'caddy']);
    expect(code).toBe(1);
    expect(problems).toEqual([
      `attic: ${server.authority} cannot be reached: ECONNREFUSED`,
      `caddy: ${server.authority} cannot be reached: ECONNREFUSED`,
    ]);
  });

  test('puts what is bad above what is not known', async () => {
    const { authority } = await registry();
    pins(authority, {
      attic: { digest: digestOf(OTHER) },
      caddy: { tag: '9', digest: 'unresolved' },
    });
    await expect(run(checkImages)).resolves.toMatchObject({ code: 2 });
  });

  test('names a pin of one platform', async () => {
    const { authority } = await registry({
      contentType: 'application/vnd.oci.image.manifest.v1+json',
    });
    pins(authority);
    const { results } = await run(checkImages, ['attic']);
    expect(results[1]).toMatch(/ {2}same, one platform only$/);
  });

  test('prints one document for machines', async () => {
    const { authority } = await registry();
    pins(authority);
    const { results } = await run(checkImages, ['--json', 'attic']);
    expect(results).toHaveLength(1);
    expect(JSON.parse(results[0] ?? '')).toEqual([
      {
        name: 'attic',
        image: `${authority}/app`,
        tag: '1.0',
        pinned: digestOf(SAME),
        found: digestOf(SAME),
        kind: 'index',
        standing: 'same',
      },
    ]);
  });

  test('reads a private registry by what docker login has stored', async () => {
    const { authority } = await registry({ basic: 'anna:s3cret' });
    pins(authority);
    await expect(run(checkImages, ['attic'])).resolves.toMatchObject({
      code: 1,
      problems: [
        `attic: ${authority} refuses access; if the image is private: docker login ${authority}`,
      ],
    });
    const config = join(folder, 'config.json');
    const auth = Buffer.from('anna:s3cret').toString('base64');
    writeFileSync(config, JSON.stringify({ auths: { [authority]: { auth } } }));
    await expect(run(checkImages, ['attic'])).resolves.toMatchObject({ code: 0, problems: [] });
    rmSync(config);
  });

  test('rejects an image that is not known', async () => {
    pins('127.0.0.1:1');
    await expect(run(checkImages, ['atic'])).rejects.toThrow(
      /^there is no image atic; known are alpine, attic, /,
    );
  });
});

describe('images resolve', () => {
  test('fills in what is not known and confirms what is, and changes nothing else', async () => {
    const { authority } = await registry();
    const before = pins(authority, {
      attic: { digest: 'unresolved' },
      caddy: { seen: 'a public file' },
    });
    const { code, results, problems } = await run(resolveImages);
    expect({ code, problems }).toEqual({ code: 0, problems: [] });
    expect(results.at(-1)).toBe(`${file}: written`);
    expect(readFileSync(file, 'utf8')).toBe(
      before.replace('unresolved', digestOf(SAME)).replace('  seen: a public file\n', ''),
    );
    await expect(run(resolveImages)).resolves.toMatchObject({ code: 0 });
  });

  test('leaves the file untouched when there is nothing to write', async () => {
    const { authority } = await registry();
    pins(authority);
    const { ino, mtimeMs } = statSync(file);
    const { results } = await run(resolveImages);
    expect(results.at(-1)).toBe(`${file}: as it was`);
    expect(statSync(file)).toMatchObject({ ino, mtimeMs });
  });

  test('takes over a build that the tag names now only when told to', async () => {
    const { authority } = await registry();
    const before = pins(authority, { attic: { digest: digestOf(OTHER) } });
    await expect(run(resolveImages)).resolves.toMatchObject({ code: 2 });
    expect(readFileSync(file, 'utf8')).toBe(before);
    await expect(run(resolveImages, ['--update', 'attic'])).resolves.toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe(before.replace(digestOf(OTHER), digestOf(SAME)));
  });

  test('writes what it could learn and says what it could not', async () => {
    const { authority } = await registry();
    const before = pins(authority, {
      attic: { digest: 'unresolved' },
      caddy: { tag: '9', digest: 'unresolved' },
    });
    const { code, problems } = await run(resolveImages);
    expect(code).toBe(1);
    expect(problems).toEqual([`caddy: ${authority} has no tag 9`]);
    expect(readFileSync(file, 'utf8')).toBe(before.replace('unresolved', digestOf(SAME)));
  });

  test('fills in nothing that a registry contradicts itself about', async () => {
    const { authority } = await registry({ claims: digestOf(OTHER) });
    const before = pins(authority, { attic: { digest: 'unresolved' } });
    await expect(run(resolveImages, ['attic'])).resolves.toMatchObject({ code: 1 });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('keeps mode and folder clean', async () => {
    const { authority } = await registry();
    pins(authority, { attic: { digest: 'unresolved' } });
    chmodSync(file, 0o640);
    await run(resolveImages);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(['images.yaml']);
  });
});

describe('the file of pins', () => {
  test('as shipped comes through an edit unchanged but for the digest', () => {
    expect(withDigests(SHIPPED, new Map())).toBe(SHIPPED);
    const digest = digestOf('new');
    const edited = withDigests(SHIPPED, new Map([['dashboard', digest]]));
    expect(edited).toBe(
      SHIPPED.replace(/(^dashboard:\n(?: .*\n)*? +digest: )unresolved/m, `$1${digest}`),
    );
  });

  test('loses the note of where a digest was seen once a registry confirms it', () => {
    const text =
      '# why\na:\n  name: x # here\n\n  tag: "8"\n  digest: old # there\n  seen: a file\nb: {}\n';
    expect(withDigests(text, new Map([['a', 'new']]))).toBe(
      '# why\na:\n  name: x # here\n\n  tag: "8"\n  digest: new # there\nb: {}\n',
    );
  });

  test('that somebody changed meanwhile is not overwritten', () => {
    writeFileSync(file, 'changed');
    expect(() => replaceText(file, 'before', 'after')).toThrow(
      new Failure(`${file} changed meanwhile: nothing was written, run it again`),
    );
    expect(readFileSync(file, 'utf8')).toBe('changed');
    expect(readdirSync(folder)).toEqual(['images.yaml']);
  });

  test('that is missing is named', () => {
    const missing = join(folder, 'nowhere', 'images.yaml');
    expect(() => replaceText(missing, 'a', 'b')).toThrow(
      new Failure(`${missing} was not written: ENOENT`),
    );
  });
});
