import { describe, expect, test } from 'vitest';
import type { ManagedNamespace } from '../../../constructs/namespace/managed-namespace.ts';
import {
  ScheduledTask,
  type ScheduledTaskProps,
  Task,
  type TaskProps,
} from '../../../constructs/workload/task.ts';
import { parseCron5 } from '../../../values/cron.ts';
import { Image } from '../../../values/image.ts';
import { resources } from '../../../values/resources.ts';
import {
  type Json,
  NETWORK,
  named,
  resourcesOf,
  synthesizeConstruct,
} from '../../support/synthesized.ts';

const IMAGE = Image.of({ name: 'docker.io/library/tool', tag: '1.0', digest: 'unresolved' });

function minimal(namespace: ManagedNamespace): TaskProps {
  return {
    namespace,
    name: 'ensure',
    labels: { component: 'ensure', partOf: 'test' },
    network: NETWORK,
    uid: 1000,
    containers: [
      { name: 'run', image: IMAGE, resources: resources(['10m', '100m'], ['32Mi', '64Mi']) },
    ],
    to: [],
    deadlineSec: 600,
  };
}

function job(change: Partial<TaskProps> = {}): Json {
  const json = synthesizeConstruct((stack, namespace) => {
    new Task(stack, 'ensure', { ...minimal(namespace), ...change });
  });
  return resourcesOf(json, 'kubernetes_job_v1')[0];
}

function cronJob(change: Partial<ScheduledTaskProps> = {}): Json {
  const json = synthesizeConstruct((stack, namespace) => {
    new ScheduledTask(stack, 'nightly', {
      ...minimal(namespace),
      schedule: parseCron5('0 2 * * *'),
      ...change,
    });
  });
  return named(json, 'kubernetes_cron_job_v1', 'ensure');
}

describe('Task', () => {
  test('is waited for, with a bound, and fails the apply when it fails (W-B8)', () => {
    expect(job()).toMatchObject({
      wait_for_completion: true,
      timeouts: { create: '660s', update: '660s' },
      spec: { active_deadline_seconds: 600, backoff_limit: 4 },
    });
  });

  test('never removes itself, or the next apply would run it again (W-B8)', () => {
    expect(job().spec.ttl_seconds_after_finished).toBeUndefined();
  });

  test('is another Job when it does something else, and the same one when it does not', () => {
    const name = (change: Partial<TaskProps> = {}) => job(change).metadata.name;
    expect(name()).toMatch(/^ensure-[0-9a-f]{10}$/);
    expect(name()).toBe(name());
    expect(name({ restartOn: { script: 'a' } })).not.toBe(name({ restartOn: { script: 'b' } }));
    expect(name({ deadlineSec: 601 })).not.toBe(name());
  });

  test('is called by nobody and calls only whom it declares', () => {
    const json = synthesizeConstruct(
      (stack, namespace) => void new Task(stack, 'ensure', minimal(namespace)),
    );
    const policy = named(json, 'kubernetes_network_policy_v1', 'ensure').spec;
    expect(policy.policy_types).toEqual(['Ingress', 'Egress']);
    expect(policy.ingress).toBeUndefined();
    expect(policy.egress).toHaveLength(1);
  });

  test('is as hardened as a workload (W-C9)', () => {
    expect(job().spec.template.spec).toMatchObject({
      restart_policy: 'OnFailure',
      automount_service_account_token: false,
      security_context: { run_as_non_root: true, seccomp_profile: { type: 'RuntimeDefault' } },
    });
  });
});

describe('ScheduledTask', () => {
  test('runs on its schedule, never twice at a time, and cleans up behind itself (L7)', () => {
    expect(cronJob().spec).toMatchObject({
      schedule: '0 2 * * *',
      suspend: false,
      concurrency_policy: 'Forbid',
      job_template: { spec: { active_deadline_seconds: 600, ttl_seconds_after_finished: '86400' } },
    });
  });

  test('can be defined and not run', () => {
    expect(cronJob({ suspended: true }).spec.suspend).toBe(true);
  });
});
