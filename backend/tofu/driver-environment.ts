import { existsSync } from 'node:fs';
import { requiredProviders } from '../../operations/providers/required-providers.ts';
import { tofuEnvironment } from '../../operations/tofu/tofu-environment.ts';
import { asObject, asText, at } from '../../policy/model/json.ts';
import type { StoreKeys } from '../store/store-access.ts';

/** What a tofu behind a gateway is given. */
export interface DriverEnvironment {
  /** That of the person. */
  readonly environment: NodeJS.ProcessEnv;
  /** The gateway, and its keys of this one run. */
  readonly gateway: { readonly endpoint: string; readonly keys: StoreKeys };
  /** Keys of the store, which must not reach tofu by any name. */
  readonly hidden: StoreKeys | undefined;
  /** Where tofu keeps providers and what it knows of the backend; absolute. */
  readonly data: string;
  /** Whether the stack has a provider with a profile of the person's own AWS configuration. */
  readonly usesAws: boolean;
  /** The value of `TF_ENCRYPTION`, the only place in which tofu is given passphrases. */
  readonly encryption?: string | undefined;
}

/** Files of the person's own AWS configuration, which a provider finds its profile in. */
const AWS_FILES = ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'] as const;
const NOTHING = '/dev/null';

/** The environment of a tofu whose state lies behind a gateway: of the state's store it knows nothing else. */
export function driverEnvironment(options: DriverEnvironment): NodeJS.ProcessEnv {
  const { environment, gateway, data, usesAws, encryption } = options;
  const kept = Object.entries(withoutSecrets(environment, options));
  const files = AWS_FILES.map((name) => [name, usesAws ? environment[name] : NOTHING] as const);
  return {
    ...Object.fromEntries([...kept, ...files.filter(([, value]) => value !== undefined)]),
    AWS_ENDPOINT_URL_S3: gateway.endpoint,
    AWS_ACCESS_KEY_ID: gateway.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: gateway.keys.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    TF_DATA_DIR: data,
    ...(encryption === undefined ? {} : { TF_ENCRYPTION: encryption }),
  };
}

/** What any tofu of a stack is given of the environment of a person: neither keys of the store nor passphrases, by whatever name. */
export function withoutSecrets(
  environment: NodeJS.ProcessEnv,
  { hidden, encryption }: Pick<DriverEnvironment, 'encryption' | 'hidden'>,
): NodeJS.ProcessEnv {
  const secrets = [hidden?.secretAccessKey, hidden?.sessionToken, ...passphrasesIn(encryption)];
  const kept = Object.entries(tofuEnvironment(environment)).filter(
    ([name, value]) => !holdsOne(value ?? '', secrets) && !isMissingFile(name, value),
  );
  return Object.fromEntries(kept);
}

/** True for a stack that has a provider with a profile of the person's own AWS configuration. */
export function usesAws(json: unknown): boolean {
  return requiredProviders(json).some(({ address }) => address.endsWith('/hashicorp/aws'));
}

/** The settings of tofu in an environment that a recipe does not pass on: they would change what a command means. */
export function ignoredVariables(environment: NodeJS.ProcessEnv): string[] {
  const passed = tofuEnvironment(environment);
  return Object.keys(environment)
    .filter((name) => /^TF_(?!HTTP_)/.test(name) && environment[name] !== '')
    .filter((name) => passed[name] !== environment[name] || isMissingFile(name, environment[name]))
    .sort();
}

function holdsOne(value: string, secrets: readonly (string | undefined)[]): boolean {
  return secrets.some((secret) => secret !== undefined && secret !== '' && value.includes(secret));
}

/** Tofu is given them in one variable: under the name that they have with the person, they would reach every program it starts. */
function passphrasesIn(encryption: string | undefined): (string | undefined)[] {
  if (encryption === undefined) return [];
  const keys = asObject(at(JSON.parse(encryption), 'key_provider', 'pbkdf2'));
  return Object.values(keys).map((key) => asText(at(key, 'passphrase')));
}

/** Tofu complains of it on every run, and takes nothing from it. */
function isMissingFile(name: string, value: string | undefined): boolean {
  return name === 'TF_CLI_CONFIG_FILE' && !existsSync(value ?? '');
}
