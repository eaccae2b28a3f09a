import type { Store } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import { compareAndSwap, conditionalCreate, createAfterDelete, exclusion } from './lock-proofs.ts';
import {
  checksumAccepted,
  checksumChecked,
  clockSkew,
  headAndGetAgree,
  largeBodies,
  listAfterWrite,
  readAfterDelete,
  readAfterWrite,
} from './object-proofs.ts';
import { Obstacle, Probe } from './probe.ts';
import { notRun, type Proof, type ProofResult } from './proof.ts';
import { createAfterDeleteVersioned } from './versioned-scratch.ts';

/** `short`: what a mutation cannot do without, in a second. `full`: everything. */
export type CertificateForm = 'full' | 'short';

interface Trial extends Pick<Proof, 'claim' | 'name' | 'weight'> {
  /** Only the full form tries it. @default false */
  readonly fullOnly?: boolean;
  run(probe: Probe, how: { readonly isFull: boolean; readonly store: Store }): Promise<ProofResult>;
}

const RACES = 5;
const SWAP_RACES = 2;
const READS = 10;
const SHORT_READS = 2;

const TRIALS: readonly Trial[] = [
  {
    name: 'conditional-create',
    weight: 'must',
    claim: 'a second create of one key is refused',
    run: conditionalCreate,
  },
  {
    name: 'create-after-delete',
    weight: 'must',
    claim: 'what was deleted can be made anew, as every second lock is',
    run: createAfterDelete,
  },
  {
    name: 'create-after-delete-versioned',
    weight: 'should',
    claim: 'the same in a bucket that keeps old versions',
    fullOnly: true,
    run: (probe, { store }) => createAfterDeleteVersioned(probe, store),
  },
  {
    name: 'exclusion',
    weight: 'must',
    claim: 'of racing creates exactly one is taken',
    run: (probe, { isFull }) => exclusion(probe, isFull ? RACES : 1),
  },
  {
    name: 'compare-and-swap',
    weight: 'should',
    claim: 'a write over a version that is not the last is refused',
    run: (probe, { isFull }) => compareAndSwap(probe, isFull ? SWAP_RACES : 0),
  },
  {
    name: 'read-after-write',
    weight: 'must',
    claim: 'what was written is what is read next',
    run: (probe, { isFull }) => readAfterWrite(probe, isFull ? READS : SHORT_READS),
  },
  {
    name: 'read-after-delete',
    weight: 'must',
    claim: 'what was deleted is gone at once',
    run: readAfterDelete,
  },
  {
    name: 'head-and-get-agree',
    weight: 'must',
    claim: 'HEAD and GET say the same of an object',
    run: headAndGetAgree,
  },
  {
    name: 'list-after-write',
    weight: 'should',
    claim: 'listings show what was written, and not what was deleted',
    fullOnly: true,
    run: listAfterWrite,
  },
  {
    name: 'large-bodies',
    weight: 'must',
    claim: 'a large state comes back whole',
    fullOnly: true,
    run: largeBodies,
  },
  {
    name: 'checksum-accepted',
    weight: 'must',
    claim: 'the checksum that tofu sends is understood',
    run: checksumAccepted,
  },
  {
    name: 'checksum-checked',
    weight: 'should',
    claim: 'what does not fit its checksum is refused',
    fullOnly: true,
    run: checksumChecked,
  },
  {
    name: 'clock-skew',
    weight: 'should',
    claim: 'the clocks of the store and of this machine agree',
    run: clockSkew,
  },
];

/** What a store was seen to do. */
export interface Proving {
  readonly proofs: readonly Proof[];
  /** As the server calls itself. */
  readonly server: string | undefined;
  readonly keepsVersions: boolean | undefined;
  /** Keys of the proofs that could not be removed. */
  readonly left: readonly string[];
}

/** Tries on a store what it has to do, under keys of its own in one bucket, and removes them whatever happens. */
export async function prove(store: Store, bucket: string, form: CertificateForm): Promise<Proving> {
  const probe = new Probe(store, bucket);
  const isFull = form === 'full';
  const proofs: Proof[] = [];
  let left: string[] = [];
  try {
    for (const trial of TRIALS.filter(({ fullOnly = false }) => isFull || !fullOnly)) {
      const { name, weight, claim } = trial;
      const result = await resultOf(() => trial.run(probe, { isFull, store }));
      proofs.push({ name, weight, claim, ...result });
    }
  } finally {
    left = await probe.cleanUp();
  }
  const keepsVersions = await probe.keepsVersions().catch(() => undefined);
  return { proofs, server: probe.seen.server, keepsVersions, left };
}

async function resultOf(run: () => Promise<ProofResult>): Promise<ProofResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Obstacle || error instanceof StoreTrouble) return notRun(error.message);
    throw error;
  }
}
