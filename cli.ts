import { readFileSync } from 'node:fs';
import { closest } from 'fastest-levenshtein';
import { EXIT } from './console/exit-code.ts';
import { Failure } from './console/failure.ts';
import { type Printer, STANDARD_PRINTER } from './console/printer.ts';

/** Runs a command and returns its exit code. */
type Command = (args: readonly string[], printer: Printer) => number | Promise<number>;

interface Verb {
  /** The words that name it. */
  readonly name: string;
  /** What may follow them. */
  readonly usage: string;
  readonly summary: string;
  /** Loads what the verb needs, and nothing else does. Synthesis has a bundle of its own and never comes here. */
  readonly load?: () => Promise<Command>;
}

const VERBS: readonly Verb[] = [
  { name: 'synth', usage: '[--json]', summary: 'write the four stacks to cdktf.out' },
  { name: 'report', usage: '[--json]', summary: 'print what the stacks hold' },
  { name: 'bench', usage: '', summary: 'measure synthesis beside plain CDKTF' },
  { name: 'bench-apply', usage: '', summary: 'measure plan and apply beside plain OpenTofu JSON' },
  {
    name: 'info',
    usage: '[--export]',
    summary: 'say how this machine uses the caches',
    load: async () => (await import('./operations/attachment.ts')).info,
  },
  {
    name: 'schema',
    usage: '[--check]',
    summary: 'write the JSON Schemas that editors read',
    load: async () => (await import('./operations/schema/command.ts')).writeSchemas,
  },
  {
    name: 'requirements',
    usage: '[--check]',
    summary: 'write the table of requirements and the tests that prove them',
    load: async () => (await import('./operations/requirements/command.ts')).writeRequirements,
  },
  {
    name: 'images check',
    usage: '[--json] [name…]',
    summary: 'compare pinned images with their registries',
    load: async () => {
      const { checkImages } = await import('./operations/images/command.ts');
      return (args, printer) => checkImages(args, { printer });
    },
  },
  {
    name: 'images resolve',
    usage: '[--update] [--json] [name…]',
    summary: 'fill in the digests of images',
    load: async () => {
      const { resolveImages } = await import('./operations/images/command.ts');
      return (args, printer) => resolveImages(args, { printer });
    },
  },
  {
    name: 'charts summarize',
    usage: '[--check] folder',
    summary: 'summarize what charts render, by the real Helm',
    load: async () => (await import('./operations/charts/command.ts')).summarize,
  },
  {
    name: 'charts pull',
    usage: 'folder',
    summary: 'fill a folder with the pinned charts, by the pinned Helm',
    load: async () => {
      const { pull } = await import('./operations/charts/pull.ts');
      return (args, printer) => pull(args, printer);
    },
  },
  {
    name: 'secrets ensure',
    usage: '<stack> [--from folder] [--stdin] [--json]',
    summary: 'bring the Secrets of a stack into being; never replaces one',
    load: async () => (await import('./operations/secrets/command.ts')).ensure,
  },
  {
    name: 'secrets rotate',
    usage: '<stack> <kind> [--only namespace/name] [--from folder] [--stdin] [--json]',
    summary: 'replace the Secrets of one kind, and say what follows',
    load: async () => (await import('./operations/secrets/command.ts')).rotate,
  },
  {
    name: 'preflight',
    usage: '<stack> [--json]',
    summary: 'prove that a stack can be applied to the declared cluster',
    load: async () => (await import('./operations/preflight/command.ts')).runPreflight,
  },
  {
    name: 'drift',
    usage: '<stack> [--json]',
    summary: 'say where the cluster is not what a stack declares',
    load: async () => (await import('./operations/drift/command.ts')).drift,
  },
  {
    name: 'validate',
    usage: '[--json] [stack…]',
    summary: 'let OpenTofu and the providers judge the synthesized stacks',
    load: async () => {
      const { validate } = await import('./operations/validate/command.ts');
      return (args, printer) => validate(args, printer);
    },
  },
  {
    name: 'lock',
    usage: '[stack…]',
    summary: 'renew the hashes of the providers, from their registry',
    load: async () => {
      const { lock } = await import('./operations/lock/command.ts');
      return (args, printer) => lock(args, { printer });
    },
  },
  {
    name: 'tools build',
    usage: '[name…]',
    summary: 'build the pinned programs that rehearsals need',
    load: async () => {
      const { buildTools } = await import('./operations/tools/build-command.ts');
      return (args, printer) => buildTools(args, { printer });
    },
  },
  {
    name: 'tools list',
    usage: '[--json]',
    summary: 'say where each pinned program is',
    load: async () => (await import('./operations/tools/list-command.ts')).listTools,
  },
  {
    name: 'cluster up',
    usage: '[--name name] [--port port] [--exec] [--foreground]',
    summary: 'start a rehearsal cluster on this machine',
    load: async () => (await import('./operations/rehearsal/cluster/command.ts')).up,
  },
  {
    name: 'cluster status',
    usage: '[--name name] [--json]',
    summary: 'say which rehearsal clusters there are',
    load: async () => (await import('./operations/rehearsal/cluster/status.ts')).status,
  },
  {
    name: 'cluster down',
    usage: '[--name name]',
    summary: 'end a rehearsal cluster, and leave nothing of it',
    load: async () => (await import('./operations/rehearsal/cluster/command.ts')).down,
  },
  {
    name: 'store up',
    usage:
      '--kind versitygw|minio|rustfs [--name name] [--address address] [--port port] [--data folder] [--json] [--foreground]',
    summary: 'start a rehearsal store on this machine',
    load: async () => (await import('./operations/rehearsal/store/command.ts')).up,
  },
  {
    name: 'store status',
    usage: '[--name name] [--json]',
    summary: 'say which rehearsal stores there are',
    load: async () => (await import('./operations/rehearsal/store/status.ts')).status,
  },
  {
    name: 'store down',
    usage: '[--name name]',
    summary: 'end a rehearsal store, and leave nothing of it',
    load: async () => (await import('./operations/rehearsal/store/command.ts')).down,
  },
];

