import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import { objectPath } from '../../operations/kubernetes/cluster-client.ts';
import { HttpsClient } from '../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../operations/kubernetes/kube-access.ts';
import { asText, at } from '../../policy/model/json.ts';
import type { SecretPlace } from '../encryption/passphrase.ts';
import { tofuEncryption } from '../encryption/tofu-encryption.ts';

/** The keys of states and plans for tofu; undefined where the settings encrypt nothing, or tofu fetches them itself. */
export function encryptionFor(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const readSecret = async ({ namespace, name, key }: SecretPlace) => {
    const client = new HttpsClient(findCluster(environment));
    const secret = await client.get(objectPath('v1', 'secrets', { namespace, name }));
    const value = asText(at(secret, 'data', key));
    if (value !== undefined) return Buffer.from(value, 'base64').toString('utf8');
    throw new Failure(`the Secret ${namespace}/${name} has no key ${key}`);
  };
  return tofuEncryption(settings, { environment, readSecret });
}
