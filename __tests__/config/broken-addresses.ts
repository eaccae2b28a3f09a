import { add, type BrokenSettings, change } from './broken-settings.ts';

const NO_NAME = [
  'must be a name, not an address',
  '    certificates and Ingresses are made for names: write one such as ci.example.org',
] as const;
const LOOPBACK_FOR_PEOPLE = [
  'must be reachable from a developer',
  '    loopback is the developer itself; name the server',
] as const;
const ONE_WORD = [
  'must be a name below a domain',
  '    a name of one word means another server in every network: write one such as ci.example.org',
] as const;
const LOOPBACK_FOR_PODS = [
  'must be reachable from a pod',
  '    loopback is the pod itself; name the server',
] as const;
const BIND = [
  'must be an address to call',
  '    0.0.0.0 is where a server listens; name the server',
] as const;
const FLAKEHUB = [
  'must serve paths',
  '    FlakeHub publishes and is no cache: take it out',
] as const;
const KEY = 'main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=';

/** Public names that are none, each in every field that takes one. */
const NAMES = [
  ['localhost', LOOPBACK_FOR_PEOPLE],
  ['a.localhost', LOOPBACK_FOR_PEOPLE],
  ['127.0.0.1', NO_NAME],
  ['0', NO_NAME],
  ['0.0.0.0', NO_NAME],
] as const;

const ONE_WORD_NAME: BrokenSettings = {
  kind: 'a public name of one word',
  text: add('attic: { publicHost: cache }'),
  says: [`15:22  attic.publicHost ${ONE_WORD[0]}, got "cache"`, ONE_WORD[1]],
};

const PUBLIC_NAMES: readonly BrokenSettings[] = NAMES.flatMap(([value, [rule, remedy]]) => [
  {
    kind: `${value} as the public name of the cache`,
    text: add(`attic: { publicHost: "${value}" }`),
    says: [`15:22  attic.publicHost ${rule}, got "${value}"`, remedy],
  },
  {
    kind: `${value} as the public name of the dashboard`,
    text: add(`dashboard: { host: "${value}" }`),
    says: [`15:20  dashboard.host ${rule}, got "${value}"`, remedy],
  },
  {
    kind: `${value} as the public name of the object store`,
    text: change('kind: rustfs', `kind: rustfs\n  publicHost: "${value}"`),
    says: [`10:15  objectStore.publicHost ${rule}, got "${value}"`, remedy],
  },
  {
    kind: `${value} as the domain`,
    text: change('domain: example.org', `domain: "${value}"`),
    says: [`5:11  organization.domain ${rule}, got "${value}"`, remedy],
  },
]);

const URLS = [
  ['https://127.0.0.1', LOOPBACK_FOR_PODS],
  ['https://localhost:8443', LOOPBACK_FOR_PODS],
  ['https://2130706433', LOOPBACK_FOR_PODS],
  ['https://0.0.0.0', BIND],
] as const;

const substituter = (url: string) => add(`substituters: [{ url: "${url}", publicKey: "${KEY}" }]`);

const FORGES_AND_CACHES: readonly BrokenSettings[] = URLS.flatMap(([url, [rule, remedy]]) => [
  {
    kind: `${url} as GitLab`,
    text: change('runners:', `runners:\n  gitlab: { url: "${url}" }`),
    says: [`11:18  runners.gitlab.url ${rule}, got "${url}"`, remedy],
  },
  {
    kind: `${url} as GitHub`,
    text: change('https://github.com/example', `${url}/example`),
    says: [`12:10  runners.github.url ${rule}, got "${url}/example"`, remedy],
  },
  {
    kind: `${url} as a substituter`,
    text: substituter(url),
    says: [`15:23  substituters.0.url ${rule}, got "${url}"`, remedy],
  },
]);

/** Addresses that mean another machine for whoever reads them, or none. */
export const BROKEN_ADDRESSES: readonly BrokenSettings[] = [
  ...PUBLIC_NAMES,
  ONE_WORD_NAME,
  ...FORGES_AND_CACHES,
  ...['https://flakehub.com', 'https://cache.flakehub.com', 'https://FlakeHub.com'].map((url) => ({
    kind: `${url} as a substituter`,
    text: substituter(url),
    says: [`15:23  substituters.0.url ${FLAKEHUB[0]}, got "${url}"`, FLAKEHUB[1]],
  })),
];
