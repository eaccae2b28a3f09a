import { describe, expect, test } from 'vitest';
import {
  exampleContext,
  type Json,
  resourcesOf,
  synthesizeStacks,
} from '../support/synthesized.ts';

/** How long the pods may take to start, read from what the cluster gets. */
function startupSec(deployment: Json): number {
  const probes = deployment.spec.template.spec.container.flatMap(
    ({ startup_probe }: Json) => startup_probe ?? [],
  );
  return probes.reduce(
    (sum: number, probe: Json) => sum + probe.period_seconds * probe.failure_threshold,
    0,
  );
}

function waitedFor(example: string): Json[] {
  return Object.values(synthesizeStacks(exampleContext(example)))
    .flatMap((text) => resourcesOf(JSON.parse(text), 'kubernetes_deployment_v1'))
    .filter(({ wait_for_rollout }) => wait_for_rollout);
}

describe.each(['minimal', 'single-node-r2', 'tinyland'])('what %s waits for', (example) => {
  const deployments = waitedFor(example);

  test('is something', () => {
    expect(deployments.map(({ metadata }) => metadata.name)).toContain('attic');
  });

  test.each(deployments.map((deployment) => [deployment.metadata.name, deployment]))(
    'is given up by the cluster after its pods may have started, and by the apply after that: %s',
    (_name, deployment) => {
      const startup = startupSec(deployment);
      const deadline = deployment.spec.progress_deadline_seconds;
      expect(startup).toBeGreaterThan(0);
      expect(deadline).toBeGreaterThan(startup);
      for (const time of [deployment.timeouts.create, deployment.timeouts.update]) {
        expect(time).toMatch(/^\d+s$/);
        expect(Number.parseInt(time, 10)).toBeGreaterThan(deadline);
      }
    },
  );
});
