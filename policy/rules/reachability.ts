import type { Cluster } from '../model/cluster.ts';
import { groupBy } from '../model/grouping.ts';
import { type RequiredSecret, requiredSecrets } from '../model/known-secrets.ts';
import type { Pod } from '../model/pod.ts';
import type { Remark, Rule } from '../rule.ts';
import { wayToNode } from './node-access.ts';
import { EVERYWHERE, type Place, place } from './powers.ts';
import { drawWays, heldIn, type Reached, type Start } from './ways.ts';

const OPERATOR = 'operator';
const JOBS = 'jobs';

/** Credentials of the runners themselves. Jobs run beside them and must not have them. */
const OF_CONTROLLERS = new Set(['github-app', 'gitlab-api-token', 'runner-token']);

const CLOSE =
  'take the right away that opens the way, or move what it leads to into a namespace of another trust level';

const NODE =
  'give these jobs nodes of their own by nodeSelector and taints, or waive the rule with the reason';

/**
 * A search over who may become whom.
 *
 * It begins with what every job holds: the token of its account and the Secrets in its pod. Accounts of controllers are no
 * beginnings, because no job runs under them, but a way may lead through them.
 */
export const privilegeReachability: Rule = {
  id: 'privilege-reachability',
  severity: 'error',
  meaning:
    'No job reaches a Secret outside of its own trust level, an account of the operator lane, or cluster-admin.',
  *judge(cluster) {
    const ways = drawWays(cluster);
    const secrets = groupBy(requiredSecrets(cluster.input.stacks), ({ namespace }) => namespace);
    const jobs = cluster.pods.filter(({ purpose }) => purpose === 'job');
    const starts = jobs.flatMap((pod) => startsOf(cluster, pod));
    const levels = groupBy(starts, ({ pod }) => trustOf(cluster, pod.namespace) ?? JOBS);
    for (const [level, ofLevel] of levels) {
      if (level === OPERATOR) continue;
      const stopAt = (here: Place) =>
        here === place.admin || operatorHome(cluster, here) !== undefined;
      const reached = ways.from(ofLevel, stopAt);
      const goals = reached.flatMap((found) => goalOf({ cluster, secrets, level }, found));
      for (const same of groupBy(goals, ({ key }) => key).values()) {
        yield remarkOn(level, same, (goal) => ways.to(goal.found.place, ofLevel));
      }
      yield* unknownRights(cluster, reached);
    }
    for (const pod of jobs) yield* nodeOfItsOwn(pod);
  },
};

/** Jobs with the run of their node are let be in writing, so this is a way of its own and no error. */
function* nodeOfItsOwn(pod: Pod): Iterable<Remark> {
  const way = wayToNode(pod);
  if (way === undefined) return;
  yield {
    resource: pod.address,
    severity: 'warning',
    problem: `${pod.owner} in ${pod.namespace} reach their node, and with it what every pod there holds: ${way}`,
    remedy: NODE,
  };
}

/** What a job holds from the beginning, and what it may choose. */
function startsOf(cluster: Cluster, pod: Pod): Start[] {
  const held = heldIn(cluster, pod).map((step) => ({ ...step, pod }));
  const choice = cluster.choices.get(pod);
  if (choice === undefined || (choice.account ?? choice.namespace) === undefined) return held;
  const others = choice.namespace === undefined ? [] : [...cluster.namespaces.keys()];
  const namespaces = new Set([pod.namespace, ...others.filter(matcher(choice.namespace ?? ''))]);
  const named = matcher(choice.account ?? '^default$');
  const chosen = [...namespaces].flatMap((namespace) =>
    cluster.access.accountsIn(namespace).filter((account) => named(account.split('/')[1] ?? '')),
  );
  return [
    ...held,
    ...chosen.map((account) => ({
      to: place.account(account),
      by: `a job may choose the account ${account}`,
      pod,
    })),
  ];
}

/** The pattern as Go reads it; one that JavaScript cannot read is taken to allow everything. */
function matcher(pattern: string): (text: string) => boolean {
  try {
    const expression = new RegExp(pattern);
    return (text) => expression.test(text);
  } catch {
    return () => true;
  }
}

function trustOf({ namespaces }: Cluster, namespace: string): string | undefined {
  return namespaces.get(namespace)?.trust;
}

/** The namespace of the operator lane that a place lies in, or undefined for a place elsewhere. */
function operatorHome(cluster: Cluster, here: Place): string | undefined {
  const [, name = ''] = here.split(' ');
  const [namespace = ''] = name.split('/');
  return trustOf(cluster, namespace) === OPERATOR ? namespace : undefined;
}

