import { describe, expect, test } from 'vitest';
import { exampleContext, named, synthesizeStacks } from '../support/synthesized.ts';

const dashboard = JSON.parse(
  synthesizeStacks(exampleContext('tinyland'))['runner-dashboard'] ?? '{}',
);

describe('the stack runner-dashboard of tinyland', () => {
  test('keeps its state under the key of the contract (S1, S2, S11)', () => {
    expect(dashboard.terraform.backend).toEqual({
      s3: expect.objectContaining({
        bucket: 'tofu-state',
        key: 'tinyland-infra/runner-dashboard/terraform.tfstate',
        use_lockfile: true,
      }),
    });
  });

  test('reads its credentials from Secrets and holds none of them (W-A3)', () => {
    const [app] = named(dashboard, 'kubernetes_deployment_v1', 'runner-dashboard').spec.template
      .spec.container;
    const secrets = app.env.filter(
      ({ value_from }: { value_from?: object }) => value_from !== undefined,
    );
    expect(secrets.map(({ name }: { name: string }) => name)).toEqual([
      'GITLAB_OAUTH_CLIENT_ID',
      'GITLAB_OAUTH_CLIENT_SECRET',
      'GITLAB_TOKEN',
      'SESSION_SECRET',
    ]);
  });
});
