import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certify } from '../../../backend/certificate/command.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { type ServedStore, serveStore } from '../../../backend/lying-store/serve-store.ts';
import { inventory } from '../../../backend/rustfs/inventory-command.ts';
import { rca } from '../../../backend/rustfs/rca-command.ts';
import { haReadiness } from '../../../backend/rustfs/readiness-command.ts';
import type { Printer } from '../../../console/printer.ts';

const KEYS = { accessKeyId: 'operator-key-id', secretAccessKey: 'operator-secret-key' };

let folder: string;
let store: HonestStore;
let served: ServedStore;
let environment: NodeJS.ProcessEnv;
let lines: string[];
const printer: Printer = {
  result: (line) => void lines.push(line),
  problem: (line) => void lines.push(line),
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-guards-'));
  lines = [];
  store = new HonestStore({ bucket: 'tofu-state', others: ['attic', 'bazel-cache'] });
  served = await serveStore({ store, keys: KEYS, region: 'us-east-1' });
  // No cluster is in reach: neither a kubeconfig is named nor one in this home.
  environment = {
    HOME: folder,
    FLYWHEEL_CONFIG: 'config/tinyland.yaml',
    TOFU_BACKEND_S3_ENDPOINT: served.endpoint,
    TOFU_BACKEND_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
    TOFU_BACKEND_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  };
});
afterEach(async () => {
  await served.stop();
  rmSync(folder, { recursive: true });
});

/** Everything that was printed or written into the folder. */
function everything(): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  return [...lines, ...files].join('\n');
}

/** Each key as it is, and as it could be hidden. */
const HIDDEN = Object.values(KEYS).flatMap((key) => [
  key,
  Buffer.from(key).toString('base64').replace(/=+$/, ''),
  Buffer.from(key).toString('hex'),
]);

describe('rustfs-bucket-index-rca', () => {
  test('is not known without a cluster: the API is asked all the same, and the evidence kept (1)', async () => {
    const save = join(folder, 'evidence');
    expect(await rca(['--save', save], printer, environment)).toBe(1);
    const text = lines.join('\n');
    expect(text).toContain('bucket attic: API_PRESENT_DISK_UNKNOWN');
    expect(text).toContain('unknown  the disk: no cluster is named');
    expect(text).toMatch(/stored in .*evidence: 2 files/);
    for (const secret of HIDDEN) expect(everything()).not.toContain(secret);
    const before = lines.length;
    expect(await rca(['--judge', save, '--bucket', 'attic'], printer, {})).toBe(1);
    expect(lines.slice(before).join('\n')).toContain('bucket attic: API_PRESENT_DISK_UNKNOWN');
  });

  test('lets an address be forwarded by the cluster alone, and says so where there is none', async () => {
    const endpoint = 'http://attic-rustfs-openebs.nix-cache.svc.cluster.local:9000';
    const elsewhere = { ...environment, TOFU_BACKEND_S3_ENDPOINT: endpoint };
    const words = ['--save', join(folder, 'evidence')];
    expect(await rca(words, printer, elsewhere)).toBe(1);
    expect(lines.join('\n')).toContain('bucket attic: API_UNREACHABLE');
    expect(lines.join('\n')).toContain('asked not: no cluster is named');
  });

  test.each([
    [
      ['--bucket', 'atic'],
      /--bucket must be one that the settings declare, got: atic\n {4}did you mean attic\?/,
    ],
    [['--judge', 'x', '--save', 'y'], /--judge looks at evidence that is stored/],
    [['--strict-scratch-disk-markers'], /add --scratch-probe/],
    [['--judge', 'nowhere'], /there is no evidence to judge: nowhere\/evidence\.json: ENOENT/],
  ])('rejects %j with a sentence (64)', async (words, message) => {
    await expect(rca(words, printer, environment)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      exitCode: 64,
    });
  });

  test('rejects settings without RustFS, and says what else there is (64)', async () => {
    const other = { ...environment, FLYWHEEL_CONFIG: 'config/single-node-r2.yaml' };
    await expect(rca([], printer, other)).rejects.toMatchObject({
      message: expect.stringMatching(/a store of the kind r2.*\n.*just state-store-certify/),
      exitCode: 64,
    });
  });
});

describe('tofu-state-ha-readiness', () => {
  test('is not known without a cluster, also where an interim is expected (1)', async () => {
    expect(await haReadiness(['--expect-interim'], printer, environment)).toBe(1);
    expect(lines.at(-1)).toMatch(/^UNKNOWN: .* nothing may be changed through it$/);
  });

  test('is judged again from what was saved', async () => {
    const save = join(folder, 'kept');
    await haReadiness(['--save', save, '--json'], printer, environment);
    const first = JSON.parse(lines.join('\n'));
    lines = [];
    await haReadiness(['--judge', save, '--json'], printer, {});
    expect(JSON.parse(lines.join('\n'))).toEqual(first);
    for (const secret of HIDDEN) expect(everything()).not.toContain(secret);
  });

  test.each([
    [['--watch-maintenance', '5'], /add --prove DIR/],
    [['--prove', 'x', '--watch-maintenance', '0'], /whole minutes from 1 to 240, got: 0/],
    [['--prove', 'x', '--evidence', 'y'], /leave --evidence out/],
    [['--judge', 'x', '--evidence', 'y'], /--evidence belongs to a fresh look/],
  ])('rejects %j with a sentence (64)', async (words, message) => {
    await expect(haReadiness(words, printer, environment)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      exitCode: 64,
    });
  });
});

describe('ha-state-candidate-inventory', () => {
  test('needs a cluster (1)', async () => {
    await expect(inventory([], printer, environment)).rejects.toMatchObject({
      message: expect.stringMatching(/^no cluster is named/),
      exitCode: 1,
    });
  });
});

describe('state-store-certify', () => {
  test('proves the store of the settings and writes down what it found, without any key of it', async () => {
    const file = join(folder, 'certificates', 'store.json');
    expect(await certify(['--out', file], printer, environment)).toBe(0);
    expect(lines.at(-1)).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+, bucket tofu-state, .*: a state is safe in it; unsigned, until 20/,
    );
    lines = [];
    expect(await certify(['--verify', file, '--json'], printer, environment)).toBe(0);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({ form: 'full', left: [] });
    for (const secret of HIDDEN) expect(everything()).not.toContain(secret);
  });

  test.each([
    [['--verify', 'a', '--out', 'b'], /--out belongs to making one/],
    [['--signer', 'a'], /add --verify/],
    [['--sign-key', 'nowhere'], /the key nowhere cannot be read: ENOENT/],
  ])('rejects %j with a sentence (64)', async (words, message) => {
    await expect(certify(words, printer, environment)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      exitCode: 64,
    });
  });

  test('says where it cannot write', async () => {
    writeFileSync(join(folder, 'file'), '');
    const words = ['--out', join(folder, 'file', 'store.json')];
    await expect(certify(words, printer, environment)).rejects.toThrow(
      /the certificate cannot be written to .*: ENOTDIR|EEXIST/,
    );
  });
});
