import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deepCheckCommand } from '../../../backend/authority/deep-check.ts';
import { HonestStore } from '../../../backend/lying-store/honest-store.ts';
import { LIES } from '../../../backend/lying-store/lies.ts';
import { LyingStore } from '../../../backend/lying-store/lying-store.ts';
import { type ServedStore, serveStore } from '../../../backend/lying-store/serve-store.ts';
import { LINEAGE, SETTINGS, STATE, stateBody } from './authority-fixtures.ts';

const KEYS = {
  accessKeyId: 'AKIAOFTHEOPERATOR0',
  secretAccessKey: 'secret/of+the/operator/0123456789abcdef',
};

let folder: string;
let honest: HonestStore;
let lying: LyingStore;
let served: ServedStore;
let environment: NodeJS.ProcessEnv;
let results: string[];
let problems: string[];
const printer = {
  result: (line: string) => void results.push(line),
  problem: (line: string) => void problems.push(line),
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-authority-'));
  honest = new HonestStore({ bucket: STATE.bucket });
  await honest.send({ method: 'PUT', key: STATE.key, body: stateBody(5) });
  lying = new LyingStore(honest);
  const { region } = SETTINGS.state;
  served = await serveStore({ store: lying, keys: KEYS, region });
  environment = {
    HOME: folder,
    TOFU_BACKEND_S3_ENDPOINT: served.endpoint,
    TOFU_BACKEND_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
    TOFU_BACKEND_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  };
  results = [];
  problems = [];
});
afterEach(async () => {
  await served.stop();
  rmSync(folder, { recursive: true });
});

const check = (...words: string[]) => deepCheckCommand(words, printer, environment);
const lie = (name: string) => lying.lie(LIES.filter((each) => each.name === name));

describe('tofu-state-authority-deep-check', () => {
  test('proves a store over the wire, and says so line by line (S7)', async () => {
    expect(await check('attic')).toBe(0);
    expect(problems).toEqual([]);
    expect(results.at(-1)).toBe('state authority of attic: proved good');
    expect(results).toContain(
      'ok    state-standing    serial 5 is trusted if all else is good: the witness knows none',
    );
    expect(results[0]).toMatch(/^- {5}workload {10}not run: no cluster is named/);
  });

  test('keeps what it saw, which is judged the same long after and without the store', async () => {
    lie('hidden-to-get');
    const kept = join(folder, 'evidence');
    expect(await check('attic', '--save', kept, '--json')).toBe(2);
    const fresh = results.join('\n');
    await served.stop();
    results = [];
    environment = { HOME: folder };
    expect(await check('attic', '--judge', kept, '--json')).toBe(2);
    expect(results.join('\n')).toBe(fresh);
    expect(JSON.parse(fresh).checks).toContainEqual(
      expect.objectContaining({ name: 'state-listed', status: 'bad' }),
    );
  });

  test('keeps neither a key, nor an address, nor what a state holds', async () => {
    const kept = join(folder, 'evidence');
    await check('attic', '--save', kept);
    const [name = '', ...others] = readdirSync(kept);
    expect(others).toEqual([]);
    const file = join(kept, name);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    const { accessKeyId, secretAccessKey } = KEYS;
    const secrets = [accessKeyId, secretAccessKey, new URL(served.endpoint).host, 'kept_0'];
    const forms = secrets.flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('hex'),
    ]);
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
    expect(text).toContain(LINEAGE);
  });

  test('writes over no evidence', async () => {
    const kept = join(folder, 'evidence');
    await check('attic', '--save', kept);
    await expect(check('attic', '--save', kept)).rejects.toThrow(
      `${kept}/state-authority.json is there already, and evidence is never written over\n    name another folder with --save`,
    );
  });

  test.each([
    ['is missing', undefined, 'there is no evidence to judge'],
    ['is no JSON', 'x', 'is no evidence of a deep check: the file'],
    ['is of something else', '{"kind":"witness"}', 'is no evidence of a deep check: kind'],
  ])('rejects evidence that %s', async (_, text, message) => {
    if (text !== undefined) writeFileSync(join(folder, 'state-authority.json'), text);
    await expect(check('attic', '--judge', folder)).rejects.toThrow(message);
    await expect(check('attic', '--judge', folder)).rejects.toMatchObject({ exitCode: 64 });
  });

  test('rejects evidence of another stack', async () => {
    await check('attic', '--save', folder);
    await expect(check('arc-runners', '--judge', folder)).rejects.toThrow(
      `${folder} holds evidence of attic, not of arc-runners`,
    );
  });

  test.each([
    [['atic'], 'there is no stack atic: did you mean attic?'],
    [[], 'name the one stack whose state is meant'],
    [
      ['attic', '--judge', 'x', '--first-run'],
      '--judge asks nobody: it goes with neither --save nor --first-run',
    ],
  ])('rejects the words %j', async (words, message) => {
    await expect(check(...words)).rejects.toThrow(message);
    await expect(check(...words)).rejects.toMatchObject({ exitCode: 64 });
  });

  test('says what a person can mend: the keys, the address', async () => {
    environment.TOFU_BACKEND_S3_SECRET_ACCESS_KEY = 'wrong';
    expect(await check('attic')).toBe(1);
    expect(problems).toContain('      fix: correct the keys of the store');
    expect(problems.join('\n')).toContain('the secret key is wrong');
    await served.stop();
    problems = [];
    expect(await check('attic')).toBe(1);
    expect(problems[0]).toBe(
      '?     store-answers     not known: GET /: nobody listens there (ECONNREFUSED)',
    );
  });

  test('tells the size of a bad state, and nothing of what is in it', async () => {
    const body = Buffer.from(`{"version":4,"password":"hunter2" ${'x'.repeat(1000)}`);
    await honest.send({ method: 'PUT', key: STATE.key, body });
    expect(await check('attic')).toBe(2);
    expect([...results, ...problems].join('\n')).not.toContain('hunter2');
  });
});
