import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileWitness } from '../../../backend/witness/file-witness.ts';
import { WitnessRefusal } from '../../../backend/witness/witness-record.ts';
import { Home, LINEAGE, mark, OTHER_LINEAGE } from './witness-fixtures.ts';

let home: Home;
let witness: FileWitness;
let folder: string;
beforeEach(() => {
  home = new Home();
  witness = new FileWitness(home.state().memory);
  folder = witness.place;
});
afterEach(() => home.remove());

const record = (serial: number, accepted = 0) => ({ mark: mark(serial), accepted });

describe('the witness in a file', () => {
  test('has never seen a state before it is told of one, and then remembers the last', async () => {
    expect(await witness.recall('attic')).toEqual({ kind: 'never-seen' });
    await witness.keep('attic', record(4));
    await witness.keep('attic', record(5));
    expect(await witness.recall('attic')).toEqual({ kind: 'remembers', record: record(5) });
    expect(await new FileWitness(home.state().memory).recall('attic')).toEqual({
      kind: 'remembers',
      record: record(5),
    });
  });

  test('is readable by its owner alone, and by people', async () => {
    await witness.keep('attic', record(4));
    const file = join(folder, '000001.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      stack: 'attic',
      ...mark(4),
      accepted: 0,
    });
  });

  test('writes nothing when it is told what it knows', async () => {
    await witness.keep('attic', record(4));
    await witness.keep('attic', record(4));
    expect(readdirSync(folder)).toEqual(['000001.json']);
  });

  test('keeps the stacks apart', async () => {
    await witness.keep('attic', record(4));
    await witness.keep('arc-runners', { mark: mark(9, { lineage: OTHER_LINEAGE }), accepted: 0 });
    expect(await witness.recall('attic')).toEqual({ kind: 'remembers', record: record(4) });
    expect(await witness.recall('gitlab-runners')).toEqual({ kind: 'never-seen' });
  });

  test.each([
    ['a lower serial', { mark: mark(4), accepted: 0 }, 'that is older than what it remembers'],
    [
      'other bytes under the same serial',
      { mark: mark(5, { hash: 'b'.repeat(64) }), accepted: 0 },
      'that is another state with the same serial',
    ],
    [
      'another lineage',
      { mark: mark(6, { lineage: OTHER_LINEAGE }), accepted: 0 },
      'that is another lineage',
    ],
  ])('rejects %s, and remembers what it did', async (_, next, because) => {
    await witness.keep('attic', record(5));
    const refusal = witness.keep('attic', next);
    await expect(refusal).rejects.toThrow(WitnessRefusal);
    await expect(refusal).rejects.toThrow(
      `the witness of attic does not take serial ${next.mark.serial} of lineage ${next.mark.lineage}: ${because}\n    it remembers serial 5 of lineage ${LINEAGE}, proved at 2026-11-20T10:00:00.000Z by ada@laptop`,
    );
    expect(await witness.recall('attic')).toEqual({ kind: 'remembers', record: record(5) });
  });

  test('takes what a person has accepted, and nothing of before any more', async () => {
    await witness.keep('attic', record(9));
    await witness.keep('attic', record(3, 1));
    expect(await witness.recall('attic')).toEqual({ kind: 'remembers', record: record(3, 1) });
    await expect(witness.keep('attic', record(10))).rejects.toThrow(
      'a person has accepted another state since',
    );
  });

  test.each([
    ['is empty', ''],
    ['is cut', '{"stack":"attic","lineage":'],
    ['is that of another stack', JSON.stringify({ stack: 'arc', ...mark(7), accepted: 0 })],
    ['has a serial that is none', JSON.stringify({ stack: 'attic', ...mark(-1), accepted: 0 })],
  ])('does not know when its last record %s, however good the one before', async (_, text) => {
    await witness.keep('attic', record(4));
    writeFileSync(join(folder, '000002.json'), text);
    expect(await witness.recall('attic')).toEqual({
      kind: 'unknown',
      because: `${folder}/000002.json holds no record of attic`,
    });
    await witness.keep('attic', record(6));
    expect(await witness.recall('attic')).toEqual({ kind: 'remembers', record: record(6) });
  });

  test('holds a history that does not grow for ever, and no leftovers of the killed', async () => {
    mkdirSync(folder, { recursive: true });
    const left = join(folder, 'left.part');
    writeFileSync(left, '');
    utimesSync(left, 1, 1);
    for (let serial = 1; serial <= 23; serial += 1) await witness.keep('attic', record(serial));
    const names = readdirSync(folder).sort();
    expect(names).toHaveLength(20);
    expect(names.at(-1)).toBe('000023.json');
  });

  test('says so when a file stands where its folder is to be', async () => {
    mkdirSync(join(folder, '..'), { recursive: true });
    writeFileSync(folder, '');
    expect(await witness.recall('attic')).toEqual({
      kind: 'unknown',
      because: `${folder} cannot be read: ENOTDIR`,
    });
    expect(() => witness.requireWritable('attic')).toThrow(
      `nothing can be kept in ${folder}: EEXIST\n    name a folder that can be written to with XDG_STATE_HOME`,
    );
  });

  test('loses nothing when processes write at the same time', async () => {
    const contents = `
      import { FileWitness } from './backend/witness/file-witness.ts';
      const [memory, first] = process.argv.slice(2);
      const witness = new FileWitness(memory);
      for (let serial = Number(first); serial <= 24; serial += 3) {
        const mark = { ...${JSON.stringify(mark(0))}, serial };
        await witness.keep('attic', { mark, accepted: 0 }).catch((error) => {
          if (error.name !== 'WitnessRefusal') throw error;
        });
      }
    `;
    const program = join(home.folder, 'writer.mjs');
    await build({
      stdin: { contents, resolveDir: '.', loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: program,
    });
    const { memory } = home.state();
    const codes = await Promise.all(
      ['1', '2', '3'].map(
        (first) =>
          new Promise((resolve) => {
            const words = [program, memory, first];
            spawn(process.execPath, words, { stdio: 'inherit' }).on('exit', resolve);
          }),
      ),
    );
    expect(codes).toEqual([0, 0, 0]);
    const memoryOfAttic = await witness.recall('attic');
    expect(memoryOfAttic).toMatchObject({ record: { mark: { serial: 24 } } });
    const serials = readdirSync(folder)
      .sort()
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).serial);
    expect(serials).toEqual([...serials].sort((one, other) => one - other));
  });
});
