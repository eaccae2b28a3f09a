import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { giveSecrets } from '../../../../operations/rehearsal/stacks/given-values.ts';
import { fromFolder } from '../../../../operations/secrets/given.ts';
import { PRACTICES, primaryKeys, problemsOf } from '../../../../operations/secrets/practice.ts';
import { SECRET_KINDS, type SecretKind, SecretRef } from '../../../../values/secret-ref.ts';

const KINDS = (Object.keys(SECRET_KINDS) as SecretKind[]).map((kind) => ({
  kind,
  origin: SECRET_KINDS[kind].origin,
}));

/** What `secrets ensure --from` finds for a Secret, by key. */
function given(kind: SecretKind) {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-given-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const ref = SecretRef.of(kind, 'home', 'mine');
  giveSecrets(folder, [ref]);
  const found = primaryKeys(kind).flatMap((key) => fromFolder(folder)(ref, key));
  const values = primaryKeys(kind).map((key) => [key, fromFolder(folder)(ref, key)[0]?.value]);
  return { found, values: Object.fromEntries(values) };
}

describe('what a rehearsal gives in the place of a person', () => {
  test.each(KINDS.filter(({ origin }) => origin === 'person'))(
    'is well-formed and whole: $kind',
    ({ kind }) => {
      const { values } = given(kind);
      const complete = { ...PRACTICES[kind].derive?.(values), ...values };
      const nowSec = Date.now() / 1000;
      const surroundings = { cache: undefined, push: undefined, jwtKey: undefined, nowSec };
      expect(Object.values(complete)).not.toContain(undefined);
      expect(problemsOf(kind, complete, surroundings)).toEqual({});
    },
  );

  test.each(KINDS.filter(({ origin }) => origin !== 'person'))(
    'is nothing where a program makes it: $kind',
    ({ kind }) => {
      expect(given(kind).found).toEqual([]);
    },
  );

  test('has a folder that can be named, also where nothing is given', () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'flywheel-given-')), 'given');
    onTestFinished(() => rmSync(dirname(folder), { recursive: true }));
    giveSecrets(folder, []);
    expect(fromFolder(folder)(SecretRef.of('runner-token', 'home', 'mine'), 'token')).toEqual([]);
  });

  test('is read by nobody else, and never the same twice', () => {
    const [one] = given('runner-token').found;
    const [other] = given('runner-token').found;
    expect(one?.value).not.toBe(other?.value);
    expect(statSync(one?.from ?? '').mode & 0o777).toBe(0o600);
    expect(readFileSync(one?.from ?? '', 'utf8')).toBe(one?.value);
  });
});
