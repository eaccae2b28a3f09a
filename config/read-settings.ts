import { show } from '../values/invalid-value.ts';
import { CROSS_RULES } from './cross-rules.ts';
import { InvalidFile, type Problem } from './problem.ts';
import { checkAgainst } from './schema-problems.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { readYamlFile, type YamlFile } from './yaml-file.ts';

/** The settings that are read when the environment names none. */
const DEFAULT_FILE = 'config/tinyland.yaml';

/** The settings file that the environment chooses. */
export function settingsFile(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['FLYWHEEL_CONFIG'];
  return named === undefined || named === '' ? DEFAULT_FILE : named;
}

/**
 * Reads and checks the settings.
 *
 * @throws InvalidFile with every problem, each with its place in the file.
 */
export function readSettings(file = settingsFile()): Settings {
  const yaml = readYamlFile(file);
  const result = checkAgainst(settingsSchema, yaml);
  if ('value' in result) {
    const problems = crossProblems(result.value, yaml);
    if (problems.length > 0) throw new InvalidFile(inOrder(problems));
    return result.value;
  }
  throw new InvalidFile(inOrder([...result.problems, ...remainingProblems(yaml, result.problems)]));
}

/** What would still be wrong with the parts that are right by themselves, so that one run shows everything. */
function remainingProblems(yaml: YamlFile, found: readonly Problem[]): Problem[] {
  const content = structuredClone(yaml.content);
  for (const { path, value } of found) {
    const parts = path.split('.');
    removeAt(content, value === 'nothing' ? parts.slice(0, -1) : parts);
  }
  const rest = checkAgainst(settingsSchema, { ...yaml, content });
  if (!('value' in rest)) return [];
  const within = (path: string) =>
    found.some((problem) => `${path}.`.startsWith(`${problem.path}.`));
  return crossProblems(rest.value, yaml).filter(({ path }) => !within(path));
}

function removeAt(content: unknown, path: readonly string[]): void {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((value, part) => Reflect.get(Object(value), part), content);
  if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
  else Reflect.deleteProperty(Object(parent), path.at(-1) ?? '');
}

function crossProblems(settings: Settings, yaml: YamlFile): Problem[] {
  return CROSS_RULES.flatMap((rule) => rule(settings)).map(({ path, rule, value, remedy }) => ({
    file: yaml.file,
    ...yaml.locate(path),
    path: path.map(String).join('.'),
    rule,
    value: value === undefined ? '' : show(value),
    remedy,
  }));
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((left, right) => left.line - right.line || left.column - right.column);
}
