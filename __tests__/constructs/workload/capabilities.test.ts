import { describe, expect, test } from 'vitest';
import { type Container, podSpec } from '../../../constructs/workload/pod.ts';
import { Image } from '../../../values/image.ts';
import { resources } from '../../../values/resources.ts';
import { refusalOf } from '../../support/refusal.ts';

const CONTAINER: Container = {
  name: 'entry',
  image: Image.of({ name: 'docker.io/library/caddy', tag: '2.11.4', digest: 'unresolved' }),
  resources: resources(['10m', '20m'], ['16Mi', '32Mi']),
};

const pod = (container: Container, weaken = {}) =>
  podSpec({ containers: [container], uid: 1000, serviceAccount: 'entry', token: false, weaken });

describe('the capabilities of a container', () => {
  test('are all dropped', () => {
    expect(pod(CONTAINER).container).toMatchObject([
      { securityContext: { capabilities: { drop: ['ALL'] } } },
    ]);
  });

  test('get the one back that a program demands, where a reason is written', () => {
    const asking = { ...CONTAINER, addCapabilities: ['NET_BIND_SERVICE'] } as const;
    const made = pod(asking, { 'added capabilities': 'its file carries the capability' });
    expect(made.container).toMatchObject([
      { securityContext: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } } },
    ]);
  });

  test('rejects one without a reason', () => {
    const asking = { ...CONTAINER, addCapabilities: ['NET_BIND_SERVICE'] } as const;
    expect(refusalOf(() => pod(asking))).toBe(
      'must carry a reason for the container entry, got ["NET_BIND_SERVICE"]; write it under weaken[\'added capabilities\']',
    );
  });
});
