import { describe, expect, test } from 'vitest';
import { isState, readState } from '../../../backend/state/state-document.ts';
import { sha256 } from '../../../backend/store/signature.ts';

const STATE = {
  version: 4,
  terraform_version: '1.12.6',
  serial: 7,
  lineage: '3c1b9f0e-0000-4000-8000-000000000001',
  outputs: {},
  resources: [
    { mode: 'managed', type: 'terraform_data', name: 'one', instances: [{}, {}] },
    { mode: 'managed', type: 'terraform_data', name: 'none', instances: [] },
  ],
};
const ENVELOPE = {
  serial: 7,
  lineage: STATE.lineage,
  meta: { 'key_provider.pbkdf2.operator': 'eyJzYWx0Ijoi' },
  encrypted_data: 'kxP5',
  encryption_version: 'v0',
};

const bytes = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

describe('a state', () => {
  test('says its lineage, its serial and how many instances it holds', () => {
    const body = bytes(STATE);
    expect(readState(body)).toEqual({
      lineage: STATE.lineage,
      serial: 7,
      hash: sha256(body),
      instances: 2,
      encrypted: false,
    });
  });

  test('says lineage and serial in clear when it is encrypted, and no more', () => {
    const body = bytes(ENVELOPE);
    expect(readState(body)).toEqual({
      lineage: STATE.lineage,
      serial: 7,
      hash: sha256(body),
      instances: undefined,
      encrypted: true,
    });
  });
});

describe('bytes that are no state', () => {
  test.each<[string, unknown, string, string]>([
    ['nothing', '', 'empty', 'is empty'],
    ['blanks', ' \n', 'empty', 'is empty'],
    ['a page', '<!DOCTYPE html><html></html>', 'html', 'is a page of HTML'],
    ['an error', '<?xml version="1.0"?><Error/>', 'xml', 'is XML'],
    [
      'the first half of a state',
      JSON.stringify(STATE).slice(0, 90),
      'incomplete',
      'ends before the JSON in it does',
    ],
    ['text', 'gone fishing', 'not-json', 'is not JSON'],
    ['a list', [], 'no-state', 'is JSON, but no object'],
    ['no lineage', { ...STATE, lineage: '' }, 'no-state', 'names no lineage'],
    ['no serial', { ...STATE, serial: '7' }, 'no-state', 'names no serial'],
    ['a negative serial', { ...STATE, serial: -1 }, 'no-state', 'names no serial'],
    ['no resources', { ...STATE, resources: undefined }, 'no-state', 'lists no resources'],
    [
      'a state of long ago',
      { ...STATE, version: 3 },
      'other-version',
      'is a state of version 3, not 4',
    ],
  ])('are refused: %s', (_what, value, fault, because) => {
    const read = readState(bytes(value));
    expect(isState(read)).toBe(false);
    expect(read).toEqual({ fault, because });
  });

  test('are not quoted, because they may hold secrets', () => {
    const read = readState(bytes('{"serial": 1, "lineage": hunter2}'));
    expect(JSON.stringify(read)).not.toContain('hunter2');
    expect(read).toEqual({ fault: 'not-json', because: 'is not JSON' });
  });

  test('are refused when something trails the state', () => {
    expect(readState(bytes(`${JSON.stringify(STATE)}{"more":1}`))).toMatchObject({
      fault: 'not-json',
    });
  });
});
