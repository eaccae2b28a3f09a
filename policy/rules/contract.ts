import { remembered } from '../model/remembered.ts';
import type { Rule } from '../rule.ts';

interface Forbidden {
  readonly name: string;
  /** What a text must hold before it is looked at closely. */
  readonly needle: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

/**
 * What belonged to the system before and is no longer true. This list is the only place of the project where these names may
 * stand.
 */
const FORBIDDEN: readonly Forbidden[] = [
  {
    name: 'attic-cache-dev',
    needle: 'attic-cache-dev',
    pattern: /attic-cache-dev/,
    instead: 'the namespace of the caches is namespaces.cache of the settings',
  },
  {
    name: 'attic.dev-cluster.example.com',
    needle: 'attic.dev-cluster.example.com',
    pattern: /attic\.dev-cluster\.example\.com/,
    instead: 'people reach Attic at attic.publicHost of the settings',
  },
  {
    name: 'attic.tinyland.dev',
    needle: 'attic.tinyland.dev',
    pattern: /(?<![\w.-])attic\.tinyland\.dev/,
    instead: 'people reach Attic at attic.publicHost of the settings',
  },
  {
    name: 'fuzzy-dev',
    needle: 'fuzzy-dev',
    pattern: /fuzzy-dev/,
    instead: 'that cache is gone; the substituters stand in the settings',
  },
  {
    name: 'state kept by GitLab',
    needle: '/terraform/state/',
    pattern: /\/projects\/[^\s/]+\/terraform\/state\//,
    instead: 'state lives in S3, behind the recipes of this project',
  },
  {
    name: 'backend "http"',
    needle: 'backend "http"',
    pattern: /\bbackend "http"/,
    instead: 'state lives in S3, behind the recipes of this project',
  },
  {
    name: 'TF_HTTP_*',
    needle: 'tf_http_',
    pattern: /\btf_http_[a-z]/,
    instead: 'the backend takes the TOFU_BACKEND_S3_* family',
  },
];

/** No forbidden name is shorter. */
const SHORTEST = Math.min(...FORBIDDEN.map(({ needle }) => needle.length));

/** The names, for tests and for people who ask what is meant. */
export const FORBIDDEN_NAMES: readonly string[] = FORBIDDEN.map(({ name }) => name);

/** A name in a text that must not be used any more. */
export interface ForbiddenName {
  readonly name: string;
  /** What is true today. */
  readonly instead: string;
}

/** Every name in the text that is out of contract. It serves documents and recipes as well as synthesized files. */
export function outOfContractNames(text: string): ForbiddenName[] {
  if (text.length < SHORTEST) return [];
  const lower = text.toLowerCase();
  return FORBIDDEN.filter(
    ({ needle, pattern }) => lower.includes(needle) && pattern.test(lower),
  ).map(({ name, instead }) => ({ name, instead }));
}

/** Names that were true once mislead whoever finds them. */
export const outOfContract: Rule = {
  id: 'out-of-contract',
  severity: 'error',
  meaning: 'No text holds a name that is out of contract.',
  readTexts: () => {
    const namesIn = remembered(outOfContractNames);
    return (found) => {
      const [name] = namesIn(found.text);
      if (name === undefined) return undefined;
      return {
        resource: found.address,
        problem: `${found.path} holds ${name.name}, which is out of contract`,
        remedy: name.instead,
      };
    };
  },
};
