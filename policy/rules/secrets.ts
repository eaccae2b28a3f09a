import { SECRET_KINDS } from '../../values/secret-ref.ts';
import { secretShape } from '../../values/secret-shape.ts';
import type { Cluster } from '../model/cluster.ts';
import { groupBy } from '../model/grouping.ts';
import { asObject, asTexts } from '../model/json.ts';
import { type RequiredSecret, requiredSecrets } from '../model/known-secrets.ts';
import { remembered } from '../model/remembered.ts';
import type { Remark, Rule } from '../rule.ts';
import { isPublicKey, looksRandom } from './randomness.ts';

/** No credential of any shape is shorter. */
const LEAST_SECRET = 8;

/** Names of variables and settings whose value is a secret. */
const SECRET_NAME =
  /(^|[_.-])(passwd|password|passphrase|secret|token|credentials?|api[_-]?key|private[_-]?key|secret[_-]?key|secret[_-]?access[_-]?key|signing[_-]?key)$/i;

/** A line of a configuration file or script that gives something a value, and the few lines worth a look. */
const ASSIGNMENT = /^\s*(?:export\s+)?["']?([\w.-]+)["']?\s*[=:]\s*["']?([^\s"'$`]{6,})["']?\s*$/;
const MAY_ASSIGN = /pass|secret|token|credential|key/i;

const RANDOM = 'random text such as a key';

/** What stands where a secret would stand and is none: a path, a reference, a switch. */
const NO_SECRET = /^$|^[./~$]|^(true|false|none|null|unresolved)$/;

/** Nothing secret may stand in the JSON: it reaches plans, states, artifacts and logs. */
export const secretValue: Rule = {
  id: 'secret-value',
  severity: 'error',
  meaning: 'No text in the result is, or looks like, a credential.',
  *judge(cluster) {
    yield* plainVariables(cluster, namesOfSecrets(cluster));
    yield* writtenSecrets(cluster);
  },
  readTexts(cluster) {
    const names = namesOfSecrets(cluster);
    const credentialIn = remembered((text) => credential(text, names));
    return (found) => {
      const { text, key } = found;
      if (text.length < LEAST_SECRET) return undefined;
      const what = credentialIn(text);
      if (what === RANDOM && isPublicKey(key)) return undefined;
      return what === undefined ? undefined : remark(found.address, found.path, what);
    };
  },
};

function namesOfSecrets({ input }: Cluster): ReadonlySet<string> {
  return new Set(requiredSecrets(input.stacks).map(({ name }) => name));
}

function* plainVariables({ pods }: Cluster, names: ReadonlySet<string>): Iterable<Remark> {
  const what = 'a plain value of a variable that is named like a secret';
  for (const pod of pods) {
    for (const { name, environment } of pod.containers) {
      const plain = environment.filter((variable) =>
        isNamedSecret(variable.name, variable.value ?? '', names),
      );
      for (const variable of plain) {
        yield remark(pod.address, `${variable.name} of ${pod.owner}, container ${name},`, what);
      }
    }
  }
}

function* writtenSecrets({ ofKind }: Cluster): Iterable<Remark> {
  for (const { address, origin, body } of ofKind('Secret')) {
    const values = { ...asObject(body.data), ...asObject(body.stringData) };
    if (origin === 'chart' || Object.keys(values).length === 0) continue;
    yield remark(address, 'data', 'the values of a Secret');
  }
}

function remark(resource: string, path: string, what: string): Remark {
  return {
    resource,
    problem: `${path} holds ${what} (not shown)`,
    remedy:
      'put it into a Secret of the cluster and refer to it; then rotate it, because it has been written to disk',
  };
}

/** What kind of credential a text holds, whatever it is called; names of Secrets are none. */
function credential(text: string, names: ReadonlySet<string>): string | undefined {
  const shape = secretShape(text);
  if (shape !== undefined) return shape;
  if (text.includes('\n')) return assignedSecret(text, names);
  return looksRandom(text) ? RANDOM : undefined;
}

function assignedSecret(text: string, names: ReadonlySet<string>): string | undefined {
  for (const line of text.split('\n')) {
    if (!MAY_ASSIGN.test(line)) continue;
    const [, name = '', value = ''] = ASSIGNMENT.exec(line) ?? [];
    if (isNamedSecret(name, value, names)) return `a value for ${name}`;
  }
  return undefined;
}

function isNamedSecret(name: string, value: string, names: ReadonlySet<string>): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET.test(value) && !names.has(value);
}

/** Each kind of secret is rotated at another time by another person. */
export const secretOfTwoKinds: Rule = {
  id: 'secret-of-two-kinds',
  severity: 'error',
  meaning: 'No Secret holds two kinds of secrets.',
  *judge(cluster) {
    const named = groupBy(requiredSecrets(cluster.input.stacks), fullName);
    for (const [name, claims] of named) {
      const kinds = [...new Set(claims.map(({ kind }) => kind))];
      if (kinds.length < 2) continue;
      yield {
        resource: claims[0]?.address ?? '',
        problem: `the Secret ${name} is ${kinds.join(' and ')} at once`,
        remedy: 'give each kind a Secret of its own: they are rotated apart',
      };
    }
    yield* foreignKeys(cluster, named);
  },
};

function fullName({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  return `${namespace}/${name}`;
}

/** A key that no Secret of its kind has belongs to another kind. */
function* foreignKeys(
  { pods }: Cluster,
  required: ReadonlyMap<string, readonly RequiredSecret[]>,
): Iterable<Remark> {
  for (const pod of pods) {
    for (const use of pod.secrets) {
      const [secret] = required.get(fullName({ ...use, namespace: pod.namespace })) ?? [];
      if (secret === undefined) continue;
      const keys = keysOf(secret);
      const foreign = use.keys.filter((key) => !keys.includes(key));
      if (foreign.length === 0) continue;
      yield {
        resource: pod.address,
        problem: `the pods of ${pod.owner} read ${foreign.join(', ')} of the Secret ${fullName(secret)}, which as ${secret.kind} has only ${keys.join(', ')}`,
        remedy: 'read that key from a Secret of its own kind',
      };
    }
  }
}

function keysOf({ kind, keys }: RequiredSecret): readonly string[] {
  const known: Readonly<Record<string, { readonly keys: readonly string[] }>> = SECRET_KINDS;
  return Object.hasOwn(known, kind) ? asTexts(known[kind]?.keys) : keys;
}