/** Runs the command that the words name, and turns what goes wrong into a sentence and an exit code. */
async function main(words: readonly string[], printer: Printer): Promise<number> {
  const isPlea = words.length === 0 || ['help', '--help', '-h'].includes(words[0] ?? '');
  if (isPlea) {
    for (const line of overview()) printer.result(line);
    return words.length === 0 ? EXIT.usage : EXIT.good;
  }
  if (words[0] === '--version') {
    printer.result(JSON.parse(readFileSync('package.json', 'utf8')).version);
    return EXIT.good;
  }
  const verb = VERBS.find(({ name }) => `${words.join(' ')} `.startsWith(`${name} `));
  if (verb?.load === undefined) {
    printer.problem(unknownVerb(words));
    return EXIT.usage;
  }
  const args = words.slice(verb.name.split(' ').length);
  if (args.includes('--help') || args.includes('-h')) {
    printer.result(`usage: flywheel ${verb.name} ${verb.usage}\n\n${verb.summary}`);
    return EXIT.good;
  }
  try {
    const command = await verb.load();
    return await command(args, printer);
  } catch (error) {
    return explain(error, verb, printer);
  }
}

function overview(): string[] {
  const width = Math.max(...VERBS.map(({ name }) => name.length));
  return [
    'usage: flywheel <command> [--help] | --version',
    '',
    ...VERBS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'FLYWHEEL_CONFIG names the settings file (config/tinyland.yaml without it).',
    'Exit codes: 0 good, 1 not completed or not known, 2 bad, 64 wrong usage or settings, 130 interrupted.',
  ];
}

function unknownVerb(words: readonly string[]): string {
  const given = words
    .slice(0, 2)
    .filter((word) => !word.startsWith('-'))
    .join(' ');
  if (given === '') return `unknown option: ${words[0]}\n    "flywheel --help" lists all commands`;
  const names = VERBS.map(({ name }) => name);
  const near = names.find((name) => name.startsWith(given)) ?? closest(given, names);
  return `unknown command: ${given}\n    did you mean ${near}? "flywheel --help" lists all`;
}

/** What a person can mend is said in a sentence; a defect of ours keeps its stack trace. */
function explain(error: unknown, verb: Verb, printer: Printer): number {
  if (error instanceof Failure) {
    printer.problem(error.message);
    return error.exitCode;
  }
  if (error instanceof Error && error.name === 'InvalidFile') {
    printer.problem(error.message);
    return EXIT.usage;
  }
  if (
    error instanceof TypeError &&
    'code' in error &&
    String(error.code).startsWith('ERR_PARSE_ARGS')
  ) {
    printer.problem(`${error.message.split('. ')[0]}\nusage: flywheel ${verb.name} ${verb.usage}`);
    return EXIT.usage;
  }
  throw error;
}

process.once('SIGINT', () => process.exit(EXIT.interrupted));
void main(process.argv.slice(2), STANDARD_PRINTER).then((code) => {
  process.exitCode = code;
});
