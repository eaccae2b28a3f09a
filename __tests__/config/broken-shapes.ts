import { RULE_IDS } from '../../values/rule-id.ts';
import { add, type BrokenSettings, change } from './broken-settings.ts';

/** Settings of which one part has the wrong shape, or two fields of one part contradict each other. */
export const BROKEN_SHAPES: readonly BrokenSettings[] = [
  {
    kind: 'loopback for pods',
    text: add('monitoring: { url: "http://127.0.0.1:9090" }'),
    says: [
      '15:20  monitoring.url must be reachable from a pod, got "http://127.0.0.1:9090"',
      '    loopback is the pod itself; name the server',
    ],
  },
  {
    kind: 'a bind address for pods',
    text: add('monitoring: { url: "http://0.0.0.0:9090" }'),
    says: [
      '15:20  monitoring.url must be an address to call, got "http://0.0.0.0:9090"',
      '    0.0.0.0 is where a server listens; name the server',
    ],
  },
  {
    kind: 'a name that depends on the namespace',
    text: add('monitoring: { url: "http://prometheus:9090" }'),
    says: [
      '15:20  monitoring.url must mean the same in every namespace, got "http://prometheus:9090"',
      '    write name.namespace.svc.cluster.local',
    ],
  },
  {
    kind: 'no address at all',
    text: add('monitoring: { url: prometheus }'),
    says: [
      '15:20  monitoring.url must be an address, got "prometheus"',
      '    write https://host, http://host:port or grpc://host:port',
    ],
  },
  {
    kind: 'a name with a newline',
    text: change('name: ci', 'name: "ci\\n"'),
    says: [
      String.raw`7:9  cluster.name must be a DNS label without blanks or line ends, got "ci\n"`,
      '    remove them',
    ],
  },
  {
    kind: 'a name with a null byte',
    text: change('name: ci', 'name: "c\\0i"'),
    says: [
      String.raw`7:9  cluster.name must be a DNS label: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "c\u0000i"`,
      '    write c-i',
    ],
  },
  {
    kind: 'a name that is too long',
    text: change('name: ci', `name: ${'a'.repeat(64)}`),
    says: [
      '7:9  cluster.name must be a DNS label of at most 63 characters, got "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
      '    it has 64',
    ],
  },
  {
    kind: 'a pool whose name Kubernetes refuses',
    text: change('gh-docker:', 'GH_Docker:'),
    says: [
      '14:7  runners.github.scaleSets.GH_Docker must be a scale set name: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "GH_Docker"',
      '    write gh-docker',
    ],
  },
  {
    kind: 'a key with a dot',
    text: change('gh-docker:', 'gh.docker:'),
    says: [
      '14:7  runners.github.scaleSets."gh.docker" must be a scale set name: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "gh.docker"',
      '    write gh-docker',
    ],
  },
  {
    kind: 'a label that is no text',
    text: add('monitoring: { labels: { app.kubernetes.io/name: 5 } }'),
    says: [
      '15:49  monitoring.labels."app.kubernetes.io/name" must be text, got 5',
      '    put it into quotes',
    ],
  },
  {
    kind: 'a request above its limit',
    text: add('attic: { resources: { requests: { cpu: 4 } } }'),
    says: [
      '15:40  attic.resources.requests.cpu must be at most the limit, which is 1, got 4',
      '    lower the request or raise the limit',
    ],
  },
  {
    kind: 'a request above the limit of its runner type',
    text: change('type: docker', 'type: docker, job: { requests: { memory: 64Gi } }'),
    says: [
      '14:61  runners.github.scaleSets.gh-docker.job.requests.memory must be at most the limit, which is 2Gi, got "64Gi"',
      '    lower the request or raise the limit',
    ],
  },
  {
    kind: 'a minimum above its maximum',
    text: add('attic: { replicas: { min: 9, max: 3 } }'),
    says: [
      '15:27  attic.replicas.min must be at most max, which is 3, got 9',
      '    lower min or raise max',
    ],
  },
  {
    kind: 'a default above a maximum',
    text: add('attic: { replicas: { max: 1 } }'),
    says: [
      '15:20  attic.replicas.min must be at most max, which is 1, got 2 (the default)',
      '    lower min or raise max',
    ],
  },
  {
    kind: 'a level that the compression lacks',
    text: add('attic: { compression: { type: xz, level: 22 } }'),
    says: [
      '15:42  attic.compression.level must be at most 9 for xz, got 22',
      '    lower it or choose zstd',
    ],
  },
  {
    kind: 'an unknown kind with a near name',
    text: change('kind: rustfs', 'kind: rusfs'),
    says: [
      '9:9  objectStore.kind must be one of rustfs, s3, r2, got "rusfs"',
      '    did you mean rustfs?',
    ],
  },
  {
    kind: 'no kind',
    text: change('kind: rustfs', 'name: store'),
    says: ['9:3  objectStore.kind must be one of rustfs, s3, r2, got nothing', '    add it'],
  },
  {
    kind: 'a key of another kind',
    text: change('kind: rustfs', 'kind: s3\n  node: bumble'),
    says: [
      '3:1  state.store must be elsewhere unless the object store runs in the cluster, got "object-store" (the default)',
      '    set state.store to elsewhere and make the bucket once before the first init',
      '10:3  objectStore.node must be a key that exists',
      '    only kind: rustfs has it',
    ],
  },
  {
    kind: 'an unknown word',
    text: add('attic: { writes: quarantine }'),
    says: [
      '15:18  attic.writes must be one of quarantined, open, got "quarantine"',
      '    did you mean quarantined?',
    ],
  },
  {
    kind: 'an unknown rule in a waiver',
    text: add(
      'waivers: [{ rule: pod-securty, resource: "*", reason: it is right here because of that }]',
    ),
    says: [
      `15:19  waivers.0.rule must be one of ${RULE_IDS.length} known words, got "pod-securty"`,
      '    did you mean pod-security?',
    ],
  },
  {
    kind: 'a waiver without a real reason',
    text: add('waivers: [{ rule: pod-security, resource: "*", reason: because }]'),
    says: [
      '15:56  waivers.0.reason must be at least 20 characters long, got "because"',
      '    write more',
    ],
  },
  {
    kind: 'a privileged type without a reason',
    text: change('type: docker', 'type: dind'),
    says: [
      '14:26  runners.github.scaleSets.gh-docker.type must carry privilegedReason, because dind is privileged: the Docker daemon of the job mounts file systems and makes namespaces, got "dind"',
      '    write down why this pool is needed',
    ],
  },
  {
    kind: 'an operator lane for everybody',
    text: change(
      'runners:',
      'runners:\n  gitlab: { pools: { lane: { type: nix, lane: operator, concurrent: 1 } } }',
    ),
    says: [
      '11:28  runners.gitlab.pools.lane.protected must be true in the operator lane, got false (the default)',
      '    its jobs hold the keys of everything',
    ],
  },
  {
    kind: 'a StorageClass named and defined',
    text: change(
      'kind: rustfs',
      'kind: rustfs\n  volume: { storageClass: fast, zfs: { name: zfs, pool: tank } }',
    ),
    says: [
      '10:27  objectStore.volume.storageClass must name a StorageClass or define one, not both, got "fast"',
      '    remove one of the two',
    ],
  },
  {
    kind: 'two keys of one name',
    text: add(
      'state: { encryption: { key: { kind: aws-kms, name: k, keyId: a, region: r, profile: p }, previous: { kind: passphrase, name: k, from: { source: file, path: f } } } }',
    ),
    says: [
      '15:126  state.encryption.previous.name must differ from the name of the key, got "k"',
      '    give the new key a name of its own',
    ],
  },
  {
    kind: 'a passphrase in the settings themselves',
    text: add(
      'state: { encryption: { key: { kind: passphrase, name: k, from: { source: text, path: f } } } }',
    ),
    says: [
      '15:74  state.encryption.key.from.source must be one of file, command, environment, secret, got "text"',
      '    choose one of them',
    ],
  },
  {
    kind: 'an account number of another shape',
    text: change('kind: rustfs', 'kind: r2\n  accountId: xyz'),
    says: [
      '10:14  objectStore.accountId must be 32 hexadecimal digits, got "xyz"',
      '    for example 0123456789abcdef0123456789abcdef',
    ],
  },
  {
    kind: 'no range of addresses',
    text: add('attic: { database: { kind: external, cidrs: [10.0.0.0/33] } }'),
    says: [
      '15:46  attic.database.cidrs.0 must be a range of IPv4 addresses, got "10.0.0.0/33"',
      '    for example 10.43.0.0/16',
    ],
  },
  {
    kind: 'an empty list where one is needed',
    text: add('attic: { database: { kind: external, cidrs: [] } }'),
    says: ['15:45  attic.database.cidrs must have at least 1 item, got []', '    add one'],
  },
  {
    kind: 'an address of GitHub without its scheme',
    text: change('https://github.com/example', 'github.com/example'),
    says: [
      '12:10  runners.github.url must be the https address of an organization, repository or enterprise, got "github.com/example"',
      '    for example https://github.com/example',
    ],
  },
  {
    kind: 'a signing key that is none',
    text: add('attic: { caches: { main: { publicKey: nonsense } } }'),
    says: [
      '15:39  attic.caches.main.publicKey must be the public half of a signing pair: name:base64 of 32 bytes, got "nonsense"',
      '    for example main:4JVxzj5a3MgJX2mWyBLUvmUl6ql3oKp7rJLdnYVoWCs=',
    ],
  },
  {
    kind: 'a state key with a leading slash',
    text: add('state: { keys: { attic: /attic.tfstate } }'),
    says: [
      '15:25  state.keys.attic must be a state key: segments of letters, digits and "._-" joined by "/", ending in .tfstate, got "/attic.tfstate"',
      '    for example attic/terraform.tfstate',
    ],
  },
];
