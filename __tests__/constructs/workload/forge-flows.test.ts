import { expect, test } from 'vitest';
import {
  forgeFlows,
  forgePort,
  privateForgeFlows,
} from '../../../constructs/workload/forge-flows.ts';
import { NETWORK } from '../../support/synthesized.ts';

const PUBLIC = { url: 'https://github.com/example', cidrs: [] };
const OWN = { url: 'https://github.example.org:8443/example', cidrs: ['10.1.0.0/16'] };

test('the port of a forge is that of its address', () => {
  expect([PUBLIC, OWN].map(forgePort)).toEqual([443, 8443]);
});

test('forges are reached on the internet at their ports, and at the private addresses named for them', () => {
  expect(forgeFlows(NETWORK, OWN, PUBLIC, PUBLIC)).toEqual([
    {
      peer: { kind: 'addresses', cidrs: ['0.0.0.0/0'], except: NETWORK.privateRanges },
      ports: [{ port: 443 }, { port: 8443 }],
    },
    { peer: { kind: 'addresses', cidrs: ['10.1.0.0/16'] }, ports: [{ port: 8443 }] },
  ]);
});

test('no forge needs no way, and one on the internet no private way', () => {
  expect(forgeFlows(NETWORK)).toEqual([]);
  expect(privateForgeFlows(PUBLIC)).toEqual([]);
});
