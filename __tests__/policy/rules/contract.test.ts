import { expect, test } from 'vitest';
import { FORBIDDEN_NAMES, outOfContractNames } from '../../../policy/rules/contract.ts';

test.each(FORBIDDEN_NAMES.filter((name) => !/[ *]/.test(name)))(
  'finds %s in any text, in capitals too (O1)',
  (name) => {
    expect(outOfContractNames(`see ${name}.`).map((found) => found.name)).toEqual([name]);
    expect(outOfContractNames(name.toUpperCase()).map((found) => found.name)).toEqual([name]);
  },
);

test.each([
  ['state kept by GitLab', 'https://gitlab.com/api/v4/projects/1/terraform/state/attic'],
  ['backend "http"', 'terraform {\n  backend "http" {}\n}'],
  ['TF_HTTP_*', 'export TF_HTTP_PASSWORD=x'],
])('finds %s (O1, S4)', (name, text) => {
  expect(outOfContractNames(text).map((found) => found.name)).toEqual([name]);
});

test.each(['https://nix-cache.tinyland.dev', 'attic.nix-cache.svc.cluster.local', 'backend "s3"'])(
  'lets %s pass',
  (text) => {
    expect(outOfContractNames(text)).toEqual([]);
  },
);
