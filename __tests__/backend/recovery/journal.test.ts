import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { journalFolder, openJournal } from '../../../backend/recovery/journal.ts';
import { creationsIn, pendingJournals } from '../../../backend/recovery/left-journal.ts';
import { RecoveryGround } from './recovery-ground.ts';

let ground: RecoveryGround;
beforeEach(() => {
  ground = new RecoveryGround();
});
afterEach(() => ground.remove());

/** An event as tofu prints it. */
function event(type: string, addr: string, more: object = {}, action = 'create') {
  const resource = { addr, resource_type: addr.split('.')[0], resource_name: addr.split('.')[1] };
  const hook = { resource, action, ...more };
  return { '@level': 'info', '@timestamp': '2026-11-26T01:26:10.938554Z', type, hook };
}
const ROLE = 'kubernetes_role_v1.a';
const CREATED = { id_key: 'id', id_value: 'nix-cache/a', elapsed_seconds: 1 };

/** The lines of the one journal that there is, and its head made the one of a process that is gone. */
function killed(): void {
  const folder = journalFolder(ground.state);
  const [name = ''] = readdirSync(folder);
  const [head = '{}', ...lines] = readFileSync(join(folder, name), 'utf8').split('\n');
  const { started: _, ...rest } = JSON.parse(head);
  writeFileSync(join(folder, name), [JSON.stringify(rest), ...lines].join('\n'));
}

describe('the journal of an apply', () => {
  test('keeps of an event the address, the identity and the time, and no other attribute', () => {
    const journal = openJournal(ground.state);
    journal.note(event('apply_start', ROLE, { token: 'glrt-secret' }));
    journal.note({ ...event('apply_complete', ROLE, CREATED), '@message': 'glrt-secret' });
    const lines = readFileSync(journal.file, 'utf8').trim().split('\n').slice(1);
    const common = {
      at: '2026-11-26T01:26:10.938554Z',
      address: ROLE,
      type: 'kubernetes_role_v1',
      action: 'create',
    };
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: 'start', ...common },
      { event: 'complete', ...common, idKey: 'id', idValue: 'nix-cache/a' },
    ]);
    journal.close('failed');
  });

  test('is readable for its owner alone', () => {
    const journal = openJournal(ground.state);
    expect(statSync(journal.file).mode & 0o777).toBe(0o600);
    expect(statSync(journalFolder(ground.state)).mode & 0o777).toBe(0o700);
    journal.close('finished');
  });

  test('passes over what is no event of a resource', () => {
    const journal = openJournal(ground.state);
    for (const other of [undefined, 'text', { type: 'version' }, { type: 'apply_start' }]) {
      journal.note(other);
    }
    journal.close('failed');
    expect(pendingJournals(ground.state)).toEqual([]);
  });

  test('leaves nothing when tofu ended by itself', () => {
    const journal = openJournal(ground.state);
    journal.note(event('apply_start', ROLE));
    journal.close('finished');
    journal.close('finished');
    expect(readdirSync(journalFolder(ground.state))).toEqual([]);
  });

  test('is written through: each line is there before the next event is read', () => {
    const journal = openJournal(ground.state);
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      journal.note(event('apply_start', `terraform_data.${name}`));
      expect(readFileSync(journal.file, 'utf8').trim().split('\n')).toHaveLength(index + 2);
    }
    journal.close('finished');
  });

  test('says in a sentence when it cannot be kept', () => {
    writeFileSync(join(ground.folder, 'state'), '');
    expect(() => openJournal(ground.state)).toThrow(
      /journal\/\S+\.jsonl cannot be written: ENOTDIR/,
    );
  });
});

describe('a journal that was left', () => {
  test('tells what was made, what was under way, and what failed', () => {
    const journal = openJournal(ground.state);
    journal.note(event('apply_start', ROLE));
    journal.note(event('apply_start', 'helm_release.b'));
    journal.note(event('apply_start', 'terraform_data.c'));
    journal.note(event('apply_complete', ROLE, CREATED));
    journal.note(event('apply_errored', 'terraform_data.c'));
    journal.note(event('apply_complete', 'kubernetes_role_v1.d', {}, 'update'));
    journal.close('failed');
    const begun = '2026-11-26T01:26:10.938554Z';
    expect(creationsIn(pendingJournals(ground.state))).toEqual([
      { address: ROLE, type: 'kubernetes_role_v1', begun, how: 'made', idValue: 'nix-cache/a' },
      { address: 'helm_release.b', type: 'helm_release', begun, how: 'under way' },
      { address: 'terraform_data.c', type: 'terraform_data', begun, how: 'failed' },
    ]);
  });

  test('waits although it holds no event, because they may have been lost with whoever read them', () => {
    openJournal(ground.state);
    killed();
    expect(pendingJournals(ground.state)).toMatchObject([{ writer: undefined, entries: [] }]);
  });

  test('whose last line is half is read up to there', () => {
    const journal = openJournal(ground.state);
    journal.note(event('apply_complete', ROLE, CREATED));
    killed();
    const text = readFileSync(journal.file, 'utf8');
    writeFileSync(journal.file, `${text}{"event":"start","addr`);
    expect(creationsIn(pendingJournals(ground.state))).toMatchObject([{ address: ROLE }]);
  });

  test.each([
    ['updates alone', 'kubernetes_role_v1.a', 'update', 0],
    ['a half update of a release, which blocks the next', 'helm_release.a', 'update', 1],
    ['removals alone', 'kubernetes_role_v1.a', 'delete', 0],
    ['a half creation', 'kubernetes_role_v1.a', 'create', 1],
  ])('of a killed tofu with %s', (_, address, action, pending) => {
    const journal = openJournal(ground.state);
    journal.note(event('apply_start', address, {}, action));
    journal.close('failed');
    expect(pendingJournals(ground.state)).toHaveLength(pending);
  });

  test.runIf(process.platform === 'linux')('knows its writer by number and beginning', () => {
    const journal = openJournal(ground.state);
    expect(pendingJournals(ground.state)).toMatchObject([{ writer: process.pid }]);
    const text = readFileSync(journal.file, 'utf8');
    // The same number, as another process has it that began later.
    writeFileSync(journal.file, text.replace(/"started":"([^"]+)"/, '"started":"$10"'));
    expect(pendingJournals(ground.state)).toMatchObject([{ writer: undefined }]);
    const { pid } = spawnSync('true');
    writeFileSync(journal.file, text.replace(`"pid":${process.pid}`, `"pid":${pid}`));
    expect(pendingJournals(ground.state)).toMatchObject([{ writer: undefined }]);
  });
});
