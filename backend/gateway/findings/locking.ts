import { EXIT } from '../../../console/exit-code.ts';
import { PRESERVE, type Sentences, UNLOCK } from './sentences.ts';

/** What may be found when the lock is taken, looked at or given back. */
export const LOCKING = {
  'lock-lost': [
    EXIT.bad,
    'answered that there is no lock, although this run has taken it',
    '{seen}',
    PRESERVE,
  ],
  'lock-replaced': [
    EXIT.bad,
    'holds the lock of somebody else in place of ours: {seen}',
    'the lock that this run has taken',
    'find out who takes locks by force before anything is applied again',
  ],
  'lock-changed': [EXIT.bad, 'kept other bytes as the lock than it was given', '{seen}', PRESERVE],
  'lock-not-exclusive': [
    EXIT.bad,
    'acknowledged our lock although somebody else has one there: {seen}',
    '412, because the lock was to be made only where there is none',
    'apply nothing here: prove the store with just state-store-certify',
  ],
  'lock-unreadable': [
    EXIT.bad,
    'has something as the lock that cannot be read',
    'a lock as tofu writes it, or none',
    PRESERVE,
  ],
  'lock-never-free': [
    EXIT.bad,
    'refused a lock again and again where it has none ({seen})',
    'the lock to be made where there is none',
    'prove the store with just state-store-certify: on a versioned bucket some take a delete marker for a lock',
  ],
  'lock-unknown': [
    EXIT.pending,
    'did not say what became of our lock: {seen}',
    'the lock to be made, and to be read back',
    UNLOCK,
  ],
  'lock-stays': [
    EXIT.bad,
    'acknowledged that the lock is gone, and still has it',
    'no lock',
    UNLOCK,
  ],
  'lock-left': [EXIT.pending, 'did not give the lock back: {seen}', 'no lock', UNLOCK],
} as const satisfies Readonly<Record<string, Sentences>>;
