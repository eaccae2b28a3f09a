import { describe, expect, test } from 'vitest';
import {
  driverEnvironment,
  ignoredVariables,
  usesAws,
} from '../../../backend/tofu/driver-environment.ts';

const GATEWAY = {
  endpoint: 'http://127.0.0.1:4711',
  keys: { accessKeyId: 'RUN', secretAccessKey: 'of-this-run' },
};
const HIDDEN = {
  accessKeyId: 'OPERATOR',
  secretAccessKey: 'secretsecretsecret',
  sessionToken: 'tokentoken',
};

function of(environment: NodeJS.ProcessEnv, usesAwsToo = false, encryption?: string) {
  return driverEnvironment({
    environment,
    gateway: GATEWAY,
    hidden: HIDDEN,
    data: '/checkout/data',
    usesAws: usesAwsToo,
    encryption,
  });
}

describe('the environment of a tofu behind a gateway', () => {
  test('holds a passphrase in one variable only, whatever it is called with the person', () => {
    const passphrase = 'correct horse battery staple';
    const encryption = JSON.stringify({ key_provider: { pbkdf2: { state_2026: { passphrase } } } });
    const given = { STATE_PASSPHRASE: passphrase, NOTE: `it is "${passphrase}"`, PATH: '/bin' };
    const passed = of(given, false, encryption);
    expect(passed.PATH).toBe('/bin');
    const holding = Object.entries(passed).filter(([, value]) => value?.includes(passphrase));
    expect(holding.map(([name]) => name)).toEqual(['TF_ENCRYPTION']);
  });

  test('leads to the gateway and nowhere else', () => {
    expect(
      of({
        PATH: '/bin',
        HOME: '/people/ada',
        KUBE_CONFIG_PATH: '/people/ada/.kube/config',
        AWS_ENDPOINT_URL_S3: 'https://elsewhere',
        AWS_ENDPOINT_URL: 'https://elsewhere',
        AWS_PROFILE: 'ada',
        AWS_CONFIG_FILE: '/people/ada/aws',
        AWS_SESSION_TOKEN: 'x',
        TF_DATA_DIR: '/elsewhere',
        TF_WORKSPACE: 'other',
        TF_CLI_ARGS: '-lock=false',
        TF_ENCRYPTION: '{}',
        TOFU_BACKEND_S3_ENDPOINT: 'https://s3.example.org',
      }),
    ).toEqual({
      PATH: '/bin',
      HOME: '/people/ada',
      KUBE_CONFIG_PATH: '/people/ada/.kube/config',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:4711',
      AWS_ACCESS_KEY_ID: 'RUN',
      AWS_SECRET_ACCESS_KEY: 'of-this-run',
      AWS_EC2_METADATA_DISABLED: 'true',
      TF_DATA_DIR: '/checkout/data',
      TF_IN_AUTOMATION: '1',
      TF_INPUT: '0',
      CHECKPOINT_DISABLE: '1',
    });
  });

  test('holds no key of the store, whatever a variable with it is called', () => {
    const { CI_SECRET, DSN, OTHER } = of({
      CI_SECRET: HIDDEN.secretAccessKey,
      DSN: `s3://x:${HIDDEN.sessionToken}@store`,
      OTHER: 'stays',
    });
    expect({ CI_SECRET, DSN, OTHER }).toEqual({ OTHER: 'stays' });
  });

  test('leaves a provider of AWS the profiles of the person', () => {
    const environment = of({ AWS_CONFIG_FILE: '/people/ada/aws', AWS_PROFILE: 'ada' }, true);
    expect(environment).toMatchObject({ AWS_CONFIG_FILE: '/people/ada/aws' });
    expect(environment).not.toHaveProperty('AWS_SHARED_CREDENTIALS_FILE');
    expect(environment).not.toHaveProperty('AWS_PROFILE');
  });

  test('holds the keys of an encrypted state', () => {
    expect(of({}, false, '{"key_provider":{}}').TF_ENCRYPTION).toBe('{"key_provider":{}}');
  });
});

test('what is not passed on is named, and a configuration that is not there is among it', () => {
  expect(
    ignoredVariables({
      TF_WORKSPACE: 'other',
      TF_CLI_ARGS_plan: '-lock=false',
      TF_CLI_CONFIG_FILE: '/nowhere/tofurc',
      TF_PLUGIN_CACHE_DIR: '/cache',
      TF_HTTP_ADDRESS: 'https://x',
      TF_LOG: '',
      PATH: '/bin',
    }),
  ).toEqual(['TF_CLI_ARGS_plan', 'TF_CLI_CONFIG_FILE', 'TF_WORKSPACE']);
});

test('a stack with the provider of AWS is known by its source', () => {
  const required = (source: string) => ({
    terraform: { required_providers: { any: { source, version: '6.27.0' } } },
  });
  expect(usesAws(required('aws'))).toBe(true);
  expect(usesAws(required('registry.opentofu.org/hashicorp/aws'))).toBe(true);
  expect(usesAws(required('helm'))).toBe(false);
});
