import { groupBy } from '../model/grouping.ts';
import { asObject, asText, at } from '../model/json.ts';
import type { JudgedStack } from '../policy-input.ts';
import type { Remark, Rule } from '../rule.ts';

/** Settings of the backend that come from the environment of whoever applies, and never from the JSON. */
const FROM_ENVIRONMENT = [
  'access_key',
  'assume_role',
  'assume_role_with_web_identity',
  'custom_ca_bundle',
  'endpoint',
  'endpoints',
  'http_proxy',
  'https_proxy',
  'insecure',
  'kms_key_id',
  'profile',
  'secret_key',
  'shared_config_files',
  'shared_credentials_file',
  'shared_credentials_files',
  'sse_customer_key',
  'token',
] as const;

/** Checks that only AWS itself passes. */
const SKIPPED = [
  'skip_credentials_validation',
  'skip_metadata_api_check',
  'skip_region_validation',
  'skip_requesting_account_id',
] as const;

/** Two stacks in one state destroy each other. */
export const stateKey: Rule = {
  id: 'state-key',
  severity: 'error',
  meaning: 'Every stack keeps its state under a key of its own.',
  *judge({ input }) {
    const located = input.stacks.flatMap((stack) => {
      const { bucket, key } = asObject(at(stack.json, 'terraform', 'backend', 's3'));
      return key === undefined ? [] : [{ stack, place: `${bucket}/${key}` }];
    });
    for (const [place, sharing] of groupBy(located, (item) => item.place)) {
      if (sharing.length < 2) continue;
      yield {
        resource: `${sharing[1]?.stack.name}: terraform.backend`,
        problem: `${sharing.map(({ stack }) => stack.name).join(' and ')} keep their state under the same key, ${place}`,
        remedy: 'give each stack its own key under state.keys',
      };
    }
  },
};

/** State lives in S3 under a lock, and where the store is and who may enter comes from the environment. */
export const stateBackend: Rule = {
  id: 'state-backend',
  severity: 'error',
  meaning:
    'Every stack keeps its state in S3 with a lock file, names neither address nor credentials of the store, and reads no state of another.',
  *judge({ input }) {
    for (const stack of input.stacks) {
      const remark = (problem: string, remedy: string): Remark => ({
        resource: `${stack.name}: terraform.backend`,
        problem,
        remedy,
      });
      for (const [problem, remedy] of backendProblems(stack)) yield remark(problem, remedy);
      if (at(stack.json, 'data', 'terraform_remote_state') !== undefined) {
        yield remark(
          'reads the state of another stack',
          'share names through the settings: the stacks know each other only by Kubernetes and names',
        );
      }
    }
  },
};

function* backendProblems({ json }: JudgedStack): Iterable<readonly [string, string]> {
  const backends = Object.keys(asObject(at(json, 'terraform', 'backend')));
  if (backends.length !== 1 || backends[0] !== 's3') {
    const what = backends.length === 0 ? 'no backend, so a local file' : backends.join(' and ');
    yield [`keeps its state in ${what}`, 'keep it in S3: every stack extends FlywheelStack'];
    return;
  }
  const settings = asObject(at(json, 'terraform', 'backend', 's3'));
  if (settings.use_lockfile !== true) {
    yield [
      'does not set use_lockfile, so two applies may write at once',
      'set use_lockfile to true',
    ];
  }
  const named = FROM_ENVIRONMENT.filter((name) => settings[name] !== undefined);
  if (named.length > 0) {
    yield [
      `names ${named.join(', ')}`,
      'leave them out: address and credentials reach the backend by the environment of the recipes',
    ];
  }
  const checked = SKIPPED.filter((name) => settings[name] !== true);
  if (checked.length > 0) {
    yield [
      `does not set ${checked.join(', ')}, so a store that is not AWS is refused`,
      'set them to true',
    ];
  }
  for (const name of ['bucket', 'key', 'region']) {
    if ((asText(settings[name]) ?? '') === '') yield [`names no ${name}`, `set state.${name}`];
  }
}
