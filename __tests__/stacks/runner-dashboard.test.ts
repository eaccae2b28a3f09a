import { describe, expect, test } from 'vitest';
import { exampleContext, type Json, named, synthesizeStacks } from '../support/synthesized.ts';

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

  test('has no monitor unless the settings want one', () => {
    expect(dashboard.data).toBeUndefined();
    expect(JSON.stringify(dashboard)).not.toContain('monitoring.coreos.com/v1');
  });

  test('is watched where the settings want it, in a cluster that knows the type', () => {
    const context = exampleContext('tinyland', (settings) => ({
      ...settings,
      monitoring: { ...settings.monitoring, enabled: true },
    }));
    const json = JSON.parse(synthesizeStacks(context)['runner-dashboard'] ?? '{}');
    const release = named(json, 'helm_release', 'monitors-runner-dashboard');
    const [rules, ...others] = JSON.parse(
      release.values[0].replaceAll('{{ "{{" }}', '{{').replaceAll('$${', '${'),
    ).objects;
    expect(others).toEqual([]);
    expect(rules).toMatchObject({
      kind: 'PrometheusRule',
      metadata: { namespace: 'runner-dashboard', labels: { release: 'prometheus' } },
    });
    const alerts = rules.spec.groups.flatMap((group: Json) => group.rules);
    expect(alerts).toMatchObject([
      {
        alert: 'DeploymentUnavailable',
        expr: expect.stringContaining(
          'kube_deployment_status_replicas_available{namespace="runner-dashboard",deployment="runner-dashboard"} == 0',
        ),
      },
    ]);
    expect(release.lifecycle.precondition[0].error_message).toContain(
      'prometheusrules.monitoring.coreos.com',
    );
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
