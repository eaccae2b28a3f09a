import type { Verb } from './verb.ts';

/** Real programs on this machine: clusters, stores, and the stacks on them. */
export const REHEARSE: readonly Verb[] = [
  {
    name: 'tools build',
    usage: '[name…]',
    summary: 'build the pinned programs that rehearsals need',
    load: async () => {
      const { buildTools } = await import('../operations/tools/build-command.ts');
      return (args, printer) => buildTools(args, { printer });
    },
  },
  {
    name: 'tools list',
    usage: '[--json]',
    summary: 'say where each pinned program is',
    load: async () => (await import('../operations/tools/list-command.ts')).listTools,
  },
  {
    name: 'rehearse',
    usage: '[charts-folder] [--stack name]... [--keep] [--json]',
    summary: 'apply the stacks from nothing on a cluster of this machine',
    load: async () => {
      const { rehearse } = await import('../operations/rehearsal/stacks/command.ts');
      return (args, printer) => rehearse(args, { printer });
    },
  },
  {
    name: 'cluster up',
    usage: '[--name name] [--port port] [--exec] [--foreground]',
    summary: 'start a rehearsal cluster on this machine',
    load: async () => (await import('../operations/rehearsal/cluster/command.ts')).up,
  },
  {
    name: 'cluster status',
    usage: '[--name name] [--json]',
    summary: 'say which rehearsal clusters there are',
    load: async () => (await import('../operations/rehearsal/cluster/status.ts')).status,
  },
  {
    name: 'cluster down',
    usage: '[--name name]',
    summary: 'end a rehearsal cluster, and leave nothing of it',
    load: async () => (await import('../operations/rehearsal/cluster/command.ts')).down,
  },
  {
    name: 'store up',
    usage:
      '--kind versitygw|minio|rustfs [--name name] [--address address] [--port port] [--data folder] [--json] [--foreground]',
    summary: 'start a rehearsal store on this machine',
    load: async () => (await import('../operations/rehearsal/store/command.ts')).up,
  },
  {
    name: 'store status',
    usage: '[--name name] [--json]',
    summary: 'say which rehearsal stores there are',
    load: async () => (await import('../operations/rehearsal/store/status.ts')).status,
  },
  {
    name: 'store down',
    usage: '[--name name]',
    summary: 'end a rehearsal store, and leave nothing of it',
    load: async () => (await import('../operations/rehearsal/store/command.ts')).down,
  },
  {
    name: 'store serve',
    usage: '[--lie name]... [--seed n] [--port port] [--latency ms] [--list]',
    summary: 'serve a store that lies, to try what notices it',
    load: async () => {
      const { serve } = await import('../backend/lying-store/command.ts');
      return (args, printer) => serve(args, printer);
    },
  },
  {
    name: 'store rehearse',
    usage: '<lie> [--command init|plan|apply|destroy] [--json]',
    summary: 'tell one lie to a bare tofu and to Flywheel, side by side',
    load: async () => {
      const { rehearseLie } = await import('../backend/rehearsal/rehearse-command.ts');
      return (args, printer) => rehearseLie(args, printer);
    },
  },
  {
    name: 'store matrix',
    usage: '[--check | --record]',
    summary: 'tell every lie to every command, and write what became of it',
    load: async () => {
      const { writeMatrix } = await import('../backend/rehearsal/matrix-command.ts');
      return (args, printer) => writeMatrix(args, printer);
    },
  },
];
