import type { Verb } from './verb.ts';

/** From settings and pins to the JSON that OpenTofu reads. */
export const SYNTHESIZE: readonly Verb[] = [
  { name: 'synth', usage: '[--json]', summary: 'write the four stacks to cdktf.out' },
  { name: 'report', usage: '[--json]', summary: 'print what the stacks hold' },
  {
    name: 'validate',
    usage: '[--json] [stack…]',
    summary: 'let OpenTofu and the providers judge the synthesized stacks',
    load: async () => {
      const { validate } = await import('../operations/validate/command.ts');
      return (args, printer) => validate(args, printer);
    },
  },
  {
    name: 'lock',
    usage: '[stack…]',
    summary: 'renew the hashes of the providers, from their registry',
    load: async () => {
      const { lock } = await import('../operations/lock/command.ts');
      return (args, printer) => lock(args, { printer });
    },
  },
  {
    name: 'images check',
    usage: '[--json] [name…]',
    summary: 'compare pinned images with their registries',
    load: async () => {
      const { checkImages } = await import('../operations/images/command.ts');
      return (args, printer) => checkImages(args, { printer });
    },
  },
  {
    name: 'images resolve',
    usage: '[--update] [--json] [name…]',
    summary: 'fill in the digests of images',
    load: async () => {
      const { resolveImages } = await import('../operations/images/command.ts');
      return (args, printer) => resolveImages(args, { printer });
    },
  },
  {
    name: 'charts summarize',
    usage: '[--check] folder',
    summary: 'summarize what charts render, by the pinned Helm',
    load: async () => {
      const { summarize } = await import('../operations/charts/command.ts');
      return (args, printer) => summarize(args, printer);
    },
  },
  {
    name: 'charts pull',
    usage: 'folder',
    summary: 'fill a folder with the pinned charts, by the pinned Helm',
    load: async () => {
      const { pull } = await import('../operations/charts/pull.ts');
      return (args, printer) => pull(args, printer);
    },
  },
];
