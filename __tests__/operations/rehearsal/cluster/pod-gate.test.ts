import type { V1Pod } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { statusChange } from '../../../../operations/rehearsal/cluster/pod-gate.ts';
import type { MissingReference } from '../../../../operations/rehearsal/cluster/references.ts';
import { GATE_CONDITION } from '../../../../operations/rehearsal/cluster/stages.ts';

const POD: V1Pod = {
  metadata: { name: 'pod', namespace: 'ns' },
  spec: {
    initContainers: [
      { name: 'first', image: 'a:1' },
      { name: 'second', image: 'a:1' },
    ],
    containers: [
      { name: 'main', image: 'b:1' },
      { name: 'side', image: 'c:1' },
    ],
  },
};
const WITHOUT_INIT: V1Pod = {
  ...POD,
  spec: { containers: [...(POD.spec?.containers ?? [])] },
};

function lack(container: string | undefined, message = 'secret "s" not found'): MissingReference {
  return { reason: 'CreateContainerConfigError', container, message };
}

/** Why each container waits, container by container. */
function reasons(pod: V1Pod, missing: readonly MissingReference[]) {
  const status = statusChange(pod, missing) as NonNullable<V1Pod['status']>;
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return Object.fromEntries(all.map(({ name, state }) => [name, state?.waiting?.reason]));
}

describe('a pod', () => {
  test('that lacks nothing gets the condition on which it runs, and nothing else', () => {
    const change = statusChange(POD, []);
    expect(change).toEqual({
      conditions: [
        {
          type: GATE_CONDITION,
          status: 'True',
          message: '',
          lastTransitionTime: expect.any(String),
        },
      ],
    });
  });

  test('that lacks something for one container names it there, and is not ready', () => {
    expect(statusChange(WITHOUT_INIT, [lack('side')])).toMatchObject({
      phase: 'Pending',
      conditions: [
        { type: GATE_CONDITION, status: 'False', message: 'secret "s" not found' },
        { type: 'ContainersReady', status: 'False' },
        {
          type: 'Ready',
          status: 'False',
          message: 'containers with unready status: [main side]',
        },
      ],
      containerStatuses: [
        { name: 'main', ready: false, state: { waiting: { reason: 'ContainerCreating' } } },
        {
          name: 'side',
          ready: false,
          state: {
            waiting: { reason: 'CreateContainerConfigError', message: 'secret "s" not found' },
          },
        },
      ],
    });
  });

  test('whose init container cannot start holds up everything after it', () => {
    expect(reasons(POD, [lack('second'), lack('main')])).toEqual({
      first: 'PodInitializing',
      second: 'CreateContainerConfigError',
      main: 'PodInitializing',
      side: 'PodInitializing',
    });
  });

  test('whose volume cannot be mounted starts no container', () => {
    const missing = [{ ...lack(undefined), reason: 'FailedMount' as const }];
    expect(reasons(WITHOUT_INIT, missing)).toEqual({ main: 'FailedMount', side: 'FailedMount' });
  });

  test('is not written to again while the same is missing, and is when something else is', () => {
    const before: V1Pod = {
      ...POD,
      status: {
        conditions: [{ type: GATE_CONDITION, status: 'False', message: 'secret "s" not found' }],
      },
    };
    expect(statusChange(before, [lack('main')])).toBeUndefined();
    expect(statusChange(before, [lack('main', 'secret "t" not found')])).toBeDefined();
    expect(statusChange(before, [])).toBeDefined();
  });
});
