import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  clearKept,
  keepErroredState,
  keptStates,
  recoveryFolder,
} from '../../../backend/recovery/errored-state.ts';
import { openJournal } from '../../../backend/recovery/journal.ts';
import { requireNothingPending } from '../../../backend/recovery/pending.ts';
import { sha256 } from '../../../backend/store/signature.ts';
import { LINEAGE, RecoveryGround, stateBytes } from './recovery-ground.ts';

let ground: RecoveryGround;
let errored: string;
beforeEach(() => {
  ground = new RecoveryGround();
  errored = join(ground.stackFolder, 'errored.tfstate');
});
afterEach(() => ground.remove());

const keep = (unkept?: Buffer) => keepErroredState(ground.state, ground.stackFolder, unkept);
const BYTES = stateBytes(7, { 'terraform_data.a': '1', 'terraform_data.b': '2' });

function refusal(): { message: string; exitCode: number } {
  try {
    requireNothingPending(ground.state);
  } catch (error) {
    return error as { message: string; exitCode: number };
  }
  throw new Error('nothing was refused');
}

describe('what tofu could not write', () => {
  test('is kept with its hash, readable for its owner alone, and the original stays (S8)', () => {
    writeFileSync(errored, BYTES);
    const kept = keep();
    expect(kept).toMatchObject({
      hash: sha256(BYTES),
      from: errored,
      read: { serial: 7, lineage: LINEAGE, instances: 2 },
    });
    expect(readFileSync(kept?.file ?? '')).toEqual(BYTES);
    expect(statSync(kept?.file ?? '').mode & 0o777).toBe(0o600);
    expect(existsSync(errored)).toBe(true);
  });

  test('is kept once, however often it is asked for', () => {
    writeFileSync(errored, BYTES);
    expect(keep()).toBeDefined();
    expect(keep()).toBeUndefined();
    expect(keep(BYTES)).toBeUndefined();
    expect(keptStates(ground.state)).toHaveLength(1);
  });

  test('is kept once when the store was given the same bytes in vain', () => {
    writeFileSync(errored, BYTES);
    expect(keep(BYTES)?.from).toBe(errored);
    expect(keptStates(ground.state)).toHaveLength(1);
  });

  test('comes beside what the store was given in vain, the highest serial first', () => {
    writeFileSync(errored, BYTES);
    const later = stateBytes(8);
    expect(keep(later)).toMatchObject({ hash: sha256(later), from: undefined });
    expect(keptStates(ground.state).map(({ hash }) => hash)).toEqual([
      sha256(later),
      sha256(BYTES),
    ]);
  });

  test('is kept although it is no state', () => {
    writeFileSync(errored, '{"version": 4, "serial":');
    expect(keep()).toMatchObject({ read: { fault: 'incomplete' } });
    expect(refusal().message).toContain(
      'it cannot be read: the body ends before the JSON in it does',
    );
  });

  test('is nothing where tofu left nothing', () => {
    expect(keep()).toBeUndefined();
    expect(existsSync(recoveryFolder(ground.state))).toBe(false);
  });

  test('is gone from both places when it was pushed, and is kept anew if it is left anew', () => {
    writeFileSync(errored, BYTES);
    const kept = keep();
    if (kept === undefined) throw new Error('nothing was kept');
    expect(clearKept(ground.state, kept, 'pushed')).toBeUndefined();
    expect(existsSync(kept.file)).toBe(false);
    expect(existsSync(errored)).toBe(false);
    expect(keptStates(ground.state)).toEqual([]);
    expect(keep()).toBeUndefined();
    // A destroy that is done again leaves the same bytes.
    writeFileSync(errored, BYTES);
    expect(keep()).toMatchObject({ hash: sha256(BYTES) });
  });

  test('is put aside when it is discarded', () => {
    const kept = keep(BYTES);
    if (kept === undefined) throw new Error('nothing was kept');
    const aside = clearKept(ground.state, kept, 'discarded') ?? '';
    expect(readFileSync(aside)).toEqual(BYTES);
    expect(keptStates(ground.state)).toEqual([]);
  });

  test('leaves another errored state alone that came meanwhile', () => {
    writeFileSync(errored, BYTES);
    const kept = keep();
    if (kept === undefined) throw new Error('nothing was kept');
    writeFileSync(errored, stateBytes(9));
    clearKept(ground.state, kept, 'pushed');
    expect(readFileSync(errored)).toEqual(stateBytes(9));
    expect(keep()).toMatchObject({ read: { serial: 9 } });
  });

  test('says in a sentence when it cannot be kept', () => {
    writeFileSync(join(ground.folder, 'state'), '');
    expect(() => keep(BYTES)).toThrow(/recovery\/\S+ cannot be written: ENOTDIR\n/);
  });
});

describe('what has to be recovered first', () => {
  test('is nothing in the beginning', () => {
    expect(requireNothingPending(ground.state)).toBeUndefined();
  });

  test('is named with its serial, its hash and the command, all of it at once (S8)', () => {
    const kept = keep(BYTES);
    const journal = openJournal(ground.state);
    const resource = { addr: 'terraform_data.a', resource_type: 'terraform_data' };
    journal.note({ type: 'apply_start', hook: { resource, action: 'create' } });
    journal.close('failed');
    const [name = ''] = readdirSync(join(ground.state.memory, 'journal'));
    const [, begun] = /"at":"([^"]+)"/.exec(readFileSync(journal.file, 'utf8')) ?? [];
    expect(refusal()).toMatchObject({
      exitCode: 4,
      message: [
        'attic has to be recovered before anything else is done to it',
        `    a state that the store is not proved to have: serial 7 of lineage ${LINEAGE}, 2 resources`,
        `        it is ${kept?.file}, kept ${kept?.at}, SHA-256 ${sha256(BYTES)}`,
        '        run just tofu-state-recover attic',
        `    a run of ${begun} whose tofu was killed: 0 resources were made, and 1 was under way`,
        `        what was kept of them is ${join(ground.state.memory, 'journal', name)}`,
        '        run just tofu-state-adopt attic',
      ].join('\n'),
    });
  });

  test.runIf(process.platform === 'linux')(
    'is to be waited for where somebody still applies',
    () => {
      const journal = openJournal(ground.state);
      expect(refusal()).toMatchObject({
        exitCode: 4,
        message: expect.stringContaining(`still under way, in process ${process.pid}`),
      });
      journal.close('finished');
      expect(requireNothingPending(ground.state)).toBeUndefined();
    },
  );
});
