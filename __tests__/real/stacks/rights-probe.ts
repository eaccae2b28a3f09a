import type { V1RoleBinding, V1SubjectAccessReview } from '@kubernetes/client-node';
import { forEachOf } from '../../../operations/kubernetes/cluster-client.ts';
import type { Api, KubeList, KubeObject } from '../../../operations/rehearsal/cluster/api.ts';
import { readSummary } from '../../../policy/charts/chart-summaries.ts';
import type { Access, Grant } from '../../../policy/model/access.ts';
import { readCluster } from '../../../policy/model/cluster.ts';
import { runtimeAccess } from '../../../policy/model/runtime-access.ts';
import type { JudgedStack } from '../../../policy/policy-input.ts';
import { POWERS } from '../../../policy/rules/powers.ts';

/** One question about the rights of an account. */
interface Question {
  readonly account: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty for all namespaces. */
  readonly namespace: string;
  /** Empty for all objects. */
  readonly name: string;
}

/** What the API server said to all the questions, beside what the rules had read from the stacks. */
export interface ProbeResult {
  readonly accounts: readonly string[];
  readonly questions: number;
  readonly allowed: number;
  /** Answers that are not as predicted. */
  readonly surprises: readonly string[];
  /** Accounts to which an operator gives their rights while it runs; nobody does here. */
  readonly atRunTime: readonly string[];
  /** Accounts that the stacks define and the cluster does not have. */
  readonly missing: readonly string[];
}

const TOGETHER = 16;

/** Asks the API server for every account of some namespaces and every right that leads anywhere, and compares with the prediction. */
export async function probeRights(
  api: Api,
  stacks: readonly JudgedStack[],
  namespaces: readonly string[],
): Promise<ProbeResult> {
  const input = { stacks, previous: [], declared: { nodes: [], requireDigests: false } };
  const cluster = readCluster(input, readSummary);
  const live = await api.get<KubeList<KubeObject>>('/api/v1/serviceaccounts');
  const all = live.items
    .filter(({ metadata }) => namespaces.includes(metadata?.namespace ?? ''))
    .map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`)
    .sort();
  const given = new Set(
    runtimeAccess(cluster.objects, cluster.releases)
      .filter(({ kind }) => kind === 'ServiceAccount')
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const accounts = all.filter((account) => !given.has(account));
  const bound = await boundNamespaces(api);
  const questions = accounts.flatMap((account) =>
    questionsOn(account, bound.get(account) ?? [], cluster.access),
  );
  const answers = await forEachOf(questions, (question) => ask(api, question), TOGETHER);
  const surprises = questions.flatMap((question, index) => {
    const predicted = isPredicted(question, cluster.access.grantsOf(question.account));
    return answers[index] === predicted ? [] : [words(question, predicted)];
  });
  const defined = cluster.ofKind('ServiceAccount').filter(({ origin }) => origin !== 'chart');
  return {
    accounts,
    atRunTime: all.filter((account) => given.has(account)),
    questions: questions.length,
    allowed: answers.filter(Boolean).length,
    surprises,
    missing: defined
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .filter((account) => !all.includes(account)),
  };
}

/** In which namespaces something is bound to an account, whoever did it: in all others it has what it has everywhere. */
async function boundNamespaces(api: Api): Promise<ReadonlyMap<string, readonly string[]>> {
  const path = '/apis/rbac.authorization.k8s.io/v1/rolebindings';
  const { items } = await api.get<KubeList<V1RoleBinding>>(path);
  const found = new Map<string, string[]>();
  for (const { metadata, subjects = [] } of items) {
    for (const { kind, name, namespace } of subjects) {
      if (kind !== 'ServiceAccount') continue;
      const account = `${namespace}/${name}`;
      found.set(account, [...(found.get(account) ?? []), metadata?.namespace ?? '']);
    }
  }
  return found;
}

function questionsOn(account: string, bound: readonly string[], access: Access): Question[] {
  const rights = POWERS.flatMap(({ groups, resources, verbs }) =>
    groups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ account, group, resource, verb }))),
    ),
  );
  const all = access.grantsOf(account);
  const [own = ''] = account.split('/');
  const asked = [
    '',
    own,
    'kube-system',
    ...bound,
    ...all.flatMap(({ namespace = [] }) => namespace),
  ];
  const unnamed = [...new Set(asked)].flatMap((namespace) =>
    rights.map((right) => ({ ...right, namespace, name: '' })),
  );
  const grants = all.filter(({ names }) => names.length > 0);
  const named = grants.flatMap(({ namespace = '', names }) =>
    names.flatMap((name) => rights.map((right) => ({ ...right, namespace, name }))),
  );
  return [...unnamed, ...named];
}

function isPredicted(
  { verb, group, resource, namespace, name }: Question,
  grants: readonly Grant[],
): boolean {
  const [, part] = resource.split('/');
  const resources = [resource, '*', ...(part === undefined ? [] : [`*/${part}`])];
  return grants.some(
    (grant) =>
      (grant.namespace === undefined || grant.namespace === namespace) &&
      (grant.names.length === 0 || grant.names.includes(name)) &&
      [group, '*'].some((one) => grant.apiGroups.includes(one)) &&
      resources.some((one) => grant.resources.includes(one)) &&
      [verb, '*'].some((one) => grant.verbs.includes(one)),
  );
}

async function ask(api: Api, question: Question): Promise<boolean> {
  const { account, verb, group, resource, namespace, name } = question;
  const [space = '', own = ''] = account.split('/');
  const [main = '', subresource] = resource.split('/');
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const review = await api.create(path, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: `system:serviceaccount:${space}:${own}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${space}`, 'system:authenticated'],
      resourceAttributes: {
        verb,
        group,
        resource: main,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === '' ? {} : { namespace }),
        ...(name === '' ? {} : { name }),
      },
    },
  });
  return (review as V1SubjectAccessReview).status?.allowed ?? false;
}

function words({ account, verb, group, resource, namespace, name }: Question, predicted: boolean) {
  const where = namespace === '' ? 'every namespace' : namespace;
  const what = `${verb} ${group === '' ? resource : `${resource}.${group}`} ${name}`.trim();
  return `${account} ${what} in ${where}: predicted ${predicted}, the API server says ${!predicted}`;
}
