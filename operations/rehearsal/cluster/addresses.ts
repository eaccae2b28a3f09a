import { randomInt } from 'node:crypto';
import type { Server } from 'node:net';
import { Failure } from '../../../console/failure.ts';
import { type Address, listen, listenAnywhere } from '../ports.ts';

/**
 * Second numbers of 127.x that clusters may have. 127.0 is everybody's, and resolvers like to sit in 127.0.0.53 and below.
 */
const FIRST = 64;
const COUNT = 64;
const CLAIM_PORT = 6443;
const ATTEMPTS = 32;

/**
 * Pods have addresses of the range that is set aside for measuring networks: the API server refuses loopback addresses in
 * EndpointSlices, and to these nothing ever connects.
 */
export const POD_RANGE = '198.18.0.0/15';

/** A part of the loopback range that no other cluster has, for as long as the server that claims it listens. */
export interface ClaimedRange extends Address {
  /** Half of what is claimed, so that no Service gets the address of the claim itself. */
  readonly serviceRange: string;
}

/**
 * Claims a /16 of 127.0.0.0/8 for the Services of a cluster by letting a server listen in it. The claim ends with the
 * process, however it ends, and holds against clusters in other folders too.
 *
 * With Services on loopback, no call of the API server to a webhook or an aggregated API can leave the machine.
 */
export async function claimRange(server: Server): Promise<ClaimedRange> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const second = FIRST + randomInt(COUNT);
    const serviceRange = `127.${second}.0.0/17`;
    const address = `127.${second}.255.254`;
    const code = await listen(server, address, CLAIM_PORT);
    if (code === undefined) return { serviceRange, address, port: CLAIM_PORT };
    // Where only 127.0.0.1 is configured, as on macOS, nothing can be claimed: 64 ranges have to be enough.
    if (code === 'EADDRNOTAVAIL') {
      return { serviceRange, ...(await listenAnywhere(server)) };
    }
    if (code !== 'EADDRINUSE') {
      throw new Failure(`cannot listen on ${address}:${CLAIM_PORT}: ${code}`);
    }
  }
  throw new Failure(
    `none of ${ATTEMPTS} ranges of 127.0.0.0/8 that were tried is free: too many rehearsal clusters run on this machine\n    end those that are not needed: just cluster down --name <name>`,
  );
}
