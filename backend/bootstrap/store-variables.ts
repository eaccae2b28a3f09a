import { Failure } from '../../console/failure.ts';
import { type ClusterClient, objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { asText, at } from '../../policy/model/json.ts';
import { CONFIG_FILE, givenIn, type Said, variable } from '../settings/variables.ts';
import type { StoreInStack } from './store-in-stack.ts';

/** Each key of the store, and where the Secret of a bucket has it. */
const KEYS = {
  ACCESS_KEY_ID: 'access-key-id',
  SECRET_ACCESS_KEY: 'secret-access-key',
} as const satisfies Partial<Record<Said, string>>;

/**
 * What leads to the store of the states that was just deployed: what the environment says, and for what it does not say the
 * address of the store for pods and the keys that the cluster has.
 *
 * The keys stay in this process.
 *
 * @param declared the address that the settings tell to people, which needs no other
 * @throws Failure when the Secret is not there, or may not be read
 */
export async function storeVariables(
  stored: StoreInStack,
  client: ClusterClient,
  environment: NodeJS.ProcessEnv,
  declared: string | undefined,
): Promise<NodeJS.ProcessEnv> {
  const isGiven = (...said: Said[]) =>
    said.some((each) => givenIn(variable(each), environment) !== undefined);
  // A file says all of it, or what it leaves out is told as missing.
  if (givenIn(CONFIG_FILE, environment) !== undefined) return environment;
  const endpoint =
    isGiven('ENDPOINT') || declared !== undefined
      ? {}
      : { [variable('ENDPOINT')]: stored.endpoint };
  const keys = isGiven('ACCESS_KEY_ID', 'SECRET_ACCESS_KEY') ? {} : await keysIn(stored, client);
  return { ...environment, ...endpoint, ...keys };
}

async function keysIn(
  { keys }: StoreInStack,
  client: ClusterClient,
): Promise<Record<string, string>> {
  const secret = await client.get(objectPath('v1', 'secrets', keys));
  const { namespace, name } = keys;
  return Object.fromEntries(
    Object.entries(KEYS).map(([said, key]) => {
      const value = asText(at(secret, 'data', key));
      if (value === undefined) {
        throw new Failure(
          `the Secret ${namespace}/${name} has no ${key}\n    run just secrets-ensure attic`,
        );
      }
      return [variable(said as Said), Buffer.from(value, 'base64').toString()];
    }),
  );
}

/** The lines by which a shell of the operator reaches the store from then on. */
export function shellLines(
  { endpoint, keys }: StoreInStack,
  declared: string | undefined,
): string[] {
  const { namespace, name } = keys;
  const value = (key: string) =>
    `"$(kubectl -n ${namespace} get secret ${name} -o 'jsonpath={.data.${key}}' | base64 -d)"`;
  return [
    ...(declared === undefined ? [`export ${variable('ENDPOINT')}=${endpoint}`] : []),
    ...Object.entries(KEYS).map(([said, key]) => `export ${variable(said as Said)}=${value(key)}`),
  ];
}
