import { crossProblems, remainingProblems } from './cross-check.ts';
import { InvalidFile } from './problem.ts';
import { checkAgainst, type PlacedProblem } from './schema-problems.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { readYamlFile } from './yaml-file.ts';

/** The settings that are read when the environment names none. */
const DEFAULT_FILE = 'config/tinyland.yaml';

/** The settings file that the environment chooses. */
export function settingsFile(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.FLYWHEEL_CONFIG;
  return named === undefined || named === '' ? DEFAULT_FILE : named;
}

/**
 * Reads and checks the settings.
 *
 * @throws InvalidFile with every problem, each with its place in the file.
 */
export function readSettings(file = settingsFile()): Settings {
  const yaml = readYamlFile(file);
  const checked = checkAgainst(settingsSchema, yaml);
  if ('problems' in checked) {
    throw refusal([...checked.problems, ...remainingProblems(yaml, checked.problems)]);
  }
  const conflicts = crossProblems(checked.value, yaml);
  if (conflicts.length > 0) throw refusal(conflicts);
  return checked.value;
}

function refusal(found: readonly PlacedProblem[]): InvalidFile {
  return new InvalidFile(found.map(({ problem }) => problem));
}
