import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { claimRange } from '../../../../operations/rehearsal/cluster/addresses.ts';
import { ownClusterAt } from '../../../../operations/rehearsal/cluster/own-cluster.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function claim() {
  const server = createServer();
  servers.push(server);
  return claimRange(server);
}

test('every claim is of a range of its own, all of loopback, without the address of the claim', async () => {
  const claims = [];
  for (let count = 0; count < 10; count += 1) claims.push(await claim());
  const ranges = claims.map(({ serviceRange }) => serviceRange);
  expect(new Set(ranges).size).toBe(ranges.length);
  for (const { serviceRange, address } of claims) {
    expect(serviceRange).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.0\.0\/17$/);
    expect(address.split('.').slice(0, 2)).toEqual(serviceRange.split('.').slice(0, 2));
    expect(Number(address.split('.')[2])).toBeGreaterThanOrEqual(128);
  }
});

test('an address that no cluster of this checkout has is not touched', async () => {
  await expect(ownClusterAt('https://honey.example:6443', 'no-such-folder')).rejects.toThrow(
    'https://honey.example:6443 is no rehearsal cluster of this checkout: rehearsals touch no other\n    take the KUBECONFIG that just cluster up prints',
  );
});
