import { asObjects, asTexts } from '../../policy/model/json.ts';
import type { KubernetesObject } from '../../policy/model/kubernetes-object.ts';
import { bad, type Check, good } from '../kubernetes/check.ts';
import { type AccessQuestion, forEachOf, isAllowed } from '../kubernetes/cluster-client.ts';
import type { Subject } from './subject.ts';

/** What the providers and Helm do with an object of a stack during its life. */
const OBJECT_VERBS = ['create', 'delete', 'get', 'patch'];
/** What Helm does with the Secrets in which it keeps the record of a release. */
const RECORD_VERBS = ['create', 'delete', 'get', 'list', 'update'];
const RBAC = 'rbac.authorization.k8s.io';
const SHOWN = 5;

/** Who runs this may do what a plan of the stack needs. */
export async function operatorRights(subject: Subject): Promise<Check[]> {
  if (await mayDoEverything(subject)) return [good('rights', 'may do everything in the cluster')];
  const questions = distinct([...objectQuestions(subject), ...recordQuestions(subject)]);
  const refused = await refusedOf(subject, questions);
  return [
    refused.length === 0
      ? good('rights', `may do all ${questions.length} things that the plan needs`)
      : bad(
          'rights',
          `may not ${listed(refused)}`,
          'give these rights to whoever applies the stack, or apply it as somebody who has them',
        ),
  ];
}

/**
 * Nobody can give away rights that he does not hold: roles whose rules go beyond them are refused in the middle of an apply.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export async function grantedRights(subject: Subject): Promise<Check[]> {
  const roles = subject.objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
  if (roles.length === 0) return [good('grants', 'the stack gives no rights')];
  if (await mayDoEverything(subject))
    return [good('grants', 'holds every right, so it may give any')];
  const refused: AccessQuestion[] = [];
  for (const role of roles) {
    const resource = role.kind === 'Role' ? 'roles' : 'clusterroles';
    const escalate = { verb: 'escalate', group: RBAC, resource, namespace: role.namespace };
    if (await isAllowed(subject.client, escalate)) continue;
    refused.push(...(await refusedOf(subject, distinct(ruleQuestions(role)))));
  }
  return [
    refused.length === 0
      ? good('grants', `holds every right that its ${roles.length} roles give`)
      : bad(
          'grants',
          `may not itself ${listed(distinct(refused))}, and so cannot give that to others`,
          'apply it as somebody who holds these rights, or who may escalate',
        ),
  ];
}

function mayDoEverything({ client }: Subject): Promise<boolean> {
  return isAllowed(client, { verb: '*', group: '*', resource: '*', namespace: '' });
}

function objectQuestions({ objects, types }: Subject): AccessQuestion[] {
  return objects.flatMap(({ apiVersion, kind, namespace }) => {
    const { group, resource } = types.typeOf(apiVersion, kind, namespace !== '');
    return OBJECT_VERBS.map((verb) => ({ verb, group, resource, namespace }));
  });
}

function recordQuestions({ defined }: Subject): AccessQuestion[] {
  return defined.helmReleases.flatMap(({ namespace }) =>
    RECORD_VERBS.map((verb) => ({ verb, group: '', resource: 'secrets', namespace })),
  );
}

/** A rule as the questions that it is made of. What goes by the name of an object is asked for all of its kind. */
function ruleQuestions({ body, namespace }: KubernetesObject): AccessQuestion[] {
  return asObjects(body.rules).flatMap((rule) =>
    asTexts(rule.apiGroups).flatMap((group) =>
      asTexts(rule.resources).flatMap((text) => {
        const [resource = '', subresource] = text.split('/');
        return asTexts(rule.verbs).map((verb) => ({
          verb,
          group,
          resource,
          ...(subresource === undefined ? {} : { subresource }),
          namespace,
        }));
      }),
    ),
  );
}

async function refusedOf(
  { client }: Subject,
  questions: readonly AccessQuestion[],
): Promise<AccessQuestion[]> {
  const answers = await forEachOf(questions, (question) => isAllowed(client, question));
  return questions.filter((_, index) => answers[index] !== true);
}

function distinct(questions: readonly AccessQuestion[]): AccessQuestion[] {
  return [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()];
}

function listed(questions: readonly AccessQuestion[]): string {
  const groups = new Map<string, string[]>();
  for (const { verb, group, resource, subresource, namespace } of questions) {
    const full = [resource, ...(subresource === undefined ? [] : [subresource])].join('/');
    const what = `${group === '' ? full : `${full}.${group}`}${namespace === '' ? '' : ` in ${namespace}`}`;
    groups.set(what, [...(groups.get(what) ?? []), verb]);
  }
  const lines = [...groups].map(([what, verbs]) => `${verbs.join(', ')} ${what}`);
  const more = lines.length - SHOWN;
  return [...lines.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
