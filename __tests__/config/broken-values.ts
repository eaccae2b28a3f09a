import { add, type BrokenSettings, change } from './broken-settings.ts';

const MINIMAL_CLUSTER = 'cluster:\n  name: ci\n';

/** Settings of which one part is wrong by itself. */
export const BROKEN_VALUES: readonly BrokenSettings[] = [
  {
    kind: 'a wrong type',
    text: add('attic: { replicas: many }'),
    says: [
      '15:20  attic.replicas must be a map of keys, got "many"',
      '    write "key: value" lines, indented below it and without "- "',
    ],
  },
  {
    kind: 'a list where a map is meant',
    text: change('  kind: rustfs', '  - kind: rustfs'),
    says: [
      '9:3  objectStore must be a map of keys, got [{"kind":"rustfs"}]',
      '    write "key: value" lines, indented below it and without "- "',
    ],
  },
  {
    kind: 'a map where a list is meant',
    text: add('waivers: {}'),
    says: [
      '15:10  waivers must be a list, got {}',
      '    write a list: "- " before each item, or [a, b]',
    ],
  },
  {
    kind: 'a number where text is meant',
    text: change('name: ci', 'name: 7'),
    says: ['7:9  cluster.name must be text, got 7', '    put it into quotes'],
  },
  {
    kind: 'text where a number is meant',
    text: add('attic: { scaleAtCpuPercent: "70" }'),
    says: [
      '15:29  attic.scaleAtCpuPercent must be a number, got "70"',
      '    take it out of its quotes',
    ],
  },
  {
    kind: 'an old word for true',
    text: add('bazelCache: { enabled: yes }'),
    says: ['15:24  bazelCache.enabled must be true or false, got "yes"', '    write true'],
  },
  {
    kind: 'a fraction where a whole number is meant',
    text: add('attic: { scaleAtCpuPercent: 70.5 }'),
    says: [
      '15:29  attic.scaleAtCpuPercent must be a whole number, got 70.5',
      '    write it without a fraction',
    ],
  },
  {
    kind: 'a number that is none',
    text: add('bazelCache: { fill: .nan }'),
    says: [
      '15:21  bazelCache.fill must be a number, got NaN',
      '    write one number, without quotes and unit',
    ],
  },
  {
    kind: 'a number beyond its bounds',
    text: add('attic: { chunking: { minSize: 99999999999999999999 } }'),
    says: [
      '15:31  attic.chunking.minSize must be at most 2147483647, got 100000000000000000000',
      '    lower it',
    ],
  },
  {
    kind: 'an unknown key with a near name',
    text: add('attc: {}'),
    says: ['15:1  attc must be a key that exists', '    did you mean attic?'],
  },
  {
    kind: 'an unknown key with no near name',
    text: add('images: { zzzzzzzzz: 1 }'),
    says: [
      '15:11  images.zzzzzzzzz must be a key that exists',
      '    known here: requireDigests, pullSecret',
    ],
  },
  {
    kind: 'an unknown key that belongs elsewhere',
    text: add('attic: { maxBodyMiB: 5 }'),
    says: [
      '15:10  attic.maxBodyMiB must be a key that exists',
      '    did you mean attic.ingress.maxBodyMiB?',
    ],
  },
  {
    kind: 'a key that every object inherits',
    text: add('constructor: {}'),
    says: [
      '15:1  constructor must be a key that exists',
      '    known here: organization, cluster, namespaces, state, objectStore, attic, bazelCache, substituters, runners, dashboard, monitoring, dns, images, charts, protection, waivers',
    ],
  },
  {
    kind: 'a key that changes what every object inherits',
    text: change('gh-docker:', '__proto__:'),
    says: [
      '14:7  the file must have no key __proto__',
      '    programs misread it: choose another name',
    ],
  },
  {
    kind: 'a missing key',
    text: change('  domain: example.org\n', ''),
    says: ['4:3  organization.domain must be text, got nothing', '    add it'],
  },
  {
    kind: 'a missing part',
    text: change(MINIMAL_CLUSTER, ''),
    says: ['3:1  cluster must be a map of keys, got nothing', '    add it'],
  },
  {
    kind: 'a part that is null',
    text: add('attic:'),
    says: ['15:7  attic must be a map of keys, got null', '    give it a value or remove the key'],
  },
  {
    kind: 'a value that is null',
    text: add('bazelCache: { hotCache: ~ }'),
    says: [
      '15:25  bazelCache.hotCache must be an amount of storage such as 10Gi, got null',
      '    give it a value or remove the key',
    ],
  },
  {
    kind: 'a bad quantity',
    text: add('bazelCache: { hotCache: 20 Gigs }'),
    says: [
      '15:25  bazelCache.hotCache must be an amount of storage, got "20 Gigs"',
      '    write 10Gi or 1Ti',
    ],
  },
  {
    kind: 'bytes without a unit',
    text: add('bazelCache: { hotCache: 20 }'),
    says: [
      '15:25  bazelCache.hotCache must be an amount of storage, got 20',
      '    write 10Gi or 1Ti',
    ],
  },
  {
    kind: 'a list for a quantity',
    text: add('bazelCache: { hotCache: [20Gi] }'),
    says: [
      '15:25  bazelCache.hotCache must be an amount of storage such as 10Gi, got ["20Gi"]',
      '    write it in that form',
    ],
  },
  {
    kind: 'an amount of nothing',
    text: add('attic: { resources: { limits: { memory: "0" } } }'),
    says: [
      '15:41  attic.resources.limits.memory must be more than 0, got "0"',
      '    write 2Gi, or leave it out for the default',
    ],
  },
  {
    kind: 'five fields where CloudNativePG reads six',
    text: add(
      'attic: { database: { kind: cloudnative-pg, backup: { bucket: backups, schedule: 0 2 * * * } } }',
    ),
    says: [
      '15:81  attic.database.backup.schedule must have 6 fields, not 5, got "0 2 * * *"',
      '    CloudNativePG reads six fields, second first: "0 0 0 * * *" is daily, and five fields would run hourly',
    ],
  },
  {
    kind: 'six fields where a CronJob reads five',
    text: add('attic: { warming: { schedule: 0 0 2 * * *, installables: ["nixpkgs#hello"] } }'),
    says: [
      '15:31  attic.warming.schedule must have 5 fields, not 6, got "0 0 2 * * *"',
      '    a Kubernetes CronJob reads five fields, minute first',
    ],
  },
  {
    kind: 'a minute that does not exist',
    text: add('attic: { warming: { schedule: 61 2 * * *, installables: ["nixpkgs#hello"] } }'),
    says: [
      '15:31  attic.warming.schedule must keep its minute from 0 to 59, not "61", got "61 2 * * *"',
      '    for example 0 2 * * *',
    ],
  },
  {
    kind: 'a duration of another product',
    text: add('attic: { gc: { interval: 12parsecs } }'),
    says: [
      '15:26  attic.gc.interval must be a duration in words, got "12parsecs"',
      '    write 12 hours or 3 months',
    ],
  },
  {
    kind: 'a duration beyond 32 bits',
    text: add('attic: { gc: { retention: 100 years } }'),
    says: [
      '15:27  attic.gc.retention must be at most 2147483647 seconds, got "100 years"',
      '    the product keeps it in 32 bits',
    ],
  },
  {
    kind: 'a collector without a pause',
    text: add('attic: { gc: { interval: 0s } }'),
    says: [
      '15:26  attic.gc.interval must be longer than 0, got "0s"',
      '    the collector would end at once and be restarted for ever',
    ],
  },
];