/** Something that jobs must not reach and do. */
interface Goal {
  /** The same for goals that are one finding. */
  readonly key: string;
  readonly found: Reached;
  readonly what: string;
  /** Names that belong to it, such as those of Secrets. */
  readonly names: readonly string[];
}

interface Question {
  readonly cluster: Cluster;
  readonly secrets: ReadonlyMap<string, readonly RequiredSecret[]>;
  readonly level: string;
}

/** What is wrong with reaching a place; nothing when it is only on the way. */
function goalOf(question: Question, found: Reached): Goal[] {
  const here = found.place;
  const goal = (key: string, what: string, names: readonly string[] = []) => [
    { key, found, what, names },
  ];
  if (here === place.admin) return goal('admin', 'cluster-admin');
  if (here === place.node) return goal('node', 'a node, and with it what every pod there holds');
  const lane = operatorHome(question.cluster, here);
  if (lane !== undefined) return goal(`lane ${lane}`, `the operator lane ${lane}`);
  const [kind, name = ''] = here.split(' ');
  if (kind !== 'secrets' && kind !== 'secret') return [];
  if (name === EVERYWHERE) return goal('secrets', 'every Secret of the cluster');
  const [namespace = ''] = name.split('/');
  const foreign =
    kind === 'secret' ? foreignSecret(question, name) : foreignSecrets(question, name);
  const trust = trustOf(question.cluster, namespace) ?? 'no known trust level';
  return foreign === undefined
    ? []
    : goal(`secrets ${namespace}`, `Secrets of ${namespace} (${trust})`, foreign);
}

/** The known Secrets of a namespace that are not for jobs of the level; undefined where all are. */
function foreignSecrets(question: Question, namespace: string): readonly string[] | undefined {
  const foreign = (question.secrets.get(namespace) ?? []).filter((secret) =>
    isForeign(question, secret, namespace),
  );
  const own = trustOf(question.cluster, namespace) === question.level;
  return foreign.length === 0 && own ? undefined : foreign.map(shownSecret);
}

function foreignSecret(question: Question, fullName: string): readonly string[] | undefined {
  const [namespace = '', name = ''] = fullName.split('/');
  const secret = (question.secrets.get(namespace) ?? []).find((known) => known.name === name);
  if (!isForeign(question, secret, namespace)) return undefined;
  return [secret === undefined ? name : shownSecret(secret)];
}

function shownSecret({ name, kind }: RequiredSecret): string {
  return `${name} (${kind})`;
}

function isForeign(
  { cluster, level }: Question,
  secret: RequiredSecret | undefined,
  namespace: string,
): boolean {
  if (secret !== undefined && OF_CONTROLLERS.has(secret.kind)) return true;
  return trustOf(cluster, namespace) !== level;
}

function remarkOn(
  level: string,
  [first, ...more]: readonly Goal[],
  startsTo: (goal: Goal) => readonly Start[],
): Remark {
  if (first === undefined) throw new TypeError('a finding is about at least one goal');
  const { steps, start } = first.found;
  const { owner, namespace, address } = start.pod;
  const names = [...new Set([first, ...more].flatMap((goal) => goal.names))];
  const what = names.length === 0 ? first.what : `${first.what}: ${names.join(', ')}`;
  const others = new Set([first, ...more].flatMap(startsTo).map(({ pod }) => pod.owner));
  others.delete(owner);
  const also = others.size === 0 ? '' : `; so do ${[...others].join(', ')}`;
  return {
    resource: steps.find((step) => step.address !== undefined)?.address ?? address,
    problem: `${owner} in ${namespace} (${level}) reach ${what}; the way: ${steps.map(({ by }) => by).join(' -> ')}${also}`,
    remedy: CLOSE,
  };
}

/** Rights that nobody can judge are not good. */
function* unknownRights(cluster: Cluster, reached: readonly Reached[]): Iterable<Remark> {
  for (const { place: here, start } of reached) {
    const [kind, account = ''] = here.split(' ');
    if (kind !== 'account') continue;
    for (const { role, address } of cluster.access.unknownRolesOf(account)) {
      yield {
        resource: address,
        problem: `${start.pod.owner} reach the account ${account}, which is bound to ${role}; no stack defines that role`,
        remedy: 'bind a role that a stack defines, with its rights listed one by one',
      };
    }
  }
}
