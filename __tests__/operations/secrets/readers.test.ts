import { describe, expect, test } from 'vitest';
import { rereadLines } from '../../../operations/secrets/readers.ts';
import { secretsOf } from '../../../operations/secrets/required.ts';
import { readSummary } from '../../../policy/charts/chart-summaries.ts';
import { readCluster } from '../../../policy/model/cluster.ts';
import { exampleContext, synthesizeStacks } from '../../support/synthesized.ts';

const stacks = Object.entries(synthesizeStacks(exampleContext('tinyland'))).map(([name, text]) => ({
  name,
  json: JSON.parse(text),
}));
const { pods } = readCluster(
  { stacks, previous: [], declared: { nodes: [], requireDigests: false } },
  readSummary,
);

function linesFor(secret: string): string[] {
  const ref = stacks.flatMap(secretsOf).find((each) => String(each) === secret);
  if (ref === undefined) throw new Error(`no stack needs ${secret}`);
  return rereadLines(pods, ref);
}

describe('rereadLines', () => {
  test.each([
    [
      'nix-cache/attic-jwt-signing',
      [
        'kubectl --namespace nix-cache rollout restart deployment/attic',
        'kubectl --namespace nix-cache rollout restart deployment/attic-gc',
      ],
    ],
    [
      'gitlab-runners/docker-runner-token',
      ['kubectl --namespace gitlab-runners rollout restart deployment/docker-runner'],
    ],
    [
      'nix-cache-warming/attic-push-token',
      ['cronjob/cache-warming in nix-cache-warming reads it at its next run'],
    ],
    ['nix-cache/attic-main-signing', []],
  ])('names what reads %s, and how it reads it anew', (secret, lines) => {
    expect(linesFor(secret)).toEqual(lines);
  });
});

describe('secretsOf', () => {
  test('puts the key first with which others are signed', () => {
    const attic = stacks.filter(({ name }) => name === 'attic').flatMap(secretsOf);
    expect(attic.map(({ kind }) => kind)[0]).toBe('jwt-signing-key');
    expect(attic.map(({ kind }) => kind)).toContain('attic-push-token');
  });

  test('refuses a Secret of two kinds', () => {
    const secret = (kind: string) => ({ namespace: 'a', name: 'b', kind, keys: [] });
    const output = { required_secrets: { value: [secret('session-key'), secret('htpasswd')] } };
    expect(() => secretsOf({ name: 'attic', json: { output } })).toThrow(
      'attic needs a/b as two kinds at once: run just synth',
    );
  });
});
