import { Testing } from 'cdktf';
import { expect, test } from 'vitest';
import { factsOf } from '../../constructs/facts.ts';
import { defineStacks } from '../../stacks/all-stacks.ts';
import { exampleContext } from '../support/synthesized.ts';

function warnings(example: string): string[] {
  return defineStacks(Testing.app(), exampleContext(example))
    .flatMap((stack) => factsOf(stack, 'warning'))
    .filter(({ subject }) => subject === 'cluster.apiServer.cidrs')
    .map(({ note }) => note);
}

test('says once what the default way to the API server opens', () => {
  expect(warnings('minimal')).toEqual([
    '0.0.0.0/0 lets every pod that uses the Kubernetes API call any address at 443 and 6443, private ones too; managers, the cleanup, the dashboard and an operator lane are such pods: name the addresses of `kubectl get endpointslices -n default`',
  ]);
});

test('has nothing to say where the settings name the API server', () => {
  expect(warnings('tinyland')).toEqual([]);
});
