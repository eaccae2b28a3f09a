import * as z from 'zod';
import { InvalidFile } from './problem.ts';
import { brokenRule, name, shaped } from './schema/fields.ts';
import { checkAgainst } from './schema-problems.ts';
import { readYamlFile } from './yaml-file.ts';

/** The file that says which Bazel targets may be built by a remote executor. */
const RBE_TARGET_ELIGIBILITY_FILE = 'config/rbe-target-eligibility.json';

const LABEL_PATTERN =
  /^(@[A-Za-z0-9_.+~-]*)?\/\/([A-Za-z0-9_.+~-]+\/)*(\.\.\.|[A-Za-z0-9_.+~-]*:[^\s:]+|[A-Za-z0-9_.+~-]+)$/;

const targets = z
  .array(
    shaped(
      LABEL_PATTERN,
      'be a label or a pattern of labels',
      '//lib/... or //app:server',
    ).describe('A label, or every label below a package: `//lib/...`.'),
  )
  .min(1)
  .describe('The targets of the class. Where several patterns match, the longest one decides.');

const targetClass = z
  .discriminatedUnion('eligible', [
    z.strictObject({
      targets,
      eligible: z.literal(true).describe('May be built by an executor.'),
      evidence: z
        .string()
        .min(20)
        .describe('The run that built it remotely and locally with equal outputs, and its date.'),
    }),
    z.strictObject({
      targets,
      eligible: z.literal(false).describe('Is always built locally.'),
      reason: z.string().min(20).describe('Why it may not, or what has not been proved yet.'),
    }),
  ])
  .describe('Targets that are alike for an executor.');

/** Which classes of Bazel targets may be built by a remote executor, and why. */
export const rbeEligibilitySchema = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .describe('The JSON Schema of this file. Without it editors do not check.'),
    classes: z
      .record(name('dnsLabel'), targetClass)
      .superRefine((classes, context) => {
        const seen = new Map<string, string>();
        for (const [className, { targets: patterns }] of Object.entries(classes)) {
          for (const [index, pattern] of patterns.entries()) {
            const other = seen.get(pattern);
            seen.set(pattern, className);
            if (other === undefined) continue;
            const rule = `stand in one class only, and ${other} has it`;
            context.addIssue(
              brokenRule(rule, 'remove one of the two', pattern, [className, 'targets', index]),
            );
          }
        }
      })
      .describe('The classes by name. A target of no class is built locally.'),
  })
  .describe('Which classes of Bazel targets may be built by a remote executor, and why.');

/** The classes of Bazel targets by name. */
export type RbeEligibility = z.output<typeof rbeEligibilitySchema>;

/** Targets that are alike for an executor. */
export type TargetClass = RbeEligibility['classes'][string];

/**
 * Reads which targets may be built by a remote executor.
 *
 * @throws InvalidFile with every problem, each with its place in the file.
 */
export function readRbeEligibility(file = RBE_TARGET_ELIGIBILITY_FILE): RbeEligibility {
  const checked = checkAgainst(rbeEligibilitySchema, readYamlFile(file));
  if ('problems' in checked) throw new InvalidFile(checked.problems.map(({ problem }) => problem));
  return checked.value;
}

/** The class of a target, or undefined when it belongs to none. */
export function targetClassOf({ classes }: RbeEligibility, label: string): TargetClass | undefined {
  const matches = Object.values(classes).flatMap((candidate) =>
    candidate.targets
      .filter((pattern) => matchesLabel(pattern, label))
      .map((pattern) => ({ candidate, pattern })),
  );
  return matches.toSorted((left, right) => right.pattern.length - left.pattern.length)[0]
    ?.candidate;
}

function matchesLabel(pattern: string, label: string): boolean {
  if (!pattern.endsWith('...')) return canonicalLabel(pattern) === canonicalLabel(label);
  const folder = pattern.slice(0, -'...'.length);
  return label.startsWith(folder) || canonicalLabel(label).startsWith(`${folder.slice(0, -1)}:`);
}

/** `//app` is short for `//app:app`. */
function canonicalLabel(label: string): string {
  return label.includes(':') ? label : `${label}:${label.slice(label.lastIndexOf('/') + 1)}`;
}

/** What decides whether a target is built remotely. */
export interface ExecutionChoice {
  /** BAZEL_REMOTE_EXECUTOR. */
  readonly executor: string | undefined;
  /** BAZEL_REMOTE_CACHE. */
  readonly cache: string | undefined;
  readonly targetClass: TargetClass | undefined;
}

/**
 * True when a target may be built by the executor.
 *
 * An address of the executor that is set by itself and an eligible class are both needed; either alone means a local
 * build. The address of the cache does not count as one of an executor: the cache only keeps results.
 */
export function mayExecuteRemotely({ executor, cache, targetClass }: ExecutionChoice): boolean {
  const hasExecutor = executor !== undefined && executor !== '' && executor !== cache;
  return hasExecutor && targetClass?.eligible === true;
}
