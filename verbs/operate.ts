import type { Verb } from './verb.ts';

/** What goes with the stacks beside their state. */
export const OPERATE: readonly Verb[] = [
  {
    name: 'info',
    usage: '[--export]',
    summary: 'say how this machine uses the caches',
    load: async () => (await import('../operations/attachment.ts')).info,
  },
  {
    name: 'secrets ensure',
    usage: '<stack> [--from folder] [--stdin] [--json]',
    summary: 'bring the Secrets of a stack into being; never replaces one',
    load: async () => (await import('../operations/secrets/command.ts')).ensure,
  },
  {
    name: 'secrets rotate',
    usage: '<stack> <kind> [--only namespace/name] [--from folder] [--stdin] [--json]',
    summary: 'replace the Secrets of one kind, and say what follows',
    load: async () => (await import('../operations/secrets/command.ts')).rotate,
  },
  {
    name: 'preflight',
    usage: '<stack> [--json]',
    summary: 'prove that a stack can be applied to the declared cluster',
    load: async () => (await import('../operations/preflight/command.ts')).runPreflight,
  },
  {
    name: 'drift',
    usage: '<stack> [--json]',
    summary: 'say where the cluster is not what a stack declares',
    load: async () => {
      const { drift } = await import('../backend/drift/command.ts');
      return (args, printer) => drift(args, printer);
    },
  },
  {
    name: 'attic-nar-integrity-check',
    usage:
      '--store-hash hash... [--cache name] [--endpoint url] [--trusted-key name:base64]... [--without-signature] [--json]',
    summary: 'prove paths of the Nix cache to the last byte',
    load: async () => {
      const { narIntegrity } = await import('../operations/nar-integrity/command.ts');
      return (args, printer) => narIntegrity(args, printer);
    },
  },
  {
    name: 'bazel-cas-integrity-check',
    usage:
      '[--digest sha256[/size]]... [--sample n [--seed n] | --all] [--through server|bucket] [--endpoint url] [--json]',
    summary: 'prove blobs of the Bazel cache by their decoded bytes',
    load: async () => {
      const { casIntegrityCheck } = await import('../backend/cas-integrity/command.ts');
      return (args, printer) => casIntegrityCheck(args, printer);
    },
  },
];
