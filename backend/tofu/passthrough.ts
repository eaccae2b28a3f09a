import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Declaration } from '../gateway/gateway-options.ts';

/** How a command of tofu is run. */
export interface Passage {
  /** What the gateway lets through. */
  readonly declaration: Declaration;
  /** The store is proved first. */
  readonly guarded: boolean;
  /** It makes and removes resources, which are journalled. */
  readonly journalled: boolean;
}

const READS: Passage = { declaration: {}, guarded: false, journalled: false };
const LOOKS: Passage = { declaration: {}, guarded: true, journalled: false };
const WRITES: Passage = { declaration: { writes: true }, guarded: true, journalled: false };
const APPLIES: Passage = { declaration: { writes: true }, guarded: true, journalled: true };
const DESTROYS: Passage = {
  declaration: { writes: true, destroys: true },
  guarded: true,
  journalled: true,
};

/** What each command of tofu may do. The longest name counts; what is not named is refused. */
const PASSAGES: Readonly<Record<string, Passage>> = {
  console: READS,
  graph: READS,
  metadata: READS,
  output: READS,
  providers: READS,
  show: READS,
  'state list': READS,
  'state pull': READS,
  'state show': READS,
  validate: READS,
  version: READS,
  plan: LOOKS,
  import: WRITES,
  'state mv': WRITES,
  'state push': WRITES,
  'state replace-provider': WRITES,
  'state rm': WRITES,
  taint: WRITES,
  untaint: WRITES,
  refresh: WRITES,
  apply: APPLIES,
  destroy: DESTROYS,
};

/** Commands that have a recipe, or no place here. */
const INSTEAD: Readonly<Record<string, string>> = {
  init: 'run just tofu-init <stack>',
  'force-unlock': 'run just tofu-unlock <stack> <lock-id>',
  workspace: 'each stack has one state, and no workspaces',
  login: 'no registry that needs a login is used',
  logout: 'no registry that needs a login is used',
};

/** Options that would lead past the store, the lock, or what is proved of them. */
const REFUSED: Readonly<Record<string, string>> = {
  lock: 'every run holds the lock of the state; who holds it instead is told by just tofu-state-authority-deep-check <stack>',
  state: 'the state lies in the store, and nowhere else',
  'state-out': 'the state lies in the store, and nowhere else',
  backup: 'the state lies in the store, and nowhere else',
  'backup-out': 'the state lies in the store, and nowhere else',
  backend: 'the state lies in the store, and nowhere else',
  'backend-config': 'the store is named by TOFU_BACKEND_S3_*',
  'migrate-state': 'run just tofu-state-move <stack>',
  reconfigure: 'run just tofu-init <stack>',
  'force-copy': 'run just tofu-state-move <stack>',
  force:
    'what it overrides is what keeps a state from being lost: see just tofu-state-recover <stack>',
  'ignore-remote-version': 'the state would be of a version that others cannot read',
  chdir: 'a stack is named, not a folder',
  'plugin-dir': 'the providers are those of the lock file',
  lockfile: 'the providers are those of the lock file',
  out: 'the plan is kept by just tofu-plan <stack>',
  'json-into': 'the events of a run are kept by the recipe',
};

/** Commands whose argument is a file of a plan, which says itself where the state lies. */
const TAKES_PLAN = new Set(['apply', 'destroy']);

/**
 * What a command of tofu may do behind the gateway.
 *
 * @throws Failure for a command or an option that would lead past it
 */
export function passageOf(args: readonly string[]): Passage {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const [first = ''] = words;
  if (args[0]?.startsWith('-') === true || first === '') {
    throw refusal('a command of tofu comes first, such as state list');
  }
  const instead = INSTEAD[first];
  if (instead !== undefined) throw refusal(`tofu ${first} is not run here: ${instead}`);
  const passage = PASSAGES[`${first} ${args[1] ?? ''}`] ?? PASSAGES[first];
  if (passage === undefined) {
    throw refusal(`tofu ${first} is not run here; there are ${Object.keys(PASSAGES).join(', ')}`);
  }
  const refused = args.slice(1).flatMap(refusedOption);
  if (TAKES_PLAN.has(first)) refused.push(...planArgument(args.slice(1)));
  if (refused.length > 0) throw refusal(refused.join('\n'));
  return first === 'apply' && args.some(isDestroy) ? DESTROYS : passage;
}

function refusedOption(arg: string): string[] {
  const name = /^--?([a-z-]+)/.exec(arg)?.[1] ?? '';
  const why = REFUSED[name];
  return why === undefined ? [] : [`${arg} is refused: ${why}`];
}

/** A value may follow its option as a word of its own. */
function planArgument(rest: readonly string[]): string[] {
  const valued = new Set(['target', 'exclude', 'replace', 'var', 'var-file', 'parallelism']);
  const strays = rest.filter((arg, index) => {
    const before = /^--?([a-z-]+)$/.exec(rest[index - 1] ?? '')?.[1] ?? '';
    return !arg.startsWith('-') && !valued.has(before);
  });
  return strays.map(
    (arg) => `${arg} is refused: a plan names the store of its state; run just tofu-apply <stack>`,
  );
}

/** Also `-destroy=true`, and whatever else a boolean may be given. */
function isDestroy(arg: string): boolean {
  const [, value = 'true'] = /^--?destroy(?:=(.*))?$/.exec(arg) ?? [undefined, 'false'];
  return !/^(0|f|F|false|FALSE|False)$/.test(value);
}

function refusal(because: string): Failure {
  return new Failure(because, EXIT.usage);
}
