import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import {
  argumentsOf,
  environmentOf,
  PARTS,
  type Surroundings,
} from '../../../../operations/rehearsal/cluster/parts.ts';
import { GATE_CONDITION, stagesFile } from '../../../../operations/rehearsal/cluster/stages.ts';

const FOLDER = { path: '/f', file: (name: string) => `/f/${name}` };
const SURROUNDINGS = {
  folder: FOLDER as unknown as Surroundings['folder'],
  serviceRange: '127.80.0.0/17',
  ports: { etcd: 1, etcdPeer: 2, api: 3, kubelet: 4 },
  podAccess: true,
} satisfies Surroundings;

describe('the programs of a cluster', () => {
  test.each(PARTS)('keep %s to this machine and to the folder', (part) => {
    const args = argumentsOf(part, SURROUNDINGS);
    const addresses = args.join(' ').match(/\d+\.\d+\.\d+\.\d+/g) ?? [];
    for (const address of addresses) expect(address).toMatch(/^127\.|^198\.1[89]\./);
    for (const path of args.join(' ').match(/=\/\S+/g) ?? []) expect(path).toMatch(/^=\/f\//);
    expect(environmentOf(part, SURROUNDINGS.folder)).toMatchObject({ HOME: '/f', TMPDIR: '/f' });
    expect(Object.keys(environmentOf(part, SURROUNDINGS.folder)).join()).not.toMatch(/proxy/i);
  });

  test('answer logs and exec only when they are asked to', () => {
    const without = argumentsOf('kwok', { ...SURROUNDINGS, podAccess: false }).join(' ');
    expect(without).not.toMatch(/server-address|node-port/);
    expect(argumentsOf('kwok', SURROUNDINGS)).toContain('--server-address=127.0.0.1:4');
  });

  test('leave kwok no other program to find than those that may be run in a pod', () => {
    expect(environmentOf('kwok', SURROUNDINGS.folder).PATH).toBe('/f/commands');
  });

  test('give Services loopback addresses, so that no webhook is called elsewhere', () => {
    expect(argumentsOf('kube-apiserver', SURROUNDINGS)).toContain(
      '--service-cluster-ip-range=127.80.0.0/17',
    );
  });
});

describe('the stages of kwok', () => {
  const stages = parseAllDocuments(stagesFile()).map((document) => document.toJS());

  test('let a pod run only with the condition of the gate', () => {
    const running = stages.find(({ metadata }) => metadata.name === 'pod-running');
    const conditions = running.spec.selector.matchExpressions.filter(({ key }: { key: string }) =>
      key.includes(GATE_CONDITION),
    );
    expect(conditions).toEqual([{ key: expect.any(String), operator: 'In', values: ['True'] }]);
    const makeReady = stages.filter(
      ({ spec }) =>
        /type: "?Ready|list .*"Ready"/.test(spec.next.statusTemplate ?? '') &&
        /phase: Running/.test(spec.next.statusTemplate),
    );
    expect(makeReady.map(({ metadata }) => metadata.name)).toEqual(['pod-running']);
  });

  test('end only pods of jobs', () => {
    const done = stages.filter(({ spec }) => /Succeeded/.test(spec.next.statusTemplate ?? ''));
    expect(done).toHaveLength(1);
    expect(JSON.stringify(done[0].spec.selector)).toContain('"values":["Job"]');
  });
});
