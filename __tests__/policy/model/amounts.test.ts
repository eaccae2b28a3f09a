import { describe, expect, test } from 'vitest';
import { demandOf, effective, shownAmount } from '../../../policy/model/amounts.ts';
import { readObject } from '../../../policy/model/kubernetes-object.ts';
import { type Container, readPod } from '../../../policy/model/pod.ts';

const MIB = 2 ** 20;

function pod(spec: object) {
  const object = readObject(
    { kind: 'Pod', metadata: { name: 'p' } },
    {
      stack: 's',
      address: 's: x',
      origin: 'resource',
      namespace: 'n',
    },
  );
  return readPod({ object, template: { spec }, purpose: 'service', count: { min: 1, max: 1 } });
}

function asks(cpu: string, memory: string, more: object = {}) {
  return { name: cpu, resources: { requests: { cpu, memory }, limits: { cpu, memory } }, ...more };
}

describe('what a pod asks for', () => {
  test('is the sum of its containers', () => {
    const { requests } = demandOf(pod({ containers: [asks('100m', '1Mi'), asks('1', '2Mi')] }), []);
    expect(requests).toEqual({ cpu: 1100, memory: 3 * MIB });
  });

  test('is its largest init container when that asks for more', () => {
    const spec = {
      containers: [asks('100m', '9Mi')],
      initContainers: [asks('2', '1Mi'), asks('1', '4Mi')],
    };
    expect(demandOf(pod(spec), []).requests).toEqual({ cpu: 2000, memory: 9 * MIB });
  });

  test('counts a sidecar beside the containers and beside later init containers', () => {
    const sidecar = asks('500m', '1Mi', { restartPolicy: 'Always' });
    const before = {
      containers: [asks('100m', '1Mi')],
      initContainers: [sidecar, asks('1', '1Mi')],
    };
    const after = {
      containers: [asks('100m', '1Mi')],
      initContainers: [asks('1', '1Mi'), sidecar],
    };
    expect(demandOf(pod(before), []).requests.cpu).toBe(1500);
    expect(demandOf(pod(after), []).requests.cpu).toBe(1000);
  });
});

describe('what a container gets in the end', () => {
  const bounds = [
    {
      address: 'x',
      defaultRequest: { cpu: '1', memory: '1Mi' },
      default: { cpu: '2', memory: '2Mi' },
      max: {},
    },
  ];
  const container = (requests: object, limits: object) => ({ requests, limits }) as Container;

  test.each([
    ['nothing said', {}, {}, { cpu: '1', memory: '1Mi' }, { cpu: '2', memory: '2Mi' }],
    ['a limit said', {}, { cpu: '4' }, { cpu: '4', memory: '1Mi' }, { cpu: '4', memory: '2Mi' }],
    ['a request said', { cpu: '3' }, {}, { cpu: '3', memory: '1Mi' }, { cpu: '2', memory: '2Mi' }],
  ])('with %s', (_, requests, limits, askedFor, allowed) => {
    expect(effective(container(requests, limits), bounds)).toEqual({
      requests: askedFor,
      limits: allowed,
    });
  });

  test('without a limit range a limit is also the request', () => {
    expect(effective(container({}, { cpu: '1' }), [])).toEqual({
      requests: { cpu: '1' },
      limits: { cpu: '1' },
    });
  });
});

test('amounts are shown as people write them', () => {
  expect(shownAmount('cpu', 12_500)).toBe('12.5 CPU');
  expect(shownAmount('memory', 1.5 * 2 ** 30)).toBe('1.5 GiB');
});
