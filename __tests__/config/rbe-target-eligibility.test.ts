import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  mayExecuteRemotely,
  type RbeEligibility,
  readRbeEligibility,
  type TargetClass,
  targetClassOf,
} from '../../config/rbe-target-eligibility.ts';
import { refusalOf } from '../support/refusal.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-rbe-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PROVED: TargetClass = {
  targets: ['//lib/...', '//app:server'],
  eligible: true,
  evidence: 'run 17 of 2026-11-20: equal outputs of both builds',
};
const UNPROVED: TargetClass = {
  targets: ['//lib/native/...', '@nixpkgs//...'],
  eligible: false,
  reason: 'its outputs name paths that an executor lacks',
};
const ELIGIBILITY: RbeEligibility = { classes: { proved: PROVED, unproved: UNPROVED } };

const EXECUTOR = 'grpcs://executor.example.org';
const CACHE = 'grpc://bazel-cache.nix-cache.svc.cluster.local:9092';

function read(content: unknown): RbeEligibility {
  const file = join(folder, 'eligibility.json');
  writeFileSync(file, JSON.stringify(content, undefined, 2));
  return readRbeEligibility(file);
}

describe('mayExecuteRemotely', () => {
  test.each([
    ['both are there', { executor: EXECUTOR, cache: CACHE, targetClass: PROVED }, true],
    [
      'the executor keeps its own results',
      { executor: EXECUTOR, cache: undefined, targetClass: PROVED },
      true,
    ],
    ['only the cache is set', { executor: undefined, cache: CACHE, targetClass: PROVED }, false],
    ['the executor is empty', { executor: '', cache: CACHE, targetClass: PROVED }, false],
    [
      'only the executor is set and the class is not eligible',
      { executor: EXECUTOR, cache: CACHE, targetClass: UNPROVED },
      false,
    ],
    [
      'the target belongs to no class',
      { executor: EXECUTOR, cache: CACHE, targetClass: undefined },
      false,
    ],
    [
      'the executor is the cache once more',
      { executor: CACHE, cache: CACHE, targetClass: PROVED },
      false,
    ],
    ['nothing is set', { executor: undefined, cache: undefined, targetClass: undefined }, false],
  ])('when %s (B1)', (_, choice, remote) => {
    expect(mayExecuteRemotely(choice)).toBe(remote);
  });
});

describe('targetClassOf', () => {
  test.each([
    ['//lib/json', 'proved'],
    ['//lib/json:json_test', 'proved'],
    ['//lib:lib', 'proved'],
    ['//lib', 'proved'],
    ['//lib/native/ssl:ssl', 'unproved'],
    ['@nixpkgs//pkgs:hello', 'unproved'],
    ['//app:server', 'proved'],
    ['//app:client', undefined],
    ['//app', undefined],
    ['//library:x', undefined],
    ['@other//lib/json', undefined],
  ])('puts %s into %s', (label, name) => {
    const expected = name === undefined ? undefined : ELIGIBILITY.classes[name];
    expect(targetClassOf(ELIGIBILITY, label)).toBe(expected);
  });

  test('takes a label and its short form for one', () => {
    const short = read({ classes: { a: { ...PROVED, targets: ['//app'] } } });
    expect(targetClassOf(short, '//app:app')).toBe(short.classes.a);
  });
});

describe('the shipped classes', () => {
  const { classes } = readRbeEligibility();

  test('claim no remote execution that was not proved (B2)', () => {
    expect(Object.keys(classes).length).toBeGreaterThan(0);
    const eligible = Object.values(classes).filter((targetClass) => targetClass.eligible);
    expect(eligible).toEqual([]);
  });
});

describe('readRbeEligibility', () => {
  test.each([
    ['no classes', {}, 'classes must be a map of keys, got nothing\n    add it'],
    [
      'an eligible class without evidence',
      { classes: { a: { targets: ['//a'], eligible: true } } },
      'classes.a.evidence must be text, got nothing\n    add it',
    ],
    [
      'a word for true',
      { classes: { a: { targets: ['//a'], eligible: 'yes' } } },
      'classes.a.eligible must be one of true, false, got "yes"\n    choose one of them',
    ],
    [
      'a path for a label',
      { classes: { a: { ...UNPROVED, targets: ['lib/a'] } } },
      'classes.a.targets.0 must be a label or a pattern of labels, got "lib/a"\n    for example //lib/... or //app:server',
    ],
    [
      'a class name with a blank',
      { classes: { 'a b': UNPROVED } },
      'classes."a b" must be a DNS label: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "a b"\n    write a-b',
    ],
    [
      'a target in two classes',
      {
        classes: {
          a: { ...PROVED, targets: ['//a'] },
          b: { ...UNPROVED, targets: ['//b', '//a'] },
        },
      },
      'classes.b.targets.1 must stand in one class only, and a has it, got "//a"\n    remove one of the two',
    ],
  ])('rejects %s', (_, content, message) => {
    const text = refusalOf(() => read(content)).replace(/^.*?:\d+:\d+ {2}/, '');
    expect(text).toBe(message);
  });
});
