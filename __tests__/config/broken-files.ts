import { add, type BrokenSettings, bytes, change, MINIMAL } from './broken-settings.ts';

/** Put together here, so that no scanner takes this file for a leak. */
const TOKEN = `glrt-${'abcdefghij'.repeat(2)}`;

const PASSWORD = 'hunter22';

/** Nine times as many with every line. */
const BOMB = [
  'a: &a [x, x]',
  ...[...'bcdefghijklmnop'].map((name, index) => {
    const alias = `*${'abcdefghijklmno'[index]}`;
    return `${name}: &${name} [${Array(9).fill(alias).join(', ')}]`;
  }),
].join('\n');

/** Files that are no settings at all, or that hold what settings must not hold. */
export const BROKEN_FILES: readonly BrokenSettings[] = [
  {
    kind: 'a duplicate key',
    text: add('cluster: { name: other }'),
    says: [
      '15:1  the file must name a key once',
      '    this key stands above already: remove one of the two',
    ],
  },
  {
    kind: 'an empty file',
    text: '',
    says: ['1:1  the file must say something', '    begin with config/minimal.yaml'],
  },
  {
    kind: 'a file of comments',
    text: '# nothing\n',
    says: ['1:1  the file must say something', '    begin with config/minimal.yaml'],
  },
  {
    kind: 'a list',
    text: '- a\n',
    says: ['1:1  the file must be a map of keys', '    write `key: value` lines'],
  },
  {
    kind: 'a word',
    text: 'hello\n',
    says: ['1:1  the file must be a map of keys', '    write `key: value` lines'],
  },
  {
    kind: 'no YAML',
    text: 'a: b: c: {{{\n',
    says: [
      '1:4  the file must be YAML',
      '    indent the keys of one map alike, and put text that holds ": " into quotes',
      '2:1  the file must be YAML',
      '    indent this line like its neighbours, and close what was opened',
    ],
  },
  {
    kind: 'a bracket that is not closed',
    text: add('waivers: [1, 2'),
    says: [
      '16:1  the file must be YAML',
      '    indent this line like its neighbours, and close what was opened',
    ],
  },
  {
    kind: 'a quote that is not closed',
    text: add('charts: { mirror: "x }'),
    says: [
      '16:1  the file must be YAML',
      '    close the quote or bracket, or put ":" after the key',
    ],
  },
  {
    kind: 'keys of one map at two depths',
    text: change('  domain', '   domain'),
    says: [
      '4:9  the file must be YAML',
      '    indent the keys of one map alike, and put text that holds ": " into quotes',
    ],
  },
  {
    kind: 'a tab',
    text: change('  name: example', '\tname: example'),
    says: ['4:1  the file must be indented with blanks', '    replace the tab by two blanks'],
  },
  {
    kind: 'several documents',
    text: `${MINIMAL}---\n${MINIMAL}`,
    says: ['15:1  the file must hold one document', '    remove this line and all below it'],
  },
  {
    kind: 'a YAML bomb',
    text: BOMB,
    says: ['3:12  the file must use at most 10 aliases', '    write the values out'],
  },
  {
    kind: 'an alias without an anchor',
    text: add('attic: *nowhere'),
    says: ['15:8  the file must define an anchor before it is used', '    write the value out'],
  },
  {
    kind: 'a map that contains itself',
    text: add('attic: &a { caches: *a }'),
    says: ['15:21  the file must not contain itself', '    write the value out'],
  },
  {
    kind: 'a tag',
    text: add('attic: { defaultCache: !!binary bWFpbg== }'),
    says: ['15:24  the file must have no tags', '    remove the word that begins with !'],
  },
  {
    kind: 'a map as a key',
    text: add('? { a: b }\n: 1'),
    says: ['15:3  the file must have keys of text', '    write `key: value`'],
  },
  {
    kind: 'an empty key',
    text: add('"": 1'),
    says: ['15:1  the file must have no empty key', '    write a name before the ":"'],
  },
  {
    kind: 'a hundred and fifty lists in each other',
    text: add(`attic: ${'['.repeat(150)}${']'.repeat(150)}`),
    says: ['15:106  the file must nest at most 50 levels', '    is this the right file?'],
  },
  {
    kind: 'a hundred maps in each other',
    text: add(`attic: ${'{ a: '.repeat(100)}1${' }'.repeat(100)}`),
    says: ['15:253  the file must nest at most 50 levels', '    is this the right file?'],
  },
  {
    kind: 'no UTF-8',
    text: bytes(MINIMAL.replace('name: ci', 'name: c\u00ef'), 'latin1'),
    says: ['7:10  the file must be UTF-8 text', '    save it as UTF-8'],
  },
  {
    kind: 'UTF-16',
    text: bytes(MINIMAL, 'utf16le'),
    says: ['1:2  the file must be UTF-8 text', '    save it as UTF-8'],
  },
  {
    kind: 'a zero byte',
    text: change('name: ci', 'name: c\0i'),
    says: ['7:10  the file must be UTF-8 text', '    save it as UTF-8'],
  },
  {
    kind: '10 MB of YAML',
    text: add(`${'# settings\n'.repeat(1_000_000)}`),
    says: [
      '1:1  the file must have at most 128 KiB, got 11000367 bytes',
      '    settings are a few kilobytes; is this the right file?',
    ],
  },
  {
    kind: 'lines that end with a carriage return alone',
    text: MINIMAL.replaceAll('\n', '\r'),
    says: [
      `1:${MINIMAL.indexOf('\n') + 1}  the file must end its lines with LF or CRLF`,
      '    save it with the line ends of Unix: a carriage return alone ends no line',
    ],
  },
  {
    kind: 'a merge key',
    text: add('attic: { gc: { <<: { interval: 6 hours } } }'),
    says: [
      '15:16  the file must have no merge keys',
      '    merge keys are not read: write the keys out',
    ],
  },
  {
    kind: 'a character that turns the direction of writing',
    text: change('name: ci', 'name: "ci\u202Eab"'),
    says: [
      '7:9  cluster.name must be a DNS label: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "ci\\u202eab"',
      '    write ci-ab',
    ],
  },
  {
    kind: 'a token as a value',
    text: change('example.org', TOKEN),
    says: [
      '5:11  organization.domain must hold no credential, got a GitLab token (not shown)',
      '    make it invalid where it came from, and put its successor into a Secret: settings take names of Secrets',
    ],
  },
  {
    kind: 'a token as a key',
    text: add(`${TOKEN}: 1`),
    says: [
      '15:1  a GitLab token (not shown) must hold no credential',
      '    make it invalid where it came from, and put its successor into a Secret: settings take names of Secrets',
    ],
  },
  {
    kind: 'a token under a made-up key',
    text: add(`dashboard: { token: ${TOKEN} }`),
    says: [
      '15:21  dashboard.token must hold no credential, got a GitLab token (not shown)',
      '    make it invalid where it came from, and put its successor into a Secret: settings take names of Secrets',
    ],
  },
  {
    kind: 'a password in an address',
    text: add(`monitoring: { url: "https://me:${PASSWORD}@example.org" }`),
    says: [
      '15:20  monitoring.url must hold no credential, got a URL with a password (not shown)',
      '    make it invalid where it came from, and put its successor into a Secret: settings take names of Secrets',
    ],
  },
  {
    kind: 'the secret half of a signing pair',
    text: add(`attic: { caches: { main: { publicKey: "main:${'A'.repeat(86)}==" } } }`),
    says: [
      '15:39  attic.caches.main.publicKey must hold no credential, got a Nix signing key (not shown)',
      '    make it invalid where it came from, and put its successor into a Secret: settings take names of Secrets',
    ],
  },
  {
    kind: 'many problems at once',
    text: [
      'organization: { name: A, domain: "x y" }',
      'cluster: { nam: ci }',
      'objectStore: { kind: rustfs, buckets: { attic: same, bazel: same } }',
      'attic: { replicas: { min: 5, max: 2 }, defaultCache: nope }',
      'runners: { github: { scaleSets: { a: { type: dind, job: { limits: { cpu: lots } } } } } }',
    ].join('\n'),
    says: [
      '1:23  organization.name must be a DNS label: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "A"',
      '    write a',
      '1:34  organization.domain must be a host name: DNS labels joined by ".", got "x y"',
      '    write x-y',
      '2:10  cluster.name must be text, got nothing',
      '    add it',
      '2:12  cluster.nam must be a key that exists',
      '    did you mean name?',
      '3:61  objectStore.buckets.bazel must be a bucket of its own, got "same"',
      '    each bucket has its own access identity; choose another name',
      '4:27  attic.replicas.min must be at most max, which is 2, got 5',
      '    lower min or raise max',
      '4:54  attic.defaultCache must be one of the caches: main, got "nope"',
      '    name one of them, or add it to attic.caches',
      '5:46  runners.github.scaleSets.a.type must carry privilegedReason, because dind is privileged: the Docker daemon of the job mounts file systems and makes namespaces, got "dind"',
      '    write down why this pool is needed',
      '5:74  runners.github.scaleSets.a.job.limits.cpu must be an amount of cpu, got "lots"',
      '    write cores as 2, 0.5 or 500m',
    ],
  },
];
