import { readFileSync } from 'node:fs';
import { closest } from 'fastest-levenshtein';
import { EXIT } from './console/exit-code.ts';
import { Failure } from './console/failure.ts';
import { type Printer, STANDARD_PRINTER } from './console/printer.ts';
import { DEVELOP } from './verbs/develop.ts';
import { OPERATE } from './verbs/operate.ts';
import { REHEARSE } from './verbs/rehearse.ts';
import { GUARD, RECOVER, STATE } from './verbs/state.ts';
import { SYNTHESIZE } from './verbs/synthesize.ts';
import type { Verb } from './verbs/verb.ts';

const GROUPS: readonly (readonly [title: string, verbs: readonly Verb[]])[] = [
  ['synthesize', SYNTHESIZE],
  ['state', STATE],
  ['guards', GUARD],
  ['recovery', RECOVER],
  ['operate', OPERATE],
  ['rehearse', REHEARSE],
  ['develop', DEVELOP],
];
const VERBS = GROUPS.flatMap(([, verbs]) => verbs);

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
    ...GROUPS.flatMap(([title, verbs]) => [
      '',
      `${title}:`,
      ...verbs.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    ]),
    '',
    'FLYWHEEL_CONFIG names the settings file (config/tinyland.yaml without it).',
    'Exit codes: 0 good, 1 not completed or not known, 2 bad, 3 degraded or interim, 4 recovery pending,',
    '64 wrong usage or settings, 130 interrupted.',
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
